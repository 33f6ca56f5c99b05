#!/usr/bin/env nextflow

include { BULK } from './modules/bulk'
include { REFERENCE } from './modules/reference'
include { REPORT } from './modules/report'
include { SAMPLES } from './modules/samples'
include { finish ; withdraw } from './modules/ending'
include { help_text ; param_problems ; refuse } from './modules/params'
include { run_facts } from './modules/report/run_facts'

// Which genes has each patient's tumour lost on both alleles, in what share of its cells, and how sure is that?
workflow {
    main:
    if( params.help ) {
        println help_text()
        return
    }
    problems = param_problems(params)
    if( problems ) {
        refuse(problems)
    }

    // Parameters are read here only; the stages get them as a plain map of values.
    settings = params.subMap(params.keySet().toList())

    // Who there is and what each has: [patient: 'P1', tumors: ['P1_T'], lanes: [...], call: [['P1_T', 'P1_N']], ...]
    SAMPLES(settings)

    // Reference files that agree, as value channels: reference.genome, reference.gff, reference.common_snps ...
    REFERENCE(SAMPLES.out.files, SAMPLES.out.aligns)
    reference = REFERENCE.out.getNames().collectEntries { name -> [name, REFERENCE.out.getProperty(name)] }

    // DNA to evidence, a list of files a patient: ['P1', [P1_T.variants.tsv, P1_T.segments.tsv, ...]]
    BULK(SAMPLES.out.patients, reference, settings)

    // Evidence to verdict, page and result folder: ['P1', P1.manifest.json]
    evidence = SAMPLES.out.tables.join(BULK.out.evidence).map { patient, table, files -> [patient, [table] + files] }
    alignments = settings.save_alignments ? BULK.out.alignments : channel.empty()
    REPORT(evidence, alignments, SAMPLES.out.names, reference, settings, run_facts(settings))

    // Manifests come last, when everything else is in its place.
    manifests = []
    REPORT.out.manifests.subscribe { item -> manifests << item }
    SAMPLES.out.names.subscribe { names -> withdraw(settings.outdir, names.analysed) }
    SAMPLES.out.warnings.subscribe { text -> log.warn(text) }
    reference.warnings.subscribe { texts -> texts.each { text -> log.warn(text) } }
    workflow.onComplete = { finish(settings.outdir, manifests) }
}

#!/usr/bin/env nextflow

include { BULK } from './modules/bulk'
include { CELLS } from './modules/cells'
include { COUNT_READS } from './modules/cells/reads'
include { READ_CLINICAL } from './modules/clinical/read_clinical'
include { REFERENCE } from './modules/reference'
include { COUNT ; REPORT } from './modules/report'
include { SAMPLES } from './modules/samples'
include { cohort_folders ; cohort_problems } from './modules/cohort/folders'
include { claim ; finish ; withdraw } from './modules/ending'
include { library_of } from './modules/library'
include { help_text ; param_problems ; refuse } from './modules/params'
include { tell_provenance } from './modules/provenance'
include { run_facts } from './modules/report/run_facts'

// Which genes has each patient's tumour lost on both alleles, in what share of its cells, and how sure is that?
workflow {
    main:
    if( params.help ) {
        println help_text()
        return
    }
    problems = param_problems(params) + (params.cohort ? cohort_problems(params) : [])
    if( problems ) {
        refuse(problems)
    }

    // Parameters are read here only; the stages get them as a plain map of values.
    settings = params.subMap(params.keySet().toList())
    place = claim(settings.outdir)
    if( place.problem ) {
        refuse([place.problem])
    }

    // Patients analysed earlier: how often is what, and together with what?
    if( settings.cohort ) {
        COUNT(channel.value(cohort_folders(settings.cohort)), settings)
        workflow.onComplete = { tell_provenance(settings.outdir, []) ; finish(settings.outdir, []) ; place.lock?.release() }
        return
    }

    // Who there is and what each has: [patient: 'P1', tumors: ['P1_T'], lanes: [...], call: [['P1_T', 'P1_N']], ...]
    SAMPLES(settings)

    // Reference files that agree, as value channels: reference.genome, reference.gff, reference.common_snps ...
    REFERENCE(SAMPLES.out.files, SAMPLES.out.aligns)
    reference = REFERENCE.out.getNames().collectEntries { name -> [name, REFERENCE.out.getProperty(name)] }

    // Reads of single cells to counts: what came as counts and a barcoded BAM passes unchanged
    COUNT_READS(SAMPLES.out.cells, reference, settings)
    cells = COUNT_READS.out.cells

    // DNA to evidence, a list of files a patient: ['P1', [P1_T.variants.tsv, P1_T.segments.tsv, ...]]
    BULK(SAMPLES.out.patients, cells, reference, settings)

    // Single cells to what each is, what it expresses, which arms it lost, which mutations it carries:
    // ['P1', [P1.cells.tsv, ..., copy_number/, S7.cell_genotypes.tsv, ...]]
    CELLS(cells, COUNT_READS.out.evidence, COUNT_READS.out.transgene, SAMPLES.out.beside, BULK.out.evidence, reference, settings)

    // The clinical course: ['P1', [P1.markers.tsv, P1.fish.tsv, ...]]
    READ_CLINICAL(
        SAMPLES.out.clinical.map { patient, files ->
            [patient] + ['table', 'qpcr', 'fish'].collect { name -> files[name] ? file(files[name]) : [] }
        },
        library_of('read_clinical.py'),
    )

    // Evidence to verdict, page and result folder: ['P1', P1.manifest.json]
    evidence = joined(SAMPLES.out.tables, SAMPLES.out.halves, BULK.out.evidence, CELLS.out.evidence, READ_CLINICAL.out)
    alignments = settings.save_alignments ? BULK.out.alignments : channel.empty()
    REPORT(evidence, alignments, SAMPLES.out.names, SAMPLES.out.inputs, reference, settings, run_facts(settings))

    // Manifests come last, when everything else is in its place.
    manifests = []
    crates = []
    REPORT.out.manifests.subscribe { item -> manifests << item }
    REPORT.out.crate.subscribe { crate -> crates << crate }
    SAMPLES.out.names.subscribe { names -> withdraw(settings.outdir, names.analysed) }
    SAMPLES.out.warnings.subscribe { text -> log.warn(text) }
    COUNT_READS.out.warnings.subscribe { text -> log.warn(text) }
    reference.warnings.subscribe { texts -> texts.each { text -> log.warn(text) } }
    workflow.onComplete = { tell_provenance(settings.outdir, crates) ; finish(settings.outdir, manifests) ; place.lock?.release() }
}

// All halves of a patient once the last is there: ['P1', samples.tsv, [files of dna/], [of cells/], [of clinical/]]
def joined(tables, halves, dna, cells, clinical) {
    return dna.map { patient, files -> [patient, [dna: files]] }
        .mix(cells.map { patient, files -> [patient, [cells: files]] })
        .mix(clinical.map { patient, files -> [patient, [clinical: [files].flatten()]] })
        .combine(halves, by: 0)
        .map { patient, files, names -> [groupKey(patient, names.size()), files] }
        .groupTuple()
        .map { patient, parts -> [patient.toString(), parts.inject([:]) { all, part -> all + part }] }
        .join(tables)
        .map { patient, all, table -> [patient, table] + ['dna', 'cells', 'clinical'].collect { name -> by_name(all[name]) } }
}

def by_name(files) {
    return (files ?: []).toSorted { path -> path.name }
}

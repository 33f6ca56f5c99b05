include { ANNOTATE } from './annotate'
include { ANNOTATE_VEP } from './annotate_vep'
include { CALL_GERMLINE } from './call_germline'
include { GENOTYPE } from './genotype'
include { library_of } from '../library'
include { owners ; with_normal } from './plan'

// Consequences of somatic and germline variants, and their reads in every tumour of the patient.
workflow VARIANTS {
    take:
    patients
    bams
    calls // ['P1_T', 'P1_N', vcf, tbi]
    given // calls made elsewhere, ['P1_N', vcf, tbi] among them
    reference
    settings // annotator, vep_release, vep_cache, vep_assembly

    main:
    // germline variants of panel genes, called here or elsewhere: ['P1_N', vcf, tbi]
    CALL_GERMLINE(patients.flatMap { patient -> patient.germline }.join(bams), reference.genome, reference.panel_regions)
    germline = CALL_GERMLINE.out.mix(patients.flatMap { patient -> patient.given_germline }.join(given))

    // [sample, origin, tumour, normal, vcf, tbi], e.g. ['P1_N', 'germline', '', 'P1_N', vcf, tbi]
    somatic = calls.map { tumor, normal, vcf, tbi -> [tumor, 'somatic', tumor, normal, vcf, tbi] }
    inherited = germline.map { normal, vcf, tbi -> [normal, 'germline', '', normal, vcf, tbi] }
    found = somatic.mix(inherited)
    ANNOTATE_VEP(
        settings.annotator == 'vep' ? found : channel.empty(),
        reference.genome,
        reference.gff,
        settings.vep_cache ? file(settings.vep_cache) : [],
        settings.vep_assembly,
        settings.vep_release,
    )
    ANNOTATE(
        by_annotator(settings.annotator == 'vep' ? ANNOTATE_VEP.out : found, patients, settings.annotator),
        reference.genome,
        reference.gff,
        reference.panel,
        reference.damaging,
        reference.missense_scores.map { files -> [files, settings.missense_column, settings.missense_least == null ? '' : settings.missense_least] },
        reference.contigs,
        library_of('annotate_variants.py'),
    )

    // all variants of a patient, counted in each of its tumours: ['P1', [P1_N.germline.variants.tsv, P1_T.variants.tsv]]
    variants = ANNOTATE.out
        .combine(owners(patients, 'n_variants'), by: 0)
        .map { _sample, _origin, table, _maf, owner -> [owner, table] }
        .groupTuple()
        .map { owner, tables -> [owner.toString(), tables.toSorted { table -> table.name }] }
    counted = patients.flatMap { patient -> patient.genotype }
        .combine(variants, by: 0)
        .map { _patient, tumor, normal, tables -> [tumor, normal, tables] }
    pairs = with_normal(counted.map { tumor, normal, _tables -> [tumor, normal] }, bams)
        .map { tumor, _normal, files -> [tumor, files.collect { pair -> pair[0] }, files.collect { pair -> pair[1] }] }
    GENOTYPE(
        pairs.join(counted.map { tumor, _normal, tables -> [tumor, tables] }),
        reference.genome,
        reference.panel,
        library_of('genotype_variants.py'),
    )

    tumor_tables = ANNOTATE.out.filter { item -> item[1] == 'somatic' }.map { tumor, _origin, table, _maf -> [tumor, table] }
    evidence = ANNOTATE.out
        .map { sample, _origin, table, maf -> [sample, [table, maf]] }
        .mix(GENOTYPE.out.map { tumor, genotypes, others -> [tumor, [genotypes, others]] })
    somatic = tumor_tables
    genotypes = GENOTYPE.out.map { tumor, table, _others -> [tumor, table] }
    germline = ANNOTATE.out.filter { item -> item[1] == 'germline' }.map { normal, _origin, table, _maf -> [normal, table] }

    emit:
    somatic // ['P1_T', P1_T.variants.tsv]
    genotypes // ['P1_T', P1_T.genotypes.tsv]
    germline // ['P1_N', P1_N.germline.variants.tsv]
    evidence
}

// Calls with who tells their consequences: of `given` only those that came with the samplesheet, csq tells the others.
def by_annotator(calls, patients, annotator) {
    def came = patients.flatMap { patient -> patient.given.collect { item -> item[0] } }.toList().map { names -> [names] }
    return calls.combine(came).map { call ->
        call.take(6) + [annotator == 'given' && !(call[0] in call[6]) ? 'csq' : annotator]
    }
}

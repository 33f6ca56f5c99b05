include { COUNT_SNPS } from './count_snps'
include { ESTIMATE_CLONALITY } from './estimate_clonality'
include { FINGERPRINT } from './fingerprint'
include { SEGMENT_COPY_NUMBER } from './segment_copy_number'
include { library_of } from '../library'
include { owners } from './plan'

// Allele-specific copy number, purity and ploidy, and in what share of the tumour cells each mutation sits.
workflow COPY_NUMBER {
    take:
    patients
    cells
    bams
    somatic // ['P1_T', P1_T.variants.tsv]
    genotypes // ['P1_T', P1_T.genotypes.tsv]
    germline // ['P1_N', P1_N.germline.variants.tsv]
    reference

    main:
    // the alignments of a patient by sample: ['P1', [P1_N: [P1_N.bam, P1_N.bam.bai], P1_T: [...]]]
    of_patient = bams
        .combine(owners(patients, 'n_reads'), by: 0)
        .map { sample, bam, bai, owner -> [owner, sample, [bam, bai]] }
        .groupTuple()
        .map { owner, samples, files -> [owner.toString(), [samples, files].transpose().collectEntries()] }
    counted = patients.flatMap { patient -> patient.count } // ['P1', 'P1_N', ['P1_T1', 'P1_T2'], 'female', '--purity P1_T1=0.6']
    COUNT_SNPS(
        counted.join(of_patient).map { patient, normal, tumors, _sex, _fixed, files ->
            [patient, files[normal][0], tumors.collect { tumor -> files[tumor][0] }, ([normal] + tumors).collect { name -> files[name][1] }]
        },
        reference.genome,
        reference.common_snps,
        library_of('count_snps.py'),
    )

    // one counts file a patient: ['P1', ['P1_T1', 'P1_T2'], P1.snp_counts.csv.gz], with the cells that have a barcoded BAM
    counts_of = counted
        .join(COUNT_SNPS.out)
        .map { patient, _normal, tumors, _sex, _fixed, counts -> [patient, tumors, counts] }
        .mix(patients.filter { patient -> !patient.count && patient.given_counts }
            .map { patient -> [patient.patient, patient.given_counts[0][0], patient.given_counts[0][3]] })
    // ['P1', ['S7'], [S7.bam], [S7.bam.bai]], empty lists where no cells have a barcoded BAM
    barcoded = patients.filter { patient -> !patient.barcoded }.map { patient -> [patient.patient, [], [], []] }
        .mix(
            cells
                .map { patient, samples -> [patient, samples.findAll { cell -> cell.bam }] }
                .filter { _patient, samples -> samples }
                .map { patient, samples ->
                    [patient, samples.collect { cell -> cell.sample }] +
                        ['bam', 'bam_index'].collect { name -> samples.collect { cell -> file(cell[name]) } }
                }
        )
    FINGERPRINT(
        counts_of.join(patients.flatMap { patient -> patient.fingerprint }).join(barcoded),
        reference.common_snps,
        library_of('fingerprint_samples.py'),
    )

    // tumours of one counts file, in its order: [['P1_T1', 'P1_T2'], 'female', '--purity P1_T1=0.6', P1.snp_counts.csv.gz]
    groups = counted
        .join(COUNT_SNPS.out)
        .map { _patient, _normal, tumors, sex, fixed, counts -> [tumors, sex, fixed, counts] }
        .mix(patients.flatMap { patient -> patient.given_counts })
    SEGMENT_COPY_NUMBER(
        groups,
        reference.genes,
        reference.gff,
        reference.panel,
        reference.genome,
        reference.contigs,
        reference.copy_number_normals,
        library_of('segment_copy_number.py'),
    )

    // every tumour with its solutions: ['P1_T', P1_T.solutions.tsv, P1_T.purity_ploidy.json]
    solutions = SEGMENT_COPY_NUMBER.out.solutions.flatMap { tumors, tables, summaries ->
        tumors.collect { tumor ->
            [tumor, [tables].flatten().find { path -> path.name == "${tumor}.solutions.tsv" },
                [summaries].flatten().find { path -> path.name == "${tumor}.purity_ploidy.json" }]
        }
    }
    // reads at the mutations of all tumours, and inherited variants, [] for a tumour or patient that has none
    counted_there = genotypes.mix(patients.flatMap { patient -> patient.not_genotyped.collect { tumor -> [tumor, []] } })
    inherited = patients
        .flatMap { patient -> patient.inherited.collect { normal -> [normal, patient.patient] } }
        .join(germline)
        .map { _normal, patient, table -> [patient, table] }
        .mix(patients.filter { patient -> !patient.inherited }.map { patient -> [patient.patient, []] })
    // all tumours of a patient at once, by name:
    // ['P1', ['P1_T1', 'P1_T2'], [variants], [solutions], [purity_ploidy], [genotypes], P1_N.germline.variants.tsv]
    clonality = patients
        .flatMap { patient ->
            patient.clonality.collect { tumor -> [tumor, groupKey(patient.patient, patient.clonality.size())] }
        }
        .join(somatic)
        .join(solutions)
        .join(counted_there)
        .map { tumor, patient, variants, table, summary, reads -> [patient, [tumor, variants, table, summary, reads]] }
        .groupTuple()
        .map { patient, rows ->
            def sorted = rows.toSorted { row -> row[0] }
            [patient.toString()] + (0..4).collect { column -> sorted.collect { row -> row[column] } }
        }
        .map { item -> item.take(5) + [item[5].flatten()] }
        .join(inherited)
    ESTIMATE_CLONALITY(clonality, library_of('estimate_clonality.py'))

    evidence = SEGMENT_COPY_NUMBER.out.evidence
        .map { tumors, files -> [tumors[0], files] }
        .mix(counted.join(COUNT_SNPS.out).map { item -> [item[2][0], [item[5]]] })
        .mix(ESTIMATE_CLONALITY.out.map { tumors, tables -> [tumors[0], [tables].flatten()] })
        .mix(FINGERPRINT.out.map { tumors, table -> [tumors[0], [table]] })

    emit:
    evidence
}

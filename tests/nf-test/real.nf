include { ALIGN_LANE } from '../../modules/bulk/align_lane'
include { ANALYSE_CELLS } from '../../modules/cells/analyse_cells'
include { COUNT_SNPS } from '../../modules/bulk/count_snps'
include { POSTPROCESS } from '../../modules/bulk/postprocess'
include { PREPARE_REFERENCE } from '../../modules/reference/prepare_reference'
include { READ_CLINICAL } from '../../modules/clinical/read_clinical'
include { SEGMENT_COPY_NUMBER } from '../../modules/bulk/segment_copy_number'
include { SIMULATE } from '../../modules/samples/simulate'

// Processes of each room on real files: the tiny patient, from reads to copy number, its cells and its course.
workflow REAL {
    take:
    preset

    main:
    SIMULATE(preset, 1, '')
    patient = SIMULATE.out.first()
    snps = patient.map { folder -> ['', '.tbi'].collect { end -> folder.resolve("reference/common_snps.vcf.gz${end}") } }
    panel = patient.map { folder -> folder.resolve('panel.tsv') }
    genome = patient.map { folder -> folder.resolve('reference/genome.json') }
    PREPARE_REFERENCE(
        patient.map { folder -> folder.resolve('reference/genome.fa') },
        patient.map { folder -> folder.resolve('reference/genes.gff3') },
        patient.map { folder -> folder.resolve('reference/targets.bed') },
        snps, snps, [], snps, panel, genome, true, '',
    )
    ALIGN_LANE(
        patient.flatMap { folder ->
            [['P1_N', 'L1'], ['P1_T', 'L1'], ['P1_T', 'L2']].collect { sample, lane ->
                [sample, lane] + ['R1', 'R2'].collect { end -> folder.resolve("fastq/${sample}_${lane}_${end}.fastq.gz") }
            }
        },
        PREPARE_REFERENCE.out.index,
        '',
    )
    POSTPROCESS(
        ALIGN_LANE.out.groupTuple(sort: true),
        PREPARE_REFERENCE.out.genome,
        PREPARE_REFERENCE.out.targets,
        [],
        PREPARE_REFERENCE.out.gff,
        panel,
        10,
        false,
        '',
    )
    COUNT_SNPS(
        POSTPROCESS.out.bam.toSortedList { a, b -> a[0] <=> b[0] }.map { bams -> // the normal's name comes first
            ['P1', bams[0][1], [bams[1][1]], bams.collect { bam -> bam[2] }]
        },
        PREPARE_REFERENCE.out.genome,
        PREPARE_REFERENCE.out.common_snps,
        '',
    )
    SEGMENT_COPY_NUMBER(
        COUNT_SNPS.out.map { _patient, counts -> [['P1_T'], 'female', '', counts] },
        patient.map { folder -> folder.resolve('reference/genes.tsv') },
        PREPARE_REFERENCE.out.gff,
        panel,
        PREPARE_REFERENCE.out.genome,
        genome,
        [],
        '',
    )
    READ_CLINICAL(
        patient.map { folder -> ['P1'] + ['markers', 'qpcr', 'fish'].collect { name -> folder.resolve("clinical/${name}.csv") } },
        '',
    )
    ANALYSE_CELLS(
        patient.map { folder ->
            ['P1', ['sample\ttimepoint\tday\tfraction\tmatrix\tmetadata\traw_matrix\tsex', 'S1\tenrolment\t-10\tCD138-\tmatrix1/S1.h5\t\t\t',
                    'S7\trelapse\t280\tBMMC\tmatrix2/S7\t\t\t'],
                ['S1.h5', 'S7'].collect { name -> folder.resolve("cells/${name}") }, [], [], '']
        },
        panel, [], [], [], '',
    )

    counts = COUNT_SNPS.out.map { _patient, file -> file }
    copy_number = SEGMENT_COPY_NUMBER.out.evidence.map { _tumors, files -> tables(files) }
    clinical = READ_CLINICAL.out.map { _patient, files -> tables(files) }
    cells = ANALYSE_CELLS.out.evidence.map { _patient, files -> tables(files) }

    emit:
    counts
    copy_number
    clinical
    cells
}

// Tables are the same bytes in every run, pictures and h5ad need not be.
def tables(files) {
    return files.findAll { path -> path.name.endsWith('.tsv') }.toSorted { path -> path.name }
}

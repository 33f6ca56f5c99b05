include { COUNT_CELLS } from './count_cells'
include { INDEX_CELLS } from './index_cells'
include { library_of } from '../library'

// Samples of cells that came as reads are counted; from there on they are like those that came as a matrix and a BAM.
workflow COUNT_READS {
    take:
    samples // ['P1', [[sample: 'S1', lanes: [...], matrix: null, ...], ...]]
    reference // value channels by name
    settings // plain values, e.g. [chemistry: 'auto', save_alignments: false]

    main:
    kinds = samples.branch { _patient, cells ->
        reads: cells.any { cell -> cell.lanes }
        counts: true
    }
    // ['P1', 'S7', [L1_R1.fastq.gz, ...], [L1_R2.fastq.gz, ...]]
    lanes = kinds.reads.flatMap { patient, cells ->
        read_samples(cells).collect { cell ->
            [patient, cell.sample] + ['fastq_1', 'fastq_2'].collect { name -> cell.lanes.collect { lane -> file(lane[name]) } }
        }
    }
    needed = lanes.map { _item -> true }.first()
    INDEX_CELLS(
        needed.combine(reference.genome.map { files -> [files] }).map { _needed, files -> files },
        reference.gff,
        reference.transgene,
        library_of('prepare_cell_reference.py'),
    )
    COUNT_CELLS(
        lanes,
        INDEX_CELLS.out.index.first(),
        reference.barcode_whitelist,
        settings.chemistry,
        library_of('count_cells.py'),
    )

    // [['CAR'], 'yes'] or, without transgene or reads, [[], null]
    transgene = INDEX_CELLS.out.transgenes.map { table -> told_of(table) }.ifEmpty([[], null]).first()

    warnings = transgene.flatMap { _names, end -> warnings_of(end) }

    // ['P1', [[S7, S7.filtered/, S7.raw/, S7.cells.bam, S7.cells.bam.bai, S7.cell_reads.tsv], ...]]
    counted = COUNT_CELLS.out
        .combine(kinds.reads.map { patient, cells -> [patient, read_samples(cells).size()] }, by: 0)
        .map { item -> [groupKey(item[0], item[7]), item[1..6]] }
        .groupTuple()
        .map { patient, parts -> [patient.toString(), parts.toSorted { part -> part[0] }] }
    cells = kinds.reads
        .join(counted)
        .map { patient, given, parts -> [patient, given.collect { cell -> with_counts(cell, parts) }] }
        .mix(kinds.counts)

    evidence = counted
        .combine(INDEX_CELLS.out.transgenes.map { table -> [[table].flatten()] }.first())
        .map { patient, parts, table -> [patient, table + parts.collectMany { part -> published(part, settings.save_alignments) }] }
        .mix(kinds.counts.map { patient, _cells -> [patient, []] })

    emit:
    cells // as `samples`; those counted here have matrix, raw_matrix and, where mutations are looked for, bam
    evidence // ['P1', [transgenes.tsv, S7.cell_reads.tsv, S7.filtered/, S7.raw/]]; ['P1', []] where nothing was counted
    transgene // names of the transgene's features, and whether reads of its 3' end can be told (yes, no)
    warnings // lines of text
}

def warnings_of(end) {
    return end == 'no' ? ["--transgene: its 3' end is that of other genes (cells/transgenes.tsv): CAR+ cells are not assessable from reads"] : []
}

def read_samples(cells) {
    return cells.findAll { cell -> cell.lanes }
}

// The sample with what it was counted to.
def with_counts(cell, parts) {
    def part = parts.find { item -> item[0] == cell.sample }
    if( !part ) {
        return cell
    }
    def bam = cell.barcoded ? [bam: part[3], bam_index: part[4]] : [:]
    return cell + [matrix: part[1], raw_matrix: part[2]] + bam
}

def published(part, with_alignment) {
    return [part[1], part[2], part[5]] + (with_alignment ? [part[3], part[4]] : [])
}

// Names of the records of transgenes.tsv, and whether the 3' end of one of them can be told from other genes.
def told_of(table) {
    def rows = [table].flatten().collectMany { path -> path.splitCsv(header: true, sep: '\t') }
    return [rows.collect { row -> row.transgene }, rows ? (rows.any { row -> row.end_seen == 'yes' } ? 'yes' : 'no') : null]
}

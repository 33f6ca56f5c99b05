include { ANALYSE_CELLS } from './analyse_cells'
include { CALL_CELL_COPY_NUMBER } from './call_cell_copy_number'
include { library_of } from '../library'

// From the counts of single cells to what each cell is, what it expresses, and which chromosome arms it lost.
workflow CELLS {
    take:
    samples // ['P1', [[sample: 'S1', day: -10, matrix: '/data/S1', metadata: null, ...], ...]]
    reference // value channels by name
    settings // plain values, e.g. [min_features: 200, pcs: 20, cell_reference: 'B']

    main:
    ANALYSE_CELLS(
        samples.map { patient, cells -> [patient, table_of(cells), paths(cells, 'matrix'), paths(cells, 'metadata')] },
        reference.panel,
        settings.markers ? file(settings.markers) : [],
        options_of(settings),
        library_of('analyse_cells.py'),
    )

    // ['P1', [P1.cells.tsv, ...], P1.cells.h5ad, P1.cell_groups.tsv, P1.cells.tsv]; genes must have positions for their arms to be known:
    // without them copy number is left out, which the report says
    analysed = ANALYSE_CELLS.out.evidence
        .join(ANALYSE_CELLS.out.groups)
        .combine(reference.genes.map { genes -> [genes] })
        .combine(reference.gff.map { gff -> [gff] })
        .branch { patient, files, matrix, groups, cells, genes, gff ->
            placed: genes || gff
                return [patient, files, matrix, groups, cells]
            unplaced: true
                return [patient, [files].flatten()]
        }
    CALL_CELL_COPY_NUMBER(
        analysed.placed.map { patient, _files, matrix, groups, cells -> [patient, matrix, groups, cells] },
        settings.cell_reference,
        reference.genes,
        reference.gff,
        reference.contigs,
        library_of('call_cell_copy_number.py'),
    )

    evidence = analysed.placed
        .map { patient, files, _matrix, _groups, _cells -> [patient, [files].flatten()] }
        .join(CALL_CELL_COPY_NUMBER.out)
        .map { patient, files, folder -> [patient, files + [folder]] }
        .mix(analysed.unplaced)

    emit:
    evidence // ['P1', [P1.cells.tsv, P1.composition.tsv, ..., copy_number/]]
}

// Rows of samples.tsv as analyse_cells.py reads it, with the names that the files get in the task.
def table_of(cells) {
    def rows = [['sample', 'timepoint', 'day', 'fraction', 'matrix', 'metadata']]
    def n_metadata = 0
    cells.eachWithIndex { cell, i ->
        def metadata = cell.metadata ? "metadata${++n_metadata}/${file(cell.metadata).name}" : ''
        def day = cell.day == null ? '' : cell.day
        rows << [cell.sample, cell.timepoint ?: '', day, cell.fraction ?: '', "matrix${i + 1}/${file(cell.matrix).name}", metadata]
    }
    return rows.collect { row -> row.join('\t') }
}

def paths(cells, name) {
    return cells.findAll { cell -> cell[name] }.collect { cell -> file(cell[name]) }
}

def options_of(settings) {
    return [
        '--min-features': settings.min_features,
        '--min-cells': settings.min_cells,
        '--max-mito': settings.max_mito,
        '--n-variable': settings.variable_genes,
        '--n-pcs': settings.pcs,
        '--resolution': settings.resolution,
        '--transgene-feature': settings.transgene_feature == null ? null : "'${settings.transgene_feature}'",
        '--seed': settings.seed,
    ].findAll { _name, value -> value != null }.collect { name, value -> "${name} ${value}" }.join(' ')
}

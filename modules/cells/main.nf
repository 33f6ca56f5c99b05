include { ANALYSE_CELLS } from './analyse_cells'
include { CALL_CELL_COPY_NUMBER } from './call_cell_copy_number'
include { COUNT_CELL_ALLELES } from './count_cell_alleles'
include { GENOTYPE_CELLS } from './genotype_cells'
include { JUDGE_PLASMA_CELLS } from './judge_plasma_cells'
include { library_of } from '../library'
include { quoted } from '../shell'

// From the counts of single cells to what each cell is, what it expresses, which chromosome arms it lost, and, where
// there is a barcoded BAM, which of the DNA's mutations it carries. The DNA's segments are looked for in the cells.
workflow CELLS {
    take:
    samples // ['P1', [[sample: 'S1', day: -10, matrix: '/data/S1', metadata: null, bam: null, ...], ...]]
    counted // ['P1', [files that counting reads made]], [] where nothing was counted
    transgene // value channel: [['CAR'], 'yes'], features counted from reads and whether their 3' end can be told
    beside // ['P1', [tumor: 'P1_T', number: 1, counts: file or []]], the tumour the cells are compared with; ['P1', []] without
    dna // ['P1', [P1_T.variants.tsv, P1_T.segments.tsv, ...]]
    reference // value channels by name
    settings // plain values, e.g. [min_features: 200, pcs: 20, cell_reference: 'B']

    main:
    ANALYSE_CELLS(
        samples.combine(transgene).map { patient, cells, features, end ->
            [patient, table_of(cells)] + ['matrix', 'raw_matrix', 'metadata'].collect { name -> paths(cells, name) } +
                [options_of(settings, cells.any { cell -> cell.lanes } ? features : [], end)]
        },
        reference.panel,
        settings.markers ? file(settings.markers) : [],
        settings.gene_sets ? file(settings.gene_sets) : [],
        settings.label_reference ? file(settings.label_reference) : [],
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

    // ['P1', P1_T.segments.tsv, P1.snp_counts.csv.gz, 1] or ['P1', [], [], 0]
    bulk = beside
        .filter { _patient, tumor -> tumor }
        .join(dna)
        .map { patient, tumor, files ->
            [patient, named(files, "${tumor.tumor}.segments.tsv"), tumor.counts ?: named(files, "${patient}.snp_counts.csv.gz"), tumor.number]
        }
        .mix(beside.filter { _patient, tumor -> !tumor }.map { patient, _tumor -> [patient, [], [], 0] })
    phased = samples.join(bulk).branch { patient, cells, segments, counts, number ->
        yes: segments && counts && cells.any { cell -> cell.bam }
            return [patient, barcoded_of(cells), segments, counts, number]
        no: true
            return [patient, []]
    }
    COUNT_CELL_ALLELES(
        phased.yes
            .join(analysed.placed)
            .map { patient, with_bam, segments, counts, number, _files, _matrix, _groups, cells ->
                [patient] + ['sample', 'bam', 'bam_index'].collect { name -> with_bam.collect { cell -> cell[name] } } +
                    [cells, segments, counts, number]
            },
        reference.genome,
        reference.contigs,
        library_of('count_cell_alleles.py'),
    )
    alleles = COUNT_CELL_ALLELES.out.mix(phased.no) // ['P1', P1.cell_alleles.tsv] or ['P1', []]

    CALL_CELL_COPY_NUMBER(
        analysed.placed
            .join(bulk)
            .join(alleles)
            .map { patient, files, matrix, groups, cells, segments, _counts, _number, table ->
                [patient, matrix, groups, cells, named([files].flatten(), "${patient}.cell_qc.tsv"), segments, table]
            },
        quoted(settings.cell_reference),
        reference.genes,
        reference.gff,
        reference.contigs,
        library_of('call_cell_copy_number.py'),
    )

    copied = analysed.placed
        .map { patient, files, _matrix, _groups, _cells -> [patient, [files].flatten()] }
        .join(CALL_CELL_COPY_NUMBER.out)
        .join(alleles)
        .map { patient, files, folder, table -> [patient, files + [folder] + (table ? [table] : [])] }
        .mix(analysed.unplaced)
    JUDGE_PLASMA_CELLS(
        copied.map { patient, files -> [patient, named(files, "${patient}.cells.h5ad"), named(files, 'copy_number')] },
        reference.panel,
        library_of('judge_plasma_cells.py'),
    )
    told = copied.join(JUDGE_PLASMA_CELLS.out).map { patient, files, tables -> [patient, files + [tables].flatten()] }

    // ['P1', 'S7', S7.bam, S7.bam.bai, 2]: the barcoded BAMs of patients with mutations, with how many there are
    barcoded = samples.flatMap { patient, cells ->
        def with_bam = barcoded_of(cells.findAll { cell -> cell.genotyped })
        with_bam.collect { cell -> [patient, cell.sample, cell.bam, cell.bam_index, with_bam.size()] }
    }
    variants = dna.map { patient, files -> [patient, files.findAll { path -> path.name.endsWith('.variants.tsv') }] }
    GENOTYPE_CELLS(
        barcoded
            .combine(variants, by: 0)
            .combine(told, by: 0)
            .map { patient, sample, bam, index, _n, tables, files ->
                [patient, sample, bam, index, tables, named(files, "${patient}.cells.tsv"), named(files, 'copy_number')]
            },
        reference.genome,
        settings.seed,
        library_of('genotype_cells.py'),
    )

    genotypes = GENOTYPE_CELLS.out
        .combine(barcoded.map { item -> [item[0], item[4]] }.unique(), by: 0)
        .map { patient, tables, n -> [groupKey(patient, n), tables] }
        .groupTuple()
        .map { patient, tables -> [patient.toString(), tables.flatten()] }
    has_bam = samples.map { patient, cells -> [patient, cells.any { cell -> cell.bam && cell.genotyped }] }
    parts = told.join(has_bam).branch { patient, files, bam ->
        waits: bam
            return [patient, files]
        done: true
            return [patient, files]
    }
    evidence = parts.waits
        .join(genotypes)
        .map { patient, files, tables -> [patient, files + tables] }
        .mix(parts.done)
        .join(counted)
        .map { patient, files, more -> [patient, files + more] }

    emit:
    evidence // ['P1', [P1.cells.tsv, P1.composition.tsv, ..., copy_number/, S7.cell_genotypes.tsv, ...]]
}

// Rows of samples.tsv as analyse_cells.py reads it, with the names that the files get in the task.
def table_of(cells) {
    def rows = [['sample', 'timepoint', 'day', 'fraction', 'matrix', 'metadata', 'raw_matrix', 'sex']] + cells.collect { cell ->
        def day = cell.day == null ? '' : cell.day
        def files = [matrix: 'matrix', metadata: 'metadata', raw_matrix: 'raw'].collect { name, folder -> staged(cells, cell, name, folder) }
        [cell.sample, cell.timepoint ?: '', day, cell.fraction ?: ''] + files + [cell.sex ?: '']
    }
    return rows.collect { row -> row.join('\t') }
}

// Where the file of a sample lies in the task: its number is that among the samples that have one, e.g. metadata1/S6.csv.
def staged(cells, cell, name, folder) {
    def samples = cells.findAll { other -> other[name] }.collect { other -> other.sample }
    return cell[name] ? "${folder}${samples.indexOf(cell.sample) + 1}/${file(cell[name]).name}".toString() : ''
}

// Samples with a barcoded BAM: [[sample: 'S7', bam: S7.bam, bam_index: S7.bam.bai], ...]
def barcoded_of(cells) {
    return cells
        .findAll { cell -> cell.bam }
        .collect { cell -> [sample: cell.sample, bam: file(cell.bam), bam_index: file(cell.bam_index)] }
}

// The file of that name, [] when there is none.
def named(files, name) {
    return files.find { path -> path.name == name } ?: []
}

def paths(cells, name) {
    return cells.findAll { cell -> cell[name] }.collect { cell -> file(cell[name]) }
}

// Options of analyse_cells.py; `features` were counted from reads, and where their `end` cannot be told, it is not known.
def options_of(settings, features, end) {
    def names = ((settings.transgene_feature ?: '').toString().tokenize(',')*.trim() + features).unique().join(',')
    return [
        '--min-features': settings.min_features,
        '--min-cells': settings.min_cells,
        '--input-type': settings.input_type,
        '--max-mito': settings.max_mito,
        '--qc': settings.qc,
        '--mads': settings.mads,
        '--n-variable': settings.variable_genes,
        '--n-pcs': settings.pcs,
        '--resolution': settings.resolution,
        '--transgene-feature': names ? quoted(names) : null,
        '--transgene-3prime': features && end == 'no' ? 'no' : settings.transgene_3prime,
        '--seed': settings.seed,
    ].findAll { _name, value -> value != null }.collect { name, value -> "${name} ${value}" }.join(' ')
}

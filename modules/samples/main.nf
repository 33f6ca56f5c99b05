include { CHECK_SAMPLESHEET } from './check_samplesheet'
include { CHECKSUM_FILES } from './checksum_files'
include { SIMULATE } from './simulate'
include { given_files ; simulated_files } from '../reference/files'
include { library_of } from '../library'
include { quoted } from '../shell'
include { beside_cells ; plan } from '../bulk/plan'

// The patients of the samplesheet, given or simulated, with what each has and the reference files.
// JSON is read by JsonSlurperClassic: maps of JsonSlurper fill when read, and two channels at once may miss what is there.
workflow SAMPLES {
    take:
    settings // plain values: input, simulate, seed and the reference files

    main:
    // what the run starts from: [input: samples.csv, fasta: genome.fa, gff: genes.gff3, panel: myeloma.tsv, ...]
    SIMULATE(settings.input ? channel.empty() : channel.of(settings.simulate), settings.seed, library_of('simulate_patient.py'))
    files = settings.input
        ? channel.value(given_files(settings))
        : SIMULATE.out.map { folder -> simulated_files(folder, settings) }.first()

    CHECK_SAMPLESHEET(
        files.map { given -> given.input },
        files.map { given -> quoted(given.input.parent.toUriString()) },
        files.map { given -> given.keySet().toList() },
    )
    sheet = CHECK_SAMPLESHEET.out.json.map { json -> new groovy.json.JsonSlurperClassic().parseText(json.text) }

    // one item a patient with a tumour: what it has and which steps that allows, see plan.nf
    patients = sheet
        .combine(files)
        .flatMap { content, given -> content.patients.findAll { patient -> patient.tumors }.collect { patient -> plan(patient, given) } }
    // ['P1', [[sample: 'S1', day: -10, matrix: '/data/S1', ...], ...]], ['P1', [tumor: 'P1_T', number: 1, counts: []]]
    // and ['P1', [table: '/data/course.csv', ...]]
    cells = sheet.flatMap { content -> content.patients.findAll { patient -> patient.cells } }
        .map { patient -> [patient.patient, patient.cells.collect { cell -> cell + [sex: patient.sex] }] }
    beside = sheet
        .combine(files)
        .flatMap { content, given ->
            content.patients.findAll { patient -> patient.cells }.collect { patient -> [patient.patient, beside_cells(patient, given)] }
        }
    clinical = sheet.flatMap { content -> content.patients.findAll { patient -> patient.clinical } }
        .map { patient -> [patient.patient, patient.clinical] }
    // which halves a patient has, so that it is handed on when all are there: ['P1', ['dna', 'cells']]
    halves = sheet.flatMap { content -> content.patients.findAll { patient -> halves_of(patient) } }
        .map { patient -> [patient.patient, halves_of(patient)] }
    names = sheet.map { content ->
        [
            analysed: content.patients.findAll { patient -> halves_of(patient) }.collect { patient -> patient.patient },
            skipped: content.patients.findAll { patient -> !halves_of(patient) }.collect { patient -> patient.patient },
        ]
    }
    aligns = sheet.map { content ->
        settings.umi_consensus || content.patients.any { patient -> patient.samples.any { sample -> sample.lanes } }
    }
    tables = CHECK_SAMPLESHEET.out.tables.flatten().map { table -> [table.parent.name, table] }
    warnings = sheet.flatMap { content -> content.warnings }

    // what all starts from: ['P1', [reads_R1.fastq.gz, ...]], ['reference', [genome.fa, ...]]
    owned = sheet.flatMap { content -> content.patients.collect { patient -> [patient.patient, input_files(patient)] } }
        .mix(files.map { given -> ['reference', given.values().toList().unique()] })
        .filter { _whose, paths -> paths }
    inputs = CHECKSUM_FILES(owned, library_of('checksum_files.py'))
        .toSortedList { a, b -> a.text <=> b.text }
        .flatMap { told -> told }
        .collectFile(name: 'inputs.tsv', keepHeader: true, skip: 1, sort: false, storeDir: "${settings.outdir}/run")
        .first()

    emit:
    files
    patients
    cells
    beside // the tumour that a patient's cells are compared with, [] where there is none
    clinical
    halves
    tables // ['P1', samples.tsv]
    names // ids of patients with and without something to analyse
    aligns // are there reads to align
    inputs // inputs.tsv: size and checksum of every file that was given
    warnings
}

def halves_of(patient) {
    return [dna: patient.tumors, cells: patient.cells, clinical: patient.clinical].findAll { _name, files -> files }.collect { name, _files -> name }
}

// Every file that a patient of samplesheet.json came with; indexes belong to their files.
def input_files(patient) {
    def keys = ['fastq_1', 'fastq_2', 'bam', 'vcf', 'snp_counts', 'matrix', 'raw_matrix', 'metadata', 'table', 'qpcr', 'fish']
    return values_of(patient, keys).unique().toSorted().collect { path -> file(path) }
}

// Values of some keys anywhere in nested maps and lists.
def values_of(item, keys) {
    if( item instanceof List ) {
        return item.collectMany { part -> values_of(part, keys) }
    }
    if( item instanceof Map ) {
        return item.collectMany { key, value -> value instanceof CharSequence ? (key in keys ? [value] : []) : values_of(value, keys) }
    }
    return []
}

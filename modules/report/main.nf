include { MULTIQC } from './multiqc'
include { PATIENT_FOLDER } from './patient_folder'
include { REPORT_BIALLELIC_LOSS } from './report_biallelic_loss'
include { RUN_INFO } from './run_info'
include { RUN_MANIFEST } from './run_manifest'
include { WRITE_CRATE } from './write_crate'
include { COHORT } from '../cohort'
include { library_of } from '../library'
include { quoted } from '../shell'

// From the evidence of each patient to its verdicts, its page, and the folders that are published.
workflow REPORT {
    take:
    evidence // ['P1', samples.tsv, [files of dna/], [files of cells/], [files of clinical/]]
    alignments // files that are published but not read here: ['P1', [P1_T.bam, P1_T.bam.bai]], or none
    names // value channel: ids of the run's patients, [analysed: ['P1', 'P2'], skipped: []]
    inputs // value channel: inputs.tsv, size and checksum of every input file
    reference // value channels by name
    settings // plain values: biallelic_share, report_germline, allow_mismatch, research_use, earlier, pseudonym_key, cohort_mixed, seed
    run // what the run was: [params: '{...}', nextflow: '25.04.4', locks: '3f0c...']

    main:
    RUN_INFO(run.params, run.nextflow, run.revision, run.gatk, run.locks)
    REPORT_BIALLELIC_LOSS(
        evidence.map { patient, table, dna, cells, clinical -> [patient, table, dna, cells, clinical, earlier_of(settings, patient)] },
        reference.panel,
        reference.contigs,
        reference.genes,
        reference.gff,
        options_of(settings),
        RUN_INFO.out,
        library_of('report_biallelic_loss.py'),
    )

    // ['P1', samples.tsv, [files of dna/], [of cells/], [of clinical/], [of report/]]
    parts = evidence
        .join(REPORT_BIALLELIC_LOSS.out)
        .join(alignments, remainder: true)
        .filter { item -> item[1] && item[5] }
        .map { patient, table, dna, cells, clinical, report, more -> [patient, table, dna + (more ?: []), cells, clinical, report] }
    PATIENT_FOLDER(parts, library_of('write_manifest.py'))

    // when every patient is through or has failed: [['P1', P1/, P1.manifest.json], ...], [] when none is through
    done = PATIENT_FOLDER.out.toList().map { all -> [all.toSorted { item -> item[0] }] }
    state = done.combine(names).map { all, wanted -> [all, wanted.analysed - all.collect { item -> item[0] }, wanted.skipped] }
    MULTIQC(
        state.map { all, _failed, _skipped -> all.collect { item -> item[1] } }.filter { folders -> folders },
        file("${projectDir}/bin/twohit/assets/multiqc/multiqc_config.yaml"),
        library_of('gather_quality.py'),
    )
    several = state.filter { all, _failed, _skipped -> all.size() > 1 }
    COHORT(
        several.map { all, _failed, _skipped -> all.collect { item -> item[1] } },
        several.map { all, _failed, _skipped -> all.collect { item -> item[2] } },
        [],
        settings,
    )
    RUN_MANIFEST(
        state
            .filter { all, failed, _skipped -> all || !failed }
            .combine(MULTIQC.out.ifEmpty([]).map { folder -> [folder] })
            .combine(COHORT.out.ifEmpty([]).map { folder -> [folder] })
            .map { all, failed, skipped, multiqc, cohort -> [all.collect { item -> item[2] }, failed, skipped, multiqc, cohort] },
        RUN_INFO.out,
        library_of('write_manifest.py'),
    )

    WRITE_CRATE(
        RUN_MANIFEST.out,
        state.map { all, _failed, _skipped -> all.collect { item -> item[2] } },
        RUN_INFO.out,
        inputs,
        library_of('write_crate.py'),
    )

    // ['P1', P1.manifest.json], and ['', run.manifest.json] for the run itself
    manifests = PATIENT_FOLDER.out
        .map { patient, _folder, manifest -> [patient, manifest] }
        .mix(RUN_MANIFEST.out.map { manifest -> ['', manifest] })

    crate = WRITE_CRATE.out

    emit:
    manifests
    crate // ro-crate-metadata.json
}

// Patients whose folders are there already. (A module that holds a process is read twice when two files include it.)
workflow COUNT {
    take:
    folders // value channel: [P1/, P2/, ...]
    settings // plain values: outdir, pseudonym_key, cohort_mixed, seed

    main:
    state = file("${settings.outdir}/cohort/state.npz")
    COHORT(folders, [], state.exists() ? state : [], settings)
}

// The patient's verdicts in an earlier results folder, [] where there is none.
def earlier_of(settings, patient) {
    def found = settings.earlier ? file("${settings.earlier}/${patient}/report/${patient}.biallelic.json") : null
    return found && found.exists() ? found : []
}

def options_of(settings) {
    def flags = ['--report-germline': settings.report_germline, '--allow-mismatch': settings.allow_mismatch]
    def words = settings.research_use ? ["--research-use ${quoted(settings.research_use)}"] : []
    return (["--min-share ${settings.biallelic_share}"] + words + flags.findAll { _name, wanted -> wanted }.keySet()).join(' ')
}

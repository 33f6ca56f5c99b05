include { ANALYSE_CELLS } from '../../modules/cells/analyse_cells'
include { CALL_CELL_COPY_NUMBER } from '../../modules/cells/call_cell_copy_number'
include { COUNT_CELL_ALLELES } from '../../modules/cells/count_cell_alleles'
include { COUNT_CELLS } from '../../modules/cells/count_cells'
include { GENOTYPE_CELLS } from '../../modules/cells/genotype_cells'
include { INDEX_CELLS } from '../../modules/cells/index_cells'
include { JUDGE_PLASMA_CELLS } from '../../modules/cells/judge_plasma_cells'
include { READ_CLINICAL } from '../../modules/clinical/read_clinical'
include { REPORT_COHORT } from '../../modules/cohort/report_cohort'
include { PREPARE_REFERENCE } from '../../modules/reference/prepare_reference'
include { MULTIQC } from '../../modules/report/multiqc'
include { PATIENT_FOLDER } from '../../modules/report/patient_folder'
include { REPORT_BIALLELIC_LOSS } from '../../modules/report/report_biallelic_loss'
include { RUN_INFO } from '../../modules/report/run_info'
include { RUN_MANIFEST } from '../../modules/report/run_manifest'
include { WRITE_CRATE } from '../../modules/report/write_crate'
include { CHECKSUM_FILES } from '../../modules/samples/checksum_files'
include { SIMULATE } from '../../modules/samples/simulate'

// Each process of the other rooms once, as -stub, without files ([]): a task fails when an output that it promises is missing.
// CHECK_SAMPLESHEET has no cheap stub: the whole pipeline's test runs it for real.
workflow OTHER_STUBS {
    take:
    table // any file

    main:
    ANALYSE_CELLS(['P1', [], [], [], [], ''], [], [], [], [], '')
    CALL_CELL_COPY_NUMBER(['P1', [], [], [], [], [], []], 'B', [], [], [], '')
    COUNT_CELL_ALLELES(['P1', [], [], [], [], [], [], 1], [], [], '')
    COUNT_CELLS(['P1', 'S', [], []], [], [], 'auto', '')
    INDEX_CELLS([], [], [], '')
    GENOTYPE_CELLS(['P1', 'S', [], [], [], [], []], [], 1, '')
    JUDGE_PLASMA_CELLS(['P1', [], []], [], '')
    READ_CLINICAL(['P1', [], [], []], '')
    REPORT_COHORT([], [], [], [], '', '')
    PREPARE_REFERENCE([], [], [], [], [], [], [], [], [], true, '')
    MULTIQC([], [], '')
    PATIENT_FOLDER(table.map { path -> ['P1', path, [], [], [], []] }, '')
    REPORT_BIALLELIC_LOSS(['P1', [], [], [], [], []], [], [], [], [], '', [[], []], '')
    RUN_INFO('{}', '25.04', 'none', '4.6', '')
    RUN_MANIFEST([[], [], [], [], []], [[], []], '')
    WRITE_CRATE([], [], [[], []], [], '')
    CHECKSUM_FILES(table.map { path -> ['P1', path] }, '')
    SIMULATE('tiny', 1, '')
}

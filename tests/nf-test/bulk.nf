include { ALIGN_CONSENSUS } from '../../modules/bulk/align_consensus'
include { ALIGN_LANE } from '../../modules/bulk/align_lane'
include { ANNOTATE } from '../../modules/bulk/annotate'
include { ANNOTATE_VEP } from '../../modules/bulk/annotate_vep'
include { CALL_CONSENSUS } from '../../modules/bulk/call_consensus'
include { CALL_GERMLINE } from '../../modules/bulk/call_germline'
include { CONTAMINATION } from '../../modules/bulk/contamination'
include { COUNT_SNPS } from '../../modules/bulk/count_snps'
include { ESTIMATE_CLONALITY } from '../../modules/bulk/estimate_clonality'
include { FILTER_MUTECT_CALLS } from '../../modules/bulk/filter_mutect_calls'
include { FILTER_SOMATIC } from '../../modules/bulk/filter_somatic'
include { FINGERPRINT } from '../../modules/bulk/fingerprint'
include { GENOTYPE } from '../../modules/bulk/genotype'
include { IMPORT_CALLS } from '../../modules/bulk/import_calls'
include { LEARN_ORIENTATION } from '../../modules/bulk/learn_orientation'
include { MERGE_CALLS } from '../../modules/bulk/merge_calls'
include { MUTECT2 } from '../../modules/bulk/mutect2'
include { PILEUP_SUMMARIES } from '../../modules/bulk/pileup_summaries'
include { POSTPROCESS } from '../../modules/bulk/postprocess'
include { SEGMENT_COPY_NUMBER } from '../../modules/bulk/segment_copy_number'
include { SPLIT_INTERVALS } from '../../modules/bulk/split_intervals'

// Each process of the room once, as -stub, without files ([]): a task fails when an output that it promises is missing.
workflow BULK_STUBS {
    take:
    interval // a file, for the one process that names its outputs after one

    main:
    ALIGN_CONSENSUS(['T', []], [])
    ALIGN_LANE(['T', 'L1', [], []], [], '')
    ANNOTATE(['T', 'somatic', 'T', 'N', [], [], 'csq'], [], [], [], [], [[], 'score', ''], [], '')
    ANNOTATE_VEP(['T', 'somatic', 'T', 'N', [], []], [], [], [], 'GRCh38', 115)
    CALL_CONSENSUS(['T', [], []], 2)
    CALL_GERMLINE(['N', [], []], [], [])
    CONTAMINATION(['T', [], []])
    COUNT_SNPS(['P1', [], [], []], [], [], '')
    ESTIMATE_CLONALITY(['P1', ['T'], [], [], [], [], []], '')
    FILTER_MUTECT_CALLS(['T', [], [], [], [], [], []], [])
    FILTER_SOMATIC(['T', 'N', [], [], [], [], [], [], [], []], [], [], [], 'twohit', 10, '')
    FINGERPRINT(['P1', ['T'], [], [], [], []], [], '')
    GENOTYPE(['T', [], [], []], [], [], '')
    IMPORT_CALLS(['T', []], [], '')
    LEARN_ORIENTATION(['T', []])
    MERGE_CALLS(['T', [], [], []])
    MUTECT2(interval.map { path -> ['T', 'N', [], [], path] }, [], [], [])
    PILEUP_SUMMARIES(['T', [], []], [], [])
    POSTPROCESS(['T', []], [], [], [], [], [], 10, false, '')
    SEGMENT_COPY_NUMBER([['T'], 'female', '', []], [], [], [], [], [], [], '')
    SPLIT_INTERVALS([], [], 1, true)
}

include { java_options } from './java'

// The targets (or the genome) in parts of about the same size, for Mutect2.
process SPLIT_INTERVALS {
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_low'

    input:
    path genome
    path targets
    val parts
    val wanted // a value when there is something to call

    output:
    path 'intervals/*.interval_list', arity: '1..*'

    script:
    // targets stay whole; those closer than twice the padding become one, so that no call is made twice
    def where = targets ? '-L targets.bed --interval-padding 100 --subdivision-mode BALANCING_WITHOUT_INTERVAL_SUBDIVISION' : ''
    """
    gatk ${java_options(task)} SplitIntervals \\
        -R genome.fa ${where} --scatter-count ${parts} --interval-merging-rule OVERLAPPING_ONLY -O intervals
    """

    stub:
    """
    mkdir intervals
    touch intervals/0000-scattered.interval_list
    """
}

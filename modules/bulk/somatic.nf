include { CONTAMINATION } from './contamination'
include { FILTER_MUTECT_CALLS } from './filter_mutect_calls'
include { FILTER_SOMATIC } from './filter_somatic'
include { IMPORT_CALLS } from './import_calls'
include { LEARN_ORIENTATION } from './learn_orientation'
include { MERGE_CALLS } from './merge_calls'
include { MUTECT2 } from './mutect2'
include { PILEUP_SUMMARIES } from './pileup_summaries'
include { SPLIT_INTERVALS } from './split_intervals'
include { library_of } from '../library'
include { with_normal } from './plan'

// Somatic calls of every tumour, by both filters.
workflow SOMATIC {
    take:
    patients
    bams
    reference
    settings

    main:
    wanted = patients.flatMap { patient -> patient.call } // ['P1_T', 'P1_N'], without a normal ['P1_T', '']
    SPLIT_INTERVALS(reference.genome, reference.targets, settings.scatter_count, patients.filter { patient -> patient.call }.first().map { _patient -> true })
    intervals = SPLIT_INTERVALS.out.map { parts -> [[parts].flatten().toSorted { part -> part.name }] }

    // one item a tumour and part: [P1_T (4), 'P1_N', [P1_T.bam, P1_N.bam], [P1_T.bam.bai, P1_N.bam.bai], 0000.interval_list]
    scattered = with_normal(wanted, bams)
        .combine(intervals)
        .flatMap { tumor, normal, files, parts ->
            parts.collect { part -> [groupKey(tumor, parts.size()), normal] + files.transpose() + [part] }
        }
    MUTECT2(scattered, reference.genome, reference.germline_resource, reference.panel_of_normals)

    // one item a tumour: ['P1_T', [vcf, ...], [tbi, ...], [stats, ...], [f1r2, ...]], parts in the order of the genome
    called = MUTECT2.out
        .groupTuple()
        .map { item -> [item[0].toString()] + item.drop(1).collect { files -> files.toSorted { path -> path.name } } }
    MERGE_CALLS(called.map { tumor, vcfs, tbis, stats, _f1r2 -> [tumor, vcfs, tbis, stats] })
    LEARN_ORIENTATION(called.map { tumor, _vcfs, _tbis, _stats, f1r2 -> [tumor, f1r2] })

    // where common SNPs are given: ['P1_T', P1_T.contamination.table, P1_T.segments.table], else ['P1_T', [], []]
    compared = patients.flatMap { patient -> patient.contamination }
    samples = compared.flatMap { pair -> pair - '' }.unique()
    PILEUP_SUMMARIES(samples.join(bams), reference.genome, reference.common_snps)
    CONTAMINATION(with_normal(compared, PILEUP_SUMMARIES.out).map { tumor, _normal, tables -> [tumor, tables[0], tables[1] ?: []] })
    contamination = CONTAMINATION.out.mix(patients.flatMap { patient -> patient.no_contamination })

    // raw calls with their side files, ours and given: ['P1_T', 'P1_N', vcf, tbi, stats, orientation, contamination, segments]
    IMPORT_CALLS(patients.flatMap { patient -> patient.given }, reference.genome, library_of('import_calls.py'))
    ours = wanted.join(MERGE_CALLS.out).join(LEARN_ORIENTATION.out).join(contamination)
    theirs = patients.flatMap { patient -> patient.given_raw }
        .join(IMPORT_CALLS.out)
        .map { tumor, normal, stats, vcf, tbi -> [tumor, normal, vcf, tbi, stats, [], [], []] }
    raw = ours.mix(theirs)

    // GATK's filter needs Mutect2's statistics; given calls may lack them
    FILTER_MUTECT_CALLS(raw.filter { call -> call[4] }.map { call -> [call[0]] + call.drop(2) }, reference.genome)
    without = raw.filter { call -> !call[4] }.map { call -> [call[0], [], []] }
    FILTER_SOMATIC(
        raw.join(FILTER_MUTECT_CALLS.out.mix(without)),
        reference.genome,
        reference.gff,
        reference.panel,
        settings.somatic_filter,
        settings.min_depth,
        library_of('filter_somatic.py'),
    )

    // ['P1_T', 'P1_N', P1_T.somatic.vcf.gz, P1_T.somatic.vcf.gz.tbi], filtered here or elsewhere
    filtered_here = raw.map { call -> call.take(2) }.join(FILTER_SOMATIC.out.vcf)
    filtered_elsewhere = patients.flatMap { patient -> patient.given_filtered }.join(IMPORT_CALLS.out)

    calls = filtered_here.mix(filtered_elsewhere)
    tables = CONTAMINATION.out.map { tumor, table, parts -> [tumor, [table, parts]] }
    given = IMPORT_CALLS.out
    evidence = FILTER_SOMATIC.out.evidence.mix(tables)

    emit:
    calls
    given // ['P1_T' or 'P1_N', vcf, tbi]
    evidence
}

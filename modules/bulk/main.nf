include { ALIGN_CONSENSUS } from './align_consensus'
include { ALIGN_LANE } from './align_lane'
include { ANNOTATE } from './annotate'
include { ANNOTATE_VEP } from './annotate_vep'
include { CALL_CONSENSUS } from './call_consensus'
include { CALL_GERMLINE } from './call_germline'
include { CONTAMINATION } from './contamination'
include { COUNT_SNPS } from './count_snps'
include { ESTIMATE_CLONALITY } from './estimate_clonality'
include { FILTER_MUTECT_CALLS } from './filter_mutect_calls'
include { FILTER_SOMATIC } from './filter_somatic'
include { FINGERPRINT } from './fingerprint'
include { GENOTYPE } from './genotype'
include { IMPORT_CALLS } from './import_calls'
include { LEARN_ORIENTATION } from './learn_orientation'
include { MARK_DUPLICATES } from './mark_duplicates'
include { MERGE_CALLS } from './merge_calls'
include { MUTECT2 } from './mutect2'
include { PILEUP_SUMMARIES } from './pileup_summaries'
include { POSTPROCESS } from './postprocess'
include { RECALIBRATE } from './recalibrate'
include { SEGMENT_COPY_NUMBER } from './segment_copy_number'
include { SPLIT_INTERVALS } from './split_intervals'
include { library_of } from '../library'
include { owners ; with_normal } from './plan'

// From reads, alignments, calls or SNP counts to the evidence of each patient.
workflow BULK {
    take:
    patients // what each patient has, and a list for each step it takes (plan.nf)
    cells // ['P1', [[sample: 'S7', bam: S7.bam, bam_index: S7.bam.bai, ...], ...]]: whose person they are of
    reference // value channels by name, e.g. reference.genome: [genome.dict, genome.fa, genome.fa.fai]
    settings // plain values, e.g. [somatic_filter: 'twohit', min_depth: 10, scatter_count: 4]

    main:
    ALIGNMENTS(patients, reference, settings)
    bams = ALIGNMENTS.out.bams
    SOMATIC(patients, bams, reference, settings)
    VARIANTS(patients, bams, SOMATIC.out.calls, SOMATIC.out.given, reference, settings)
    COPY_NUMBER(patients, cells, bams, VARIANTS.out.somatic, VARIANTS.out.genotypes, VARIANTS.out.germline, reference)

    // all parts of a patient, once the last is there: ['P1', [P1_T.genotypes.tsv, P1_T.segments.tsv, ...]]
    evidence = ALIGNMENTS.out.evidence
        .mix(SOMATIC.out.evidence, VARIANTS.out.evidence, COPY_NUMBER.out.evidence)
        .combine(owners(patients, 'n_parts'), by: 0)
        .map { _sample, files, owner -> [owner, files] }
        .groupTuple()
        .map { owner, files -> [owner.toString(), files.flatten().toSorted { path -> path.name }] }

    // ['P1', [P1_N.bam, P1_N.bam.bai, P1_T.bam, P1_T.bam.bai]]
    alignments = bams
        .combine(owners(patients, 'n_reads'), by: 0)
        .map { _sample, bam, bai, owner -> [owner, [bam, bai]] }
        .groupTuple()
        .map { owner, files -> [owner.toString(), files.flatten().toSorted { path -> path.name }] }

    emit:
    evidence
    alignments
}

// Reads and alignments to alignments that are ready for calling, with their quality.
workflow ALIGNMENTS {
    take:
    patients
    reference
    settings

    main:
    // one item a lane: [P1_T (2), 'L1', R1.fastq.gz, R2.fastq.gz] -> one a sample: ['P1_T', [P1_T.L1.sorted.bam, ...]]
    ALIGN_LANE(patients.flatMap { patient -> patient.lanes }, reference.index, library_of('align_lane.py'))
    sorted = ALIGN_LANE.out
        .groupTuple()
        .map { sample, lanes -> [sample.toString(), lanes.toSorted { bam -> bam.name }] }
    MARK_DUPLICATES(sorted)

    // alignments of deep panels, given with the UMI of each read: consensus reads, aligned again
    given = patients.flatMap { patient -> patient.bams }
    CALL_CONSENSUS(settings.umi_consensus ? given : channel.empty(), settings.umi_min_reads)
    ALIGN_CONSENSUS(CALL_CONSENSUS.out, reference.index)
    aligned = settings.umi_consensus ? ALIGN_CONSENSUS.out : given

    recalibrates = reference.known_sites.map { files -> files ? true : false }

    // ['P1_T', P1_T.markdup.bam, P1_T.markdup.bam.bai], ours or given
    POSTPROCESS(
        MARK_DUPLICATES.out.bam.mix(aligned),
        reference.genome,
        reference.targets,
        recalibrates,
        reference.gff,
        reference.panel,
        settings.min_depth,
        library_of('postprocess_alignment.py'),
    )
    evidence = POSTPROCESS.out.evidence

    // with known sites the same again, recalibrated
    ready = POSTPROCESS.out.bam.combine(recalibrates).branch { item ->
        raw: item[3]
        done: true
    }
    RECALIBRATE(ready.raw.map { item -> item.take(3) }, reference.genome, reference.targets, reference.known_sites)
    bams = RECALIBRATE.out.mix(ready.done.map { item -> item.take(3) })

    emit:
    bams // ['P1_T', P1_T.bam, P1_T.bam.bai]
    evidence // ['P1_T', [P1_T.alignment_qc.json, ...]]
}

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

// Consequences of somatic and germline variants, and their reads in every tumour of the patient.
workflow VARIANTS {
    take:
    patients
    bams
    calls // ['P1_T', 'P1_N', vcf, tbi]
    given // calls made elsewhere, ['P1_N', vcf, tbi] among them
    reference
    settings // annotator, vep_release, vep_cache, vep_assembly

    main:
    // germline variants of panel genes, called here or elsewhere: ['P1_N', vcf, tbi]
    CALL_GERMLINE(patients.flatMap { patient -> patient.germline }.join(bams), reference.genome, reference.panel_regions)
    germline = CALL_GERMLINE.out.mix(patients.flatMap { patient -> patient.given_germline }.join(given))

    // [sample, origin, tumour, normal, vcf, tbi], e.g. ['P1_N', 'germline', '', 'P1_N', vcf, tbi]
    somatic = calls.map { tumor, normal, vcf, tbi -> [tumor, 'somatic', tumor, normal, vcf, tbi] }
    inherited = germline.map { normal, vcf, tbi -> [normal, 'germline', '', normal, vcf, tbi] }
    found = somatic.mix(inherited)
    ANNOTATE_VEP(
        settings.annotator == 'vep' ? found : channel.empty(),
        reference.genome,
        reference.gff,
        settings.vep_cache ? file(settings.vep_cache) : [],
        settings.vep_assembly,
        settings.vep_release,
    )
    ANNOTATE(
        by_annotator(settings.annotator == 'vep' ? ANNOTATE_VEP.out : found, patients, settings.annotator),
        reference.genome,
        reference.gff,
        reference.panel,
        reference.damaging,
        reference.contigs,
        library_of('annotate_variants.py'),
    )

    // all variants of a patient, counted in each of its tumours: ['P1', [P1_N.germline.variants.tsv, P1_T.variants.tsv]]
    variants = ANNOTATE.out
        .combine(owners(patients, 'n_variants'), by: 0)
        .map { _sample, _origin, table, _maf, owner -> [owner, table] }
        .groupTuple()
        .map { owner, tables -> [owner.toString(), tables.toSorted { table -> table.name }] }
    counted = patients.flatMap { patient -> patient.genotype }
        .combine(variants, by: 0)
        .map { _patient, tumor, normal, tables -> [tumor, normal, tables] }
    pairs = with_normal(counted.map { tumor, normal, _tables -> [tumor, normal] }, bams)
        .map { tumor, _normal, files -> [tumor, files.collect { pair -> pair[0] }, files.collect { pair -> pair[1] }] }
    GENOTYPE(
        pairs.join(counted.map { tumor, _normal, tables -> [tumor, tables] }),
        reference.genome,
        reference.panel,
        library_of('genotype_variants.py'),
    )

    tumor_tables = ANNOTATE.out.filter { item -> item[1] == 'somatic' }.map { tumor, _origin, table, _maf -> [tumor, table] }
    evidence = ANNOTATE.out
        .map { sample, _origin, table, maf -> [sample, [table, maf]] }
        .mix(GENOTYPE.out.map { tumor, genotypes, others -> [tumor, [genotypes, others]] })
    somatic = tumor_tables
    genotypes = GENOTYPE.out.map { tumor, table, _others -> [tumor, table] }
    germline = ANNOTATE.out.filter { item -> item[1] == 'germline' }.map { normal, _origin, table, _maf -> [normal, table] }

    emit:
    somatic // ['P1_T', P1_T.variants.tsv]
    genotypes // ['P1_T', P1_T.genotypes.tsv]
    germline // ['P1_N', P1_N.germline.variants.tsv]
    evidence
}

// Allele-specific copy number, purity and ploidy, and in what share of the tumour cells each mutation sits.
workflow COPY_NUMBER {
    take:
    patients
    cells
    bams
    somatic // ['P1_T', P1_T.variants.tsv]
    genotypes // ['P1_T', P1_T.genotypes.tsv]
    germline // ['P1_N', P1_N.germline.variants.tsv]
    reference

    main:
    // the alignments of a patient by sample: ['P1', [P1_N: [P1_N.bam, P1_N.bam.bai], P1_T: [...]]]
    of_patient = bams
        .combine(owners(patients, 'n_reads'), by: 0)
        .map { sample, bam, bai, owner -> [owner, sample, [bam, bai]] }
        .groupTuple()
        .map { owner, samples, files -> [owner.toString(), [samples, files].transpose().collectEntries()] }
    counted = patients.flatMap { patient -> patient.count } // ['P1', 'P1_N', ['P1_T1', 'P1_T2'], 'female']
    COUNT_SNPS(
        counted.join(of_patient).map { patient, normal, tumors, _sex, files ->
            [patient, files[normal][0], tumors.collect { tumor -> files[tumor][0] }, ([normal] + tumors).collect { name -> files[name][1] }]
        },
        reference.genome,
        reference.common_snps,
        library_of('count_snps.py'),
    )

    // one counts file a patient: ['P1', ['P1_T1', 'P1_T2'], P1.snp_counts.csv.gz], with the cells that have a barcoded BAM
    counts_of = counted
        .join(COUNT_SNPS.out)
        .map { patient, _normal, tumors, _sex, counts -> [patient, tumors, counts] }
        .mix(patients.filter { patient -> !patient.count && patient.given_counts }
            .map { patient -> [patient.patient, patient.given_counts[0][0], patient.given_counts[0][2]] })
    // ['P1', ['S7'], [S7.bam], [S7.bam.bai]], empty lists where no cells have a barcoded BAM
    barcoded = patients.filter { patient -> !patient.barcoded }.map { patient -> [patient.patient, [], [], []] }
        .mix(
            cells
                .map { patient, samples -> [patient, samples.findAll { cell -> cell.bam }] }
                .filter { _patient, samples -> samples }
                .map { patient, samples ->
                    [patient, samples.collect { cell -> cell.sample }] +
                        ['bam', 'bam_index'].collect { name -> samples.collect { cell -> file(cell[name]) } }
                }
        )
    FINGERPRINT(
        counts_of.join(patients.flatMap { patient -> patient.fingerprint }).join(barcoded),
        reference.common_snps,
        library_of('fingerprint_samples.py'),
    )

    // tumours of one counts file, in its order: [['P1_T1', 'P1_T2'], 'female', P1.snp_counts.csv.gz]
    groups = counted
        .join(COUNT_SNPS.out)
        .map { _patient, _normal, tumors, sex, counts -> [tumors, sex, counts] }
        .mix(patients.flatMap { patient -> patient.given_counts })
    SEGMENT_COPY_NUMBER(
        groups,
        reference.genes,
        reference.gff,
        reference.panel,
        reference.genome,
        reference.contigs,
        reference.copy_number_normals,
        library_of('segment_copy_number.py'),
    )

    // every tumour with its solutions: ['P1_T', P1_T.solutions.tsv, P1_T.purity_ploidy.json]
    solutions = SEGMENT_COPY_NUMBER.out.solutions.flatMap { tumors, tables, summaries ->
        tumors.collect { tumor ->
            [tumor, [tables].flatten().find { path -> path.name == "${tumor}.solutions.tsv" },
                [summaries].flatten().find { path -> path.name == "${tumor}.purity_ploidy.json" }]
        }
    }
    // reads at the mutations of all tumours, and inherited variants, [] for a tumour or patient that has none
    counted_there = genotypes.mix(patients.flatMap { patient -> patient.not_genotyped.collect { tumor -> [tumor, []] } })
    inherited = patients
        .flatMap { patient -> patient.inherited.collect { normal -> [normal, patient.patient] } }
        .join(germline)
        .map { _normal, patient, table -> [patient, table] }
        .mix(patients.filter { patient -> !patient.inherited }.map { patient -> [patient.patient, []] })
    // all tumours of a patient at once, by name:
    // ['P1', ['P1_T1', 'P1_T2'], [variants], [solutions], [purity_ploidy], [genotypes], P1_N.germline.variants.tsv]
    clonality = patients
        .flatMap { patient ->
            patient.clonality.collect { tumor -> [tumor, groupKey(patient.patient, patient.clonality.size())] }
        }
        .join(somatic)
        .join(solutions)
        .join(counted_there)
        .map { tumor, patient, variants, table, summary, reads -> [patient, [tumor, variants, table, summary, reads]] }
        .groupTuple()
        .map { patient, rows ->
            def sorted = rows.toSorted { row -> row[0] }
            [patient.toString()] + (0..4).collect { column -> sorted.collect { row -> row[column] } }
        }
        .map { item -> item.take(5) + [item[5].flatten()] }
        .join(inherited)
    ESTIMATE_CLONALITY(clonality, library_of('estimate_clonality.py'))

    evidence = SEGMENT_COPY_NUMBER.out.evidence
        .map { tumors, files -> [tumors[0], files] }
        .mix(counted.join(COUNT_SNPS.out).map { item -> [item[2][0], [item[4]]] })
        .mix(ESTIMATE_CLONALITY.out.map { tumors, tables -> [tumors[0], [tables].flatten()] })
        .mix(FINGERPRINT.out.map { tumors, table -> [tumors[0], [table]] })

    emit:
    evidence
}

// Calls with who tells their consequences: of `given` only those that came with the samplesheet, csq tells the others.
def by_annotator(calls, patients, annotator) {
    def came = patients.flatMap { patient -> patient.given.collect { item -> item[0] } }.toList().map { names -> [names] }
    return calls.combine(came).map { call ->
        call.take(6) + [annotator == 'given' && !(call[0] in call[6]) ? 'csq' : annotator]
    }
}

// Which steps the samples of a patient take. Every list below becomes a channel, and the numbers say how many items these
// steps make: a patient is handed on when all of them are there, and not at all when one has failed.

// [patient: 'P1', samples: [...], ...] and the references at hand -> the same with a list for each step
def plan(patient, references) {
    def normal = patient.samples.find { sample -> sample.kind == 'normal' }
    def tumors = patient.samples.findAll { sample -> sample.kind == 'tumor' }
    def normal_name = has_reads(normal) ? normal.sample : ''
    def snps = references.common_snps != null

    def call = tumors.findAll { tumor -> has_reads(tumor) && !tumor.vcf }
    def raw = tumors.findAll { tumor -> tumor.vcf && tumor.vcf_state == 'raw' }
    def filtered = tumors.findAll { tumor -> tumor.vcf && tumor.vcf_state != 'raw' }
    def germline = normal_name && !normal.vcf ? [normal_name] : []
    def given_germline = normal?.vcf ? [normal.sample] : []
    def n_variants = call.size() + raw.size() + filtered.size() + germline.size() + given_germline.size()

    def genotype = n_variants ? tumors.findAll { tumor -> has_reads(tumor) } : []
    def count = normal_name && snps ? tumors.findAll { tumor -> has_reads(tumor) && !tumor.snp_counts } : []
    def barcoded = (patient.cells ?: []).findAll { cell -> cell.barcoded }
    def clonality = (call + raw + filtered).findAll { tumor -> tumor.snp_counts || tumor in count }

    def steps = [
        lanes: patient.samples.collectMany { sample -> lanes_of(sample) },
        bams: patient.samples.findAll { sample -> sample.bam }
            .collect { sample -> [sample.sample, file(sample.bam), file(sample.bam_index)] },
        call: call.collect { tumor -> [tumor.sample, normal_name] },
        contamination: snps ? call.collect { tumor -> [tumor.sample, normal_name] } : [],
        no_contamination: snps ? [] : call.collect { tumor -> [tumor.sample, [], []] },
        given: patient.samples.findAll { sample -> sample.vcf }.collect { sample -> [sample.sample, file(sample.vcf)] },
        given_raw: raw.collect { tumor ->
            [tumor.sample, tumor.vcf_normal ?: '', tumor.vcf_stats ? file(tumor.vcf_stats) : []]
        },
        given_filtered: filtered.collect { tumor -> [tumor.sample, tumor.vcf_normal ?: ''] },
        germline: germline,
        given_germline: given_germline,
        genotype: genotype.collect { tumor -> [patient.patient, tumor.sample, normal_name] },
        count: count ? [[patient.patient, normal_name, count.collect { tumor -> tumor.sample }, patient.sex ?: '', by_hand(count)]] : [],
        // against the normal of one counts file, ours where there is one
        fingerprint: count || patient.snp_counts ? [[patient.patient]] : [],
        barcoded: barcoded.collect { cell -> cell.sample },
        given_counts: patient.snp_counts.collect { group ->
            [group.tumors, patient.sex ?: '', by_hand(tumors.findAll { tumor -> tumor.sample in group.tumors }), file(group.file)]
        },
        clonality: clonality.collect { tumor -> tumor.sample },
        not_genotyped: (clonality - genotype).collect { tumor -> tumor.sample },
        inherited: clonality ? germline + given_germline : [],
    ]
    def n_reads = patient.samples.count { sample -> has_reads(sample) }
    // evidence: quality of each alignment, filter and contamination, consequences, reads, counts, copy number, clonality,
    // fingerprints
    def parts = [
        n_reads, steps.call.size() + raw.size(), steps.contamination.size(), n_variants, genotype.size(),
        steps.count.size() * 2, patient.snp_counts.size(), clonality ? 1 : 0,
        steps.fingerprint.size(),
    ]
    return patient + steps + [n_variants: n_variants, n_reads: n_reads, n_parts: parts.sum()]
}

// What the samplesheet fixes of tumours: '--purity P1_T1=0.6 P1_T2=0.4 --ploidy P1_T1=2', '' where nothing
def by_hand(tumors) {
    return ['purity', 'ploidy']
        .collect { name ->
            def given = tumors.findAll { tumor -> tumor.by_hand[name] != null }
            given ? "--${name} ${given.collect { tumor -> "${tumor.sample}=${tumor.by_hand[name]}" }.join(' ')}" : ''
        }
        .findAll { option -> option }
        .join(' ')
}

def has_reads(sample) {
    return sample != null && (sample.lanes || sample.bam)
}

// The tumour whose copy number single cells are compared with: with SNP counts, of the cells' timepoint where one is (of
// cells with a barcoded BAM rather), else the latest. Its place in the counts file phases the alleles of the cells.
// [tumor: 'P1_T', number: 1, counts: file, or [] for ours], [] when no tumour has counts
def beside_cells(patient, references) {
    if( !patient.tumors ) {
        return []
    }
    def steps = plan(patient, references)
    def groups = steps.given_counts.collect { tumors, _sex, _fixed, counts -> [tumors, counts] } +
        steps.count.collect { _patient, _normal, tumors, _sex, _fixed -> [tumors, []] }
    def found = groups.collectMany { tumors, counts ->
        tumors.withIndex().collect { tumor, index -> [tumor: tumor, number: index + 1, counts: counts] }
    }
    return found.toSorted { one -> one.tumor }.max { one -> nearness(patient, one.tumor) } ?: []
}

// The higher the better: 2e6 for cells with reads at the tumour's time, 1e6 for cells at that time, and its day.
def nearness(patient, tumor) {
    def row = patient.rows.find { one -> one.sample == tumor }
    def then = patient.cells.findAll { cell ->
        (cell.timepoint && cell.timepoint == row.timepoint) ||
            (cell.day != null && row.day != null && Math.abs(cell.day - row.day) <= 14)
    }
    return (then.any { cell -> cell.barcoded } ? 2000000 : then ? 1000000 : 0) + (row.day ?: 0)
}

// One item a lane, keyed by the sample with the number of its lanes: [P1_T (2), 'L1', R1.fastq.gz, R2.fastq.gz]
def lanes_of(sample) {
    return sample.lanes.collect { lane ->
        [groupKey(sample.sample, sample.lanes.size()), lane.lane, file(lane.fastq_1), file(lane.fastq_2)]
    }
}

// The patient of each sample with a number of items to wait for, e.g. ['P1_T', P1 (12)]
def owners(patients, number) {
    return patients
        .filter { patient -> patient[number] > 0 }
        .flatMap { patient -> patient.samples.collect { sample -> [sample.sample, groupKey(patient.patient, patient[number])] } }
}

// [tumour, normal or ''] and the files of every sample [sample, file, ...] -> [tumour, normal, [file, ...] of both or of one]
def with_normal(wanted, files) {
    def tumors = wanted.join(files).map { item -> [item[0], item[1], item.drop(2)] }
    def alone = tumors.filter { item -> item[1] == '' }.map { tumor, normal, own -> [tumor, normal, [own]] }
    def paired = tumors
        .filter { item -> item[1] != '' }
        .map { tumor, normal, own -> [normal, tumor, own] }
        .combine(files.map { item -> [item[0], item.drop(1)] }, by: 0)
        .map { normal, tumor, own, other -> [tumor, normal, [own, other]] }
    return alone.mix(paired)
}

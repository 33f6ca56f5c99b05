include { PREPARE_REFERENCE } from './prepare_reference'
include { library_of } from '../library'
include { listed_files ; with_indexes } from './files'

// The reference files, checked against one another and indexed, as one map of value channels.
workflow REFERENCE {
    take:
    files // value channel of what was given, e.g. [fasta: genome.fa, gff: genes.gff3, panel: panel.tsv, genome: GRCh38.json]
    aligns // value channel: are there reads to align, i.e. is a bwa index needed

    main:
    PREPARE_REFERENCE(
        files.map { given -> with_indexes(given.fasta) },
        files.map { given -> given.gff ?: [] },
        files.map { given -> given.targets ?: [] },
        files.map { given -> with_indexes(given.known_sites) },
        files.map { given -> with_indexes(given.germline_resource) },
        files.map { given -> with_indexes(given.panel_of_normals) },
        files.map { given -> with_indexes(given.common_snps) },
        files.map { given -> given.panel },
        files.map { given -> given.genome },
        aligns,
        library_of('prepare_reference.py'),
    )

    panel = PREPARE_REFERENCE.out.panel
    contigs = files.map { given -> given.genome }
    gff = PREPARE_REFERENCE.out.gff
    genes = files.map { given -> given.genes ?: [] }
    damaging = files.map { given -> given.damaging ?: [] }
    missense_scores = files.map { given -> with_indexes(given.missense_scores) }
    copy_number_normals = files.map { given -> listed_files(given.copy_number_normals) }
    transgene = files.map { given -> given.transgene ?: [] }
    barcode_whitelist = files.map { given -> given.barcode_whitelist ?: [] }
    genome = PREPARE_REFERENCE.out.genome
    index = PREPARE_REFERENCE.out.index
    targets = PREPARE_REFERENCE.out.targets
    known_sites = PREPARE_REFERENCE.out.known_sites
    germline_resource = PREPARE_REFERENCE.out.germline_resource
    panel_of_normals = PREPARE_REFERENCE.out.panel_of_normals
    common_snps = PREPARE_REFERENCE.out.common_snps
    panel_regions = PREPARE_REFERENCE.out.panel_regions
    warnings = PREPARE_REFERENCE.out.report.map { reports -> reports.collectMany { json -> warnings_of(new groovy.json.JsonSlurperClassic().parseText(json.text)) } }

    emit:
    genome // [genome.dict, genome.fa, genome.fa.fai], [] when no FASTA was given
    index // bwa's five files
    gff
    targets
    known_sites // [known_sites.vcf.gz, known_sites.vcf.gz.tbi] or [], as those below
    germline_resource
    panel_of_normals
    common_snps
    panel_regions // exons of the panel's genes
    panel // panel.tsv; with a FASTA and a GFF3 every gene has a row of its own, else '*' may stand for them
    contigs // JSON of contigs, lengths and centromeres
    warnings // value channel: what a user should know of the files, lines of text
    genes // gene positions for copy number, where the GFF3 is not to be used
    copy_number_normals // SNP counts of other patients, [] when none were given
    damaging // the user's list of known damaging changes
    missense_scores // a predictor's scores of missense changes with their index, [] without
    transgene // FASTA of what reads of cells are counted on beside the genome, [] without
    barcode_whitelist // barcodes of the cells' kit
}

// What the report on the reference files warns of: contigs that fit nothing, and sites or genes left out with them.
def warnings_of(report) {
    def dropped = report.dropped.collect { name, contigs ->
        "${name}: left out are ${contigs.size()} contigs that the FASTA lacks (${contigs.take(3).join(', ')} ...)".toString()
    }
    return report.warnings + dropped
}

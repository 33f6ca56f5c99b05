// Where the reference files come from: the parameters, or the simulated patient.

def reference_names() {
    return ['fasta', 'gff', 'genes', 'targets', 'known_sites', 'germline_resource', 'panel_of_normals', 'common_snps', 'copy_number_normals', 'panel', 'damaging', 'missense_scores', 'genome', 'transgene', 'barcode_whitelist']
}

// Parameters -> [input: /data/samples.csv, fasta: /ref/genome.fa, genome: /.../GRCh38.json]; what was not given is left out
def given_files(given) {
    return (['input'] + reference_names())
        .findAll { name -> given[name] }
        .collectEntries { name -> [name, name == 'genome' ? genome_file(given.genome) : name == 'panel' ? panel_file(given.panel) : file(given[name])] }
}

// The same from the folder of a simulated patient, whose params.json has paths of its own; all genes may be asked of it too
def simulated_files(folder, given) {
    def names = new groovy.json.JsonSlurperClassic().parseText(folder.resolve('params.json').text)
    def found = reference_names()
        .findAll { name -> names[name] && !(name == 'panel' && given.panel == 'all') }
        .collectEntries { name -> [name, folder.resolve(names[name])] }
    return given_files(given.subMap(['genome', 'panel', 'damaging', 'missense_scores'])) + found + [input: folder.resolve('samplesheet.csv')]
}

def genome_file(name) {
    def known = [GRCh38: 'GRCh38', hg38: 'GRCh38', hg19: 'hg19', GRCh37: 'hg19']
    return file(name in known ? "${projectDir}/bin/twohit/assets/genomes/${known[name]}.json" : name)
}

def panel_file(name) {
    return file(name == 'all' ? "${projectDir}/bin/twohit/assets/panels/all.tsv" : name)
}

// The files that a text file lists, a path a line, as seen from its own folder
def listed_files(list) {
    def lines = list ? list.readLines().collect { line -> line.trim() } : []
    return lines.findAll { line -> line }.collect { line -> list.resolveSibling(line) }
}

// A file with what lies beside it and belongs to it, e.g. genome.fa -> [genome.fa, genome.fa.fai, genome.dict]
def with_indexes(main) {
    if( !main ) {
        return []
    }
    def name = main.name
    def stem = name.replaceAll(/\.(fa|fasta|fna)(\.gz)?$/, '')
    def beside = ['fai', 'gzi', 'amb', 'ann', 'bwt', 'pac', 'sa', 'tbi', 'csi'].collect { end -> "${name}.${end}" } + "${stem}.dict"
    return [main] + beside.unique().collect { other -> main.resolveSibling(other) }.findAll { path -> path != main && path.exists() }
}

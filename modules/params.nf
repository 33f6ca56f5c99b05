include { listed_files } from './reference/files'

// What --help prints and how parameters are checked: both read nextflow_schema.json.

// JsonSlurper keeps the order of the schema; one thread reads what it gives (elsewhere: JsonSlurperClassic, modules/samples).
def schema_groups() {
    return new groovy.json.JsonSlurper().parse(file("${projectDir}/nextflow_schema.json")).get('$defs').values()
}

def help_text() {
    def lines = [
        "twohit ${workflow.manifest.version}: ${workflow.manifest.description}",
        '',
        'usage: nextflow run . -profile native --input samples.csv --outdir results --fasta ref.fa --gff genes.gff3 ...',
        '       nextflow run . -profile test,native --outdir results      (a small simulated patient)',
    ]
    schema_groups().each { group ->
        lines += ['', group.title]
        group.properties.each { name, rule ->
            def choices = rule['enum'] ? " (${rule['enum'].join(', ')})" : ''
            def standard = rule['default'] == null ? '' : " [${rule['default']}]"
            lines << "  --${name.padRight(20)} ${rule.description}${choices}${standard}".toString()
        }
    }
    lines += ['', 'profiles (-profile a,b): native, docker, podman, singularity, apptainer; slurm, awsbatch, google_batch, k8s; test, demo, test_doubled, test_twins']
    return lines.join('\n')
}

// Everything that is wrong with the parameters, a line each; [] when nothing is.
def param_problems(given) {
    def rules = schema_groups().collectEntries { group -> group.properties }
    def unknown = (given.keySet() - rules.keySet()).collect { name ->
        def plain = name.toLowerCase().replaceAll('[-_]', '')
        def near = rules.keySet().find { known -> known.replace('_', '') == plain } ?: rules.keySet().toList().closest(name)[0]
        "--${name}: no such parameter; ${near ? "did you mean --${near}?" : 'see --help'}".toString()
    }
    def wrong = rules.collect { name, rule -> value_problem(name, rule, given[name]) }.findAll { text -> text != null }
    if( !given.input && !given.simulate && !given.cohort ) {
        wrong << '--input: is missing; give a samplesheet (CSV), or try -profile test'
    }
    if( given.missense_scores && given.missense_least == null ) {
        wrong << "--missense_scores ${given.missense_scores}: needs --missense_least, the score from which a change is damaging".toString()
    }
    if( given.panel == 'all' && given.input && !given.gff && !given.genes ) {
        wrong << '--panel all: needs --gff or --genes, which say what genes there are'
    }
    return unknown + wrong + listed_problems(given.copy_number_normals)
}

def listed_problems(list) {
    def there = list instanceof CharSequence && file(list).isFile()
    def gone = (there ? listed_files(file(list)) : []).findAll { path -> !path.exists() }
    return gone.collect { path -> "--copy_number_normals ${list}: ${path}: no such file; list existing SNP counts".toString() }
}

def value_problem(name, rule, value) {
    if( value == null ) {
        return null
    }
    def start = "--${name} ${value}: "
    if( rule.type == 'boolean' ) {
        return value instanceof Boolean ? null : start + 'is a switch; give it alone, or with true or false'
    }
    if( value instanceof Boolean || value.toString().trim() == '' ) {
        return start + "needs a value: ${rule.description}"
    }
    if( rule.type in ['integer', 'number'] ) {
        return number_problem(start, rule, value)
    }
    return text_problem(start, rule, value.toString())
}

def number_problem(start, rule, value) {
    if( !(value instanceof Number) || (rule.type == 'integer' && value != Math.floor(value.doubleValue())) ) {
        return start + "is not ${rule.type == 'integer' ? 'a whole number' : 'a number'}"
    }
    if( rule.minimum != null && value < rule.minimum ) {
        return start + "is too small; the least is ${rule.minimum}"
    }
    if( rule.exclusiveMinimum != null && value <= rule.exclusiveMinimum ) {
        return start + "is too small; it must be more than ${rule.exclusiveMinimum}"
    }
    if( rule.maximum != null && value > rule.maximum ) {
        return start + "is too large; the most is ${rule.maximum}"
    }
    return null
}

def text_problem(start, rule, value) {
    def choices = rule['enum'] ?: rule.anyOf?.find { part -> part['enum'] }?.get('enum')
    def is_file = rule.format == 'file-path' || rule.anyOf?.any { part -> part.format == 'file-path' }
    if( rule.format == 'directory-path' && !file(value).isDirectory() ) {
        return start + 'no such folder; give the path of an existing folder'
    }
    if( choices && value in choices ) {
        return null
    }
    if( choices && !is_file ) {
        return start + "is not known; use ${choices.join(' or ')}"
    }
    if( is_file && !file(value).exists() ) {
        return start + "no such file; give ${choices ? choices.join(', ') + ' or ' : ''}the path of an existing file"
    }
    if( is_file && file(value).isDirectory() ) {
        return start + 'is a folder; give a file'
    }
    return null
}

// Leave with the code of a user's mistake, saying each on a line of its own.
def refuse(problems) {
    problems.each { text -> System.err.println("twohit: error: ${text}") }
    System.err.flush()
    System.exit(2)
}

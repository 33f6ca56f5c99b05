// Which patient folders --cohort means, and what may be wrong with it.

// Patient folders of --cohort: those of a results folder (not those that failed), or of a list with a folder a line.
def cohort_folders(given) {
    def path = file(given)
    if( path.isDirectory() ) {
        def leave = ['multiqc', 'run', 'cohort'] + failed_patients(path.resolve('manifest.json'))
        return path.listFiles().findAll { part -> is_patient(part) && !(part.name in leave) }.toSorted { part -> part.name }
    }
    return path
        .readLines()
        .collect { line -> line.trim() }
        .findAll { line -> line && !line.startsWith('#') }
        .collect { line -> path.parent.resolve(line) }
}

def is_patient(folder) {
    return ['manifest.json', 'dna', 'report'].any { name -> folder.resolve(name).exists() }
}

def failed_patients(manifest) {
    if( !manifest.exists() ) {
        return []
    }
    def content = new groovy.json.JsonSlurperClassic().parseText(manifest.text)
    return content.patients.findAll { row -> row.status != 'complete' }.collect { row -> row.patient }
}

// What is wrong with --cohort, a line each.
def cohort_problems(given) {
    def start = "--cohort ${given.cohort}: "
    if( given.input || given.simulate ) {
        return [start + 'goes without --input; a run of two or more patients ends with a cohort of its own']
    }
    if( !file(given.cohort).exists() ) {
        return [start + 'no such folder or file; give a results folder, or a list with a patient folder a line']
    }
    if( file("${given.outdir}/manifest.json").exists() ) {
        return ["--outdir ${given.outdir}: holds the results of a run; give another folder for the cohort".toString()]
    }
    def folders = cohort_folders(given.cohort)
    def missing = folders.findAll { folder -> !folder.isDirectory() }.collect { folder -> start + "${folder}: no such folder" }
    return folders ? missing : [start + 'holds no patient folder; give a results folder, or a list with a folder a line']
}

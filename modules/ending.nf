// How a run starts on a results folder and how it ends: manifests last, one line for each failed task, the exit code.

// Take the manifests of an earlier run away: until this one ends well, the folder is not a result.
def withdraw(outdir, patients) {
    (patients.collect { patient -> "${patient}/" } + ['']).each { folder -> file("${outdir}/${folder}manifest.json").delete() }
}

// Put the manifests in place (the run's last), say what failed, and set the exit code.
def finish(outdir, manifests) {
    manifests
        .toSorted { item -> item[0] == '' ? 1 : 0 }
        .each { item -> item[1].copyTo("${outdir}/${item[0] ? item[0] + '/' : ''}manifest.json") }
    def done = manifests.collect { item -> item[0] }.findAll { patient -> patient }
    done.toSorted().each { patient -> log.info("twohit: ${patient} is complete: ${outdir}/${patient}/report/${patient}.report.html") }
    def failed = failed_tasks(file("${outdir}/run/trace.tsv"))
    failed.collectMany { task -> task.lines }.unique().each { line -> System.err.println(line) }
    if( failed ) {
        def code = failed.every { task -> task.exit == '2' } ? 2 : 1
        System.err.println("twohit: ${failed.size()} task(s) failed, exit code ${code}; what is complete has a manifest.json in ${outdir}")
        System.err.flush()
        // Nextflow itself ends with 1 for any failed task; this is its last word on the way out
        Runtime.runtime.addShutdownHook(new Thread({ -> Runtime.runtime.halt(code) } as Runnable))
    }
}

// Tasks that failed for good: [[exit: '2', lines: ['check_samplesheet.py: error: ...']], ...]
def failed_tasks(trace) {
    if( !trace.exists() ) {
        return []
    }
    def rows = trace.readLines().drop(1).collect { line -> line.split('\t', -1) } // name, status, exit, workdir
    def done = rows.findAll { row -> row[1] in ['COMPLETED', 'CACHED'] }.collect { row -> row[0] }
    return rows
        .findAll { row -> row[1] in ['FAILED', 'ABORTED'] && !(row[0] in done) }
        .collect { row -> [exit: row[2], lines: error_lines(row[0], file(row[3]))] }
}

// What a task said before it failed: its error lines, or else the last line and where to look.
def error_lines(name, folder) {
    def log = folder.resolve('.command.err')
    def lines = log.exists() ? log.readLines().findAll { line -> line.trim() } : []
    def told = lines.findAll { line -> line ==~ /\w+\.py: error: .*/ }
    return told ?: ["${name} failed: ${lines ? lines.last() : 'it left no message'} (see ${folder}/.command.err)".toString()]
}

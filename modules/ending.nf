// How a run starts on a results folder and how it ends: manifests last, one line for each failed task, the exit code.

// Keep the results folder for this run: [lock: released at the end, problem: what is wrong with the folder, or null].
// The lock of a run that is killed is gone with it; a store of objects has none.
def claim(outdir) {
    def folder = file(outdir)
    if( folder.fileSystem != java.nio.file.FileSystems.default ) {
        return [lock: null, problem: null]
    }
    folder.mkdirs()
    if( !folder.isDirectory() || !java.nio.file.Files.isWritable(folder) ) {
        return [lock: null, problem: "--outdir ${outdir}: is no folder that can be written to; give another one".toString()]
    }
    def option = java.nio.file.StandardOpenOption
    def lock = java.nio.channels.FileChannel.open(folder.resolve('.lock'), option.CREATE, option.WRITE).tryLock()
    def taken = "--outdir ${outdir}: another run writes its results there; wait for its end, or give another folder".toString()
    return [lock: lock, problem: lock ? null : taken]
}

// Take the manifests of an earlier run away: until this one ends well, the folder is not a result.
def withdraw(outdir, patients) {
    (patients.collect { patient -> "${patient}/" } + ['']).each { folder -> file("${outdir}/${folder}manifest.json").delete() }
    file("${outdir}/ro-crate-metadata.json").delete()
}

// Put the manifests in place (the run's last), say what failed, and set the exit code.
def finish(outdir, manifests) {
    def places = manifests
        .toSorted { item -> item[0] == '' ? 1 : 0 }
        .collect { patient, path -> [patient: patient, path: path, folder: file("${outdir}/${patient}"), listed: listed_in(path)] }
    // files are put in place while the run goes on, and a run that is stopped may leave some of them behind
    def missing = places.collectMany { place -> missing_files(place.folder, place.listed) }
    def failed = failed_tasks(file("${outdir}/run/trace.tsv"))
    def done = places.findAll { place -> place.patient ? !missing_files(place.folder, place.listed) : !missing && is_whole(place.path, failed) }
    done.each { place ->
        remove_leftovers(place.folder, place.listed)
        place.path.copyTo(place.folder.resolve('manifest.json'))
    }
    done.findAll { place -> place.patient }.collect { place -> place.patient }.toSorted().each { patient ->
        log.info("twohit: ${patient} is complete: ${outdir}/${patient}/report/${patient}.report.html")
    }
    if( missing ) {
        // a damaged copy in the work folder would be taken from there again: -resume makes it anew
        places
            .findAll { place -> place.patient && missing_files(place.path.resolveSibling(place.patient), place.listed) }
            .each { place -> place.path.delete() }
        System.err.println("twohit: ${missing.size()} file(s) could not be put in place, e.g. ${missing[0]}; run again with -resume")
    }
    tell_failures(outdir, failed, missing)
}

// Say what failed; Nextflow itself ends with 1 for any failed task, so the exit code is its last word on the way out.
def tell_failures(outdir, failed, missing) {
    failed.collectMany { task -> task.lines }.unique().each { line -> System.err.println(line) }
    if( failed || missing ) {
        def code = failed && !missing && failed.every { task -> task.exit == '2' } ? 2 : 1
        System.err.println("twohit: ${failed.size()} task(s) failed, exit code ${code}; what is complete has a manifest.json in ${outdir}")
        System.err.flush()
        Runtime.runtime.addShutdownHook(new Thread({ -> Runtime.runtime.halt(code) } as Runnable))
    }
}

// What a manifest lists: ['dna/P1_T.segments.tsv': [bytes: 120, sha256: '...'], ...]
def listed_in(manifest) {
    return new groovy.json.JsonSlurperClassic().parseText(manifest.text).files ?: [:]
}

// A run whose patients are all there, but not its common pages, is no whole one either.
def is_whole(manifest, failed) {
    return !failed || new groovy.json.JsonSlurperClassic().parseText(manifest.text).status == 'partial'
}

// Listed files that are not in the folder, or not of the size they should have.
def missing_files(folder, listed) {
    return listed
        .findAll { name, told -> !folder.resolve(name).exists() || folder.resolve(name).size() != told.bytes }
        .collect { name, _told -> folder.resolve(name) }
}

// Remove what an earlier run left in the folders that belong to a run: a sample that is no longer in the samplesheet.
def remove_leftovers(folder, listed) {
    if( listed ) {
        ['dna', 'cells', 'clinical', 'report', 'cohort', 'multiqc']
            .collectMany { part -> files_below(folder.resolve(part)) }
            .findAll { path -> !(folder.relativize(path).toString() in listed) }
            .each { path -> path.delete() }
    }
}

def files_below(folder) {
    return (folder.isDirectory() ? folder.listFiles().toList() : []).collectMany { path -> path.isDirectory() ? files_below(path) : [path] }
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
        .collect { row -> [exit: row[2], lines: error_lines(row[0], row[2], file(row[3]))] }
}

// What a task said before it failed: its error lines, or else what its exit code means or its last line, and where to look.
def error_lines(name, code, folder) {
    def log = folder.resolve('.command.err')
    def lines = log.exists() ? log.readLines().findAll { line -> line.trim() } : []
    def told = lines.findAll { line -> line ==~ /\w+\.py: error: .*/ }
    def killed = code in ['137', '247', '3', '-', '2147483647'] ? 'was killed, mostly for want of memory' : '' // '-': by a scheduler
    def why = killed ?: (lines ? lines.last() : 'it left no message')
    return told ?: ["${name} failed: ${why} (see ${folder}/.command.err)".toString()]
}

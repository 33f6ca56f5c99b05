// What a run leaves on itself at its end, beside Nextflow's trace: the command of every task, the images, the RO-Crate.

// The commit of this checkout or of the pulled revision; 'unknown' where neither is told.
def revision() {
    return workflow.commitId ?: head_of(file("${projectDir}/.git")) ?: 'unknown'
}

// Commit that a .git folder (or the file of a work tree) stands at, null when it is not told.
def head_of(git) {
    def folder = git.isFile() ? file(git.text.trim() - 'gitdir: ') : git
    def head = folder.resolve('HEAD')
    if( !head.exists() ) {
        return null
    }
    def name = head.text.trim()
    if( !name.startsWith('ref: ') ) {
        return name
    }
    def common = folder.resolve('commondir')
    def store = common.exists() ? folder.resolve(common.text.trim()).normalize() : folder
    def loose = store.resolve(name - 'ref: ')
    def packed = store.resolve('packed-refs')
    if( loose.exists() ) {
        return loose.text.trim()
    }
    return packed.exists() ? packed.readLines().find { line -> line.endsWith(" ${name - 'ref: '}") }?.tokenize(' ')?.first() : null
}

// Write run/commands.txt, run/containers.tsv and ro-crate-metadata.json. What cannot be told is left out: a run is no failure for it.
def tell_provenance(outdir, crates) {
    def trace = file("${outdir}/run/trace.tsv")
    def tasks = trace.exists() ? trace.readLines().drop(1).collect { line -> line.split('\t', -1) } : []
    def told = tasks.toSorted { row -> row[0] }.collect { row -> [row[0], file(row[3]).resolve('.command.sh')] }
    file("${outdir}/run/commands.txt").text = told
        .findAll { _name, script -> script.exists() }
        .collect { name, script -> "# ${name}\n${script.text.trim()}\n" }
        .join('\n')
    file("${outdir}/run/containers.tsv").text = "container\tdigest\n" + images(tasks).collect { name, digest -> "${name}\t${digest}\n" }.join('')
    crates.each { crate ->
        file("${outdir}/ro-crate-metadata.json").text = crate.text
            .replace('@STARTED@', second_of(workflow.start))
            .replace('@ENDED@', second_of(workflow.complete ?: workflow.start))
    }
}

// [image: digest] of the images that tasks ran in, as the container engine tells it; [:] natively.
def images(tasks) {
    if( !workflow.containerEngine ) {
        return [:] // the trace names images natively, too
    }
    def names = tasks.collect { row -> row.last() }.findAll { name -> name && name != '-' }.unique().toSorted()
    return names.collectEntries { name -> [name, digest_of(workflow.containerEngine, name)] }
}

def digest_of(engine, name) {
    if( !(engine in ['docker', 'podman']) ) {
        return 'not told by this engine'
    }
    // the tasks may have run on machines that have the engine, while this one has not
    def known = System.getenv('PATH').tokenize(':').any { folder -> file("${folder}/${engine}").exists() }
    def asked = known ? [engine, 'image', 'inspect', '--format', '{{.Id}}', name].execute() : null
    return asked && asked.waitFor() == 0 ? asked.text.trim() : 'not told'
}

// A time as ISO 8601 of whole seconds.
def second_of(time) {
    return time.withNano(0).format(java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME)
}

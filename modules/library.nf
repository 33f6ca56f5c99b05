// Nextflow knows a script of bin/ by its text, but not the library it imports: an edit in bin/twohit/ would leave old
// results in place. So every process that runs such a script takes the digest of what it imports as an input.

// Digest of a script of bin/ and of every library file it imports, straight or through others, e.g. '3f0c9a...'.
def library_of(script) {
    def bin = file("${projectDir}/bin")
    def seen = with_imports(bin, bin.resolve(script), [] as LinkedHashSet)
    // templates and facts in assets/ belong to the library files that read them
    def assets = seen.any { path -> path.text.contains('assets') } ? files("${projectDir}/bin/twohit/assets/**", type: 'file') : []
    def digest = java.security.MessageDigest.getInstance('SHA-256')
    (seen + assets).toSorted { path -> path.toString() }.each { path -> digest.update(path.bytes) }
    return digest.digest().encodeHex().toString()
}

// A Python file and all it imports, added to those already seen.
def with_imports(bin, path, seen) {
    if( seen.add(path) ) {
        imports_of(bin, path.text).each { next -> with_imports(bin, next, seen) }
    }
    return seen
}

// Files that the import statements of a Python text can mean, e.g. [bin/twohit/cli.py, bin/twohit/__init__.py].
def imports_of(bin, text) {
    def names = []
    (text =~ /(?m)^\s*import\s+(twohit[\w.]*)/).each { found -> names << found[1] }
    (text =~ /(?m)^\s*from\s+(twohit[\w.]*)\s+import\s+(\([^)]*\)|[^\n]*)/).each { found ->
        names << found[1]
        names += found[2].findAll(/\w+/).collect { word -> "${found[1]}.${word}".toString() }
    }
    return names
        .collectMany { name -> [name, name.contains('.') ? name.substring(0, name.lastIndexOf('.')) : name] }
        .collectMany { name -> ["${name.replace('.', '/')}.py", "${name.replace('.', '/')}/__init__.py"] }
        .unique()
        .collect { path -> bin.resolve(path) }
        .findAll { path -> path.exists() }
}

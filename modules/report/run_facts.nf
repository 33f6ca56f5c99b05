include { revision } from '../provenance'

// What the run was, as values: its parameters (without where it runs and where the results go), the versions of Nextflow and of GATK, and a
// digest of the lock files, which changes with the tools.
def run_facts(settings) {
    def told = settings.findAll { name, _value -> !(name in ['outdir', 'help', 'registry', 'custom_config']) }
        .collectEntries { name, value -> [name, value instanceof CharSequence ? value.toString() : value] }
    def digest = java.security.MessageDigest.getInstance('SHA-256')
    files("${projectDir}/containers/**", type: 'file').toSorted { path -> path.toString() }.each { path -> digest.update(path.bytes) }
    return [
        params: groovy.json.JsonOutput.toJson(told.sort()),
        nextflow: nextflow.version.toString(),
        revision: revision(),
        gatk: (file("${projectDir}/containers/gatk/pom.xml").text =~ /<version>([^<]+)</)[0][1],
        locks: digest.digest().encodeHex().toString(),
    ]
}

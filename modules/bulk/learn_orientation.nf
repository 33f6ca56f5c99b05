include { java_options } from './java'

// Model of read-orientation artefacts of one tumour (oxidation, formalin).
process LEARN_ORIENTATION {
    tag "${tumor}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), path(f1r2)

    output:
    tuple val(tumor), path("${tumor}.orientation.tar.gz")

    script:
    def parts = [f1r2].flatten().toSorted { part -> part.name }.collect { part -> "-I ${part}" }.join(' ')
    """
    gatk ${java_options(task)} LearnReadOrientationModel ${parts} -O ${tumor}.orientation.tar.gz
    """

    stub:
    """
    touch ${tumor}.orientation.tar.gz
    """
}

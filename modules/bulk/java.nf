// Options of Java for a GATK task: most of its memory, and exit code 3 (tried again with more) when that is not enough.
def java_options(task) {
    return "--java-options '-Xmx${(task.memory.toMega() * 0.8).intValue()}m -XX:+ExitOnOutOfMemoryError'"
}

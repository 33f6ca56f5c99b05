// Options of Java for a GATK task: most of its memory, exit code 3 (tried again with more) when that is not enough, and
// on one core no threads for clearing memory.
def java_options(task) {
    def collector = task.cpus > 1 ? '' : ' -XX:+UseSerialGC'
    return "--java-options '-Xmx${(task.memory.toMega() * 0.8).intValue()}m -XX:+ExitOnOutOfMemoryError${collector}'"
}

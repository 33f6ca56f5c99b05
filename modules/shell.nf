// One word for bash, whatever is in it.
def quoted(text) {
    return "'" + text.toString().replace("'", "'\\''") + "'"
}

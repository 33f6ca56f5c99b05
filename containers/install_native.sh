#!/usr/bin/env bash
# Builds .env/ of this checkout from the lock files that the images are built from too: containers/*/{apt.txt,requirements*.txt,pom.xml}.
# Afterwards PATH=$PWD/.env/bin:$PATH is all it takes. Does nothing when neither the lock files nor the place have changed.
#   PYTHON=python3.12 containers/install_native.sh     builds on another interpreter
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
env_dir=$PWD/.env

say() { printf '[env] %s\n' "$*"; }
fail() { printf '[env] %s\n' "$*" >&2; exit 1; }

# ---- nothing to do? The place belongs to the stamp because a virtual environment cannot be moved.
fingerprint() {
    { cat containers/*/apt.txt containers/*/requirements*.txt containers/*/pom.xml containers/gatk/gatk \
        containers/nextflow/nextflow containers/install_native.sh; echo "$env_dir ${PYTHON:-}"; } | sha256sum | cut -d ' ' -f 1
}
stamp=$env_dir/.stamp
wanted=$(fingerprint)
# two terminals may ask at the same time: the second one waits, then finds nothing left to do
if command -v flock > /dev/null; then exec 9> .env.lock; flock 9; fi
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$env_dir/bin/python" ]; then
    exit 0
fi

# ---- what this script cannot install itself: all that is missing is named before anything is done
python=${PYTHON:-python3}
missing=0
need() { printf '[env] missing: %s\n' "$*" >&2; missing=1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
    || need "Python 3.11 or newer ('$python' is $("$python" -V 2>&1 | tail -n 1)); name another one with PYTHON=/path/to/python"
"$python" -c 'import venv, ensurepip' 2> /dev/null || need "Python's venv module (Debian: python3-venv)"
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
java_version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1) || true
[ "${java_version:-0}" -ge 17 ] || need "Java 17 or newer (found: ${java_version:-none}; Debian: openjdk-17-jre-headless)"
command -v mvn > /dev/null || need "Maven (Debian: maven)"
[ "$missing" = 0 ] || exit 1

# ---- Debian packages: the version of the lock where the archive has it, otherwise what there is, said aloud
installed_version() { dpkg-query -W -f '${db:Status-Abbrev}${Version}' "$1" 2> /dev/null | sed -n 's/^ii *//p'; }
has_candidate() { apt-cache madison "$1" 2> /dev/null | awk -F ' *[|] *' -v v="$2" '$2 == v { ok = 1 } END { exit !ok }'; }
install_debian() {
    local entries=() absent=() wish=() entry name version
    mapfile -t entries < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' containers/twohit/apt.txt)
    for entry in "${entries[@]}"; do
        [ -n "$(installed_version "${entry%%=*}")" ] || absent+=("$entry")
    done
    if [ ${#absent[@]} -gt 0 ]; then
        [ "$(id -u)" = 0 ] || fail "missing Debian packages; as root: apt-get install ${absent[*]%%=*}"
        say "Debian packages: ${absent[*]}"
        # a fresh machine or container has no package lists yet
        has_candidate "${absent[0]%%=*}" "${absent[0]#*=}" || apt-get update -qq || say "warning: apt-get update failed, using the lists there are"
        for entry in "${absent[@]}"; do
            if has_candidate "${entry%%=*}" "${entry#*=}"; then wish+=("$entry"); else wish+=("${entry%%=*}"); fi
        done
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wish[@]}" > "$env_dir/apt.log" 2>&1 \
            || { tail -n 5 "$env_dir/apt.log" >&2; fail "apt-get install failed (log: .env/apt.log)"; }
    fi
    for entry in "${entries[@]}"; do
        name=${entry%%=*} version=$(installed_version "${entry%%=*}")
        [ "$name" = "$entry" ] || [ "$version" = "${entry#*=}" ] \
            || say "warning: $name is $version, the lock says ${entry#*=}; results may differ from the image's"
    done
}
# ---- a first attempt that was cut short is continued; another interpreter or another place starts anew
rm -f "$stamp"
[ "$("$env_dir/bin/python" -c 'import sys; print(sys.prefix, *sys.version_info[:3])' 2> /dev/null)" \
    = "$("$python" -c "import sys; print('$env_dir', *sys.version_info[:3])")" ] || rm -rf "$env_dir"
mkdir -p "$env_dir/bin" "$env_dir/share"
if command -v dpkg-query > /dev/null; then
    install_debian
else
    for tool in samtools bcftools bgzip bwa mosdepth STAR ps; do
        command -v "$tool" > /dev/null || need "$tool (this is not Debian: see containers/twohit/apt.txt for the versions)"
    done
    [ "$missing" = 0 ] || exit 1
fi

# ---- Python packages; every file is checked against the hashes of the lock
say "Python packages, a few minutes ($("$python" -V))"
"$python" -m venv "$env_dir"
"$env_dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
    -r containers/twohit/requirements.txt -r containers/twohit/requirements-dev.txt

# ---- Java programs: jars from Maven, then a small launcher each
for part in nextflow gatk; do
    goal=dependency:copy
    [ $part = gatk ] || goal=dependency:copy-dependencies
    say "$part $(sed -n '0,/<version>/s/.*<version>\(.*\)<.*/\1/p' containers/$part/pom.xml)"
    rm -rf "$env_dir/share/$part.new"
    mvn --quiet --batch-mode --file containers/$part/pom.xml "$goal" -DoutputDirectory="$env_dir/share/$part.new" \
        -Dstyle.color=never
    rm -rf "$env_dir/share/$part"  # a jar left from an older lock would be loaded too
    mv "$env_dir/share/$part.new" "$env_dir/share/$part"
    install -m 755 containers/$part/$part "$env_dir/bin/$part"
done

# ---- does each part answer?
PATH=$env_dir/bin:$PATH
say "checking"
python -c 'import anndata, cyvcf2, harmonypy, igraph, jinja2, jsonschema, leidenalg, matplotlib, numba, pandas, pysam, scanpy, scipy'
for tool in samtools bcftools bgzip bwa mosdepth STAR ps multiqc; do
    command -v "$tool" > /dev/null || fail "$tool is not on PATH after the installation"
done
nextflow -version > /dev/null || fail "nextflow does not start"
gatk --version > /dev/null 2>&1 || fail "gatk does not start"
echo "$wanted" > "$stamp"
say "ready in ${SECONDS} s: PATH=\$PWD/.env/bin:\$PATH"

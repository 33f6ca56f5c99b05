#!/usr/bin/env bash
# Builds .env/ of this checkout from the lock files that the images are built from too: containers/*/{apt.txt,requirements*.txt,pom.xml}.
# Afterwards PATH=$PWD/.env/bin:$PATH is all it takes. Does nothing when neither the lock files nor the place have changed.
#   PYTHON=python3.12 containers/install_native.sh     builds on another interpreter
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
env_dir=$PWD/.env
PATH=${PATH//"$env_dir/bin:"/}  # the Python to build on is the user's, not the one that is built

say() { printf '[env] %s\n' "$*"; }
fail() { printf '[env] %s\n' "$*" >&2; exit 1; }

# ---- nothing to do? The place belongs to the stamp because a virtual environment cannot be moved.
fingerprint() {
    { cat containers/*/apt.txt containers/*/requirements*.txt containers/*/pom.xml containers/gatk/gatk \
        containers/nextflow/nextflow; echo "$env_dir ${PYTHON:-}"; } | sha256sum | cut -d ' ' -f 1
}
stamp=$env_dir/.stamp
wanted=$(fingerprint)  # before the work: an edit made meanwhile is not taken for installed
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
    || need "Python 3.11 or newer ('$python' is $("$python" -V 2> /dev/null || echo absent)); name another one with PYTHON=/path/to/python"
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
        apt-get update -qq || say "warning: apt-get update failed, using the package lists there are"
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
built_on() { "$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2> /dev/null; }
[ "$(built_on "$env_dir/bin/python")" = "$(built_on "$python")" ] && [ "$(cat "$env_dir/.place" 2> /dev/null)" = "$env_dir" ] \
    || rm -rf "$env_dir"
mkdir -p "$env_dir/bin" "$env_dir/share"
echo "$env_dir" > "$env_dir/.place"
if command -v dpkg-query > /dev/null; then
    install_debian
else
    for tool in samtools bcftools bgzip tabix bwa STAR ps; do
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
    # written to the side and renamed: cp over a launcher that bash is reading would break a run
    install -m 755 containers/$part/$part "$env_dir/bin/$part.new" && mv "$env_dir/bin/$part.new" "$env_dir/bin/$part"
    # jars that a run may have open are left alone while their list is the same
    ! cmp -s containers/$part/pom.xml "$env_dir/share/$part/pom.xml" || continue
    goal=dependency:copy
    [ $part = gatk ] || goal=dependency:copy-dependencies
    say "$part $(sed -n '0,/<version>/s/.*<version>\(.*\)<.*/\1/p' containers/$part/pom.xml)"
    rm -rf "$env_dir/share/$part.new"
    mvn --quiet --batch-mode --file containers/$part/pom.xml "$goal" -DoutputDirectory="$env_dir/share/$part.new" \
        > "$env_dir/maven.log" 2>&1 || { grep -m 5 ERROR "$env_dir/maven.log" >&2; fail "Maven could not fetch $part (log: .env/maven.log)"; }
    cp containers/$part/pom.xml "$env_dir/share/$part.new/"
    rm -rf "$env_dir/share/$part"  # a jar left from an older lock would be loaded too
    mv "$env_dir/share/$part.new" "$env_dir/share/$part"
done

# ---- does each part answer?
PATH=$env_dir/bin:$PATH
say "checking"
python -c 'import anndata, cyvcf2, harmonypy, igraph, jinja2, jsonschema, leidenalg, matplotlib, numba, pandas, pysam, scanpy, scipy'
command -v bwa > /dev/null || fail "bwa is not on PATH after the installation"  # has no option that exits 0
for probe in "samtools --version" "bcftools --version" "bgzip --version" "tabix --version" "STAR --version" "ps --version" \
    "multiqc --version" "pytest --version" "ruff --version" "nextflow -version" "gatk --version"; do
    $probe > /dev/null 2>&1 || fail "does not work after the installation: $probe"
done
echo "$wanted" > "$stamp"
say "ready in ${SECONDS} s: PATH=\$PWD/.env/bin:\$PATH"

#!/usr/bin/env bash
# Builds the images with docker or podman from containers/{twohit,gatk}/; gatk stands on twohit, so it comes second.
#   containers/build.sh [--engine docker|podman] [--base IMAGE] [--prefix localhost] [--tag TAG] [--ca BUNDLE.crt]
#                       [--option ENGINE_OPTION]... [twohit] [gatk]
#   --base    a Debian 12 image, when debian:bookworm-slim cannot be pulled
#   --ca      certificates to trust while building (a network that reads TLS); they do not stay in the image
#   --option  handed to `build` of the engine, e.g. --option --isolation=chroot
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

engine="" base=debian:bookworm-slim prefix=localhost tag="" options=() images=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$(basename "$0")"; exit 0 ;;
        --engine) engine=$2; shift 2 ;;
        --base) base=$2; shift 2 ;;
        --prefix) prefix=$2; shift 2 ;;
        --tag) tag=$2; shift 2 ;;
        --ca) options+=(--secret "id=ca,src=$(readlink -f "$2")"); shift 2 ;;
        --option) options+=("$2"); shift 2 ;;
        twohit | gatk) images+=("$1"); shift ;;
        *) echo "build.sh: unknown argument: $1 (try --help)" >&2; exit 2 ;;
    esac
done
[ ${#images[@]} -gt 0 ] || images=(twohit gatk)
for candidate in docker podman; do
    [ -n "$engine" ] || ! command -v $candidate > /dev/null || engine=$candidate
done
[ -n "$engine" ] || { echo "build.sh: neither docker nor podman is on PATH" >&2; exit 1; }
# the pipeline's own version, so that a release and its images carry the same one
[ -n "$tag" ] || tag=$(sed -n "/^manifest/,/^}/s/^ *version *= *['\"]\(.*\)['\"].*/\1/p" ../nextflow.config 2> /dev/null || true)

export DOCKER_BUILDKIT=1
for image in "${images[@]}"; do
    # localhost/twohit and localhost/twohit-gatk: the names that the processes ask for
    name=$prefix/twohit:${tag:-dev}
    below=()
    if [ "$image" != twohit ]; then
        below=(--build-arg TWOHIT="$name")
        name=$prefix/twohit-$image:${tag:-dev}
    fi
    started=$SECONDS
    "$engine" build "${options[@]}" --build-arg BASE="$base" "${below[@]}" --build-arg VERSION="${tag:-dev}" -t "$name" "$image"
    size=$("$engine" image inspect --format '{{.Size}}' "$name")
    printf '%s: %d MB in %d s\n' "$name" $((size / 1000000)) $((SECONDS - started))
done

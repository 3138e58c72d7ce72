#!/bin/bash
# What build-deb.sh and build-rpm.sh have in common; they read it in.

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Leaves the folder for the packages in $output, of the default $1. The script that calls has usage(), and
# take_option() for its own options, which says in $taken how many words it took and fails for what it does not know.
read_arguments() {
    output=$SOURCE/$1
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        -*)
            taken=1
            if ! take_option "$@" || [ "$taken" -gt $# ]; then
                usage >&2
                exit 2
            fi
            shift "$taken"
            ;;
        *)
            output=$1
            shift
            ;;
        esac
    done
}

make_output() {
    mkdir -p "$output"
    output=$(cd "$output" && pwd)
}

project_version() {
    sed -n "s/^  version: '\(.*\)',\$/\1/p" "$SOURCE/meson.build"
}

# build_into LOG COMMAND…: the end of the log is shown when it fails.
build_into() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 || {
        tail -n 60 "$log" >&2
        echo "the build failed" >&2
        exit 1
    }
}

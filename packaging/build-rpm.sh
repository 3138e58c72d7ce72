#!/bin/bash
# Builds the RPM packages: packaging/build-rpm.sh --help
set -euo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<TEXT
Usage: packaging/build-rpm.sh [--from BUILD] [--nodeps] [--without web] [FOLDER]

Builds ghost-controller, ghost-agent and ghost-cli for this machine's distribution into FOLDER (default: build-rpm).
  --from BUILD   takes the programs of a meson build (--prefix=/usr --sysconfdir=/etc) instead of building them
  --nodeps       does not ask rpm whether what the build needs is installed (for where apt installed it)
  --without web  without the web pages
TEXT
}

output=$SOURCE/build-rpm
options=()
from=
while [ $# -gt 0 ]; do
    case $1 in
    --from)
        [ $# -gt 1 ] || { usage >&2; exit 2; }
        from=$(cd "$2" && pwd)
        options+=(--define "ghost_build $from")
        shift
        ;;
    --nodeps) options+=(--nodeps) ;;
    --without)
        [ "${2:-}" = web ] || { usage >&2; exit 2; }
        options+=(--without web)
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) output=$1 ;;
    esac
    shift
done

command -v rpmbuild >/dev/null || {
    echo "rpmbuild is missing: install rpm-build (on Debian packaging/dependencies.sh package)" >&2
    exit 1
}
version=$(sed -n "s/^  version: '\(.*\)',\$/\1/p" "$SOURCE/meson.build")
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/SOURCES"
cp "$SOURCE/LICENSE" "$work/SOURCES"
if [ -z "$from" ]; then
    git -C "$SOURCE" ls-files -z | tar -C "$SOURCE" --null -T - --transform "s|^|ghost-$version/|" -czf "$work/SOURCES/ghost-$version.tar.gz"
fi
rpmbuild -bb --define "_topdir $work" --define "ghost_version $version" "${options[@]}" "$SOURCE/packaging/rpm/ghost.spec" \
    >"$work/build.log" 2>&1 || {
    tail -n 60 "$work/build.log" >&2
    echo "the build failed" >&2
    exit 1
}
find "$work/RPMS" -name '*.rpm' -exec mv -t "$output" {} +
ls "$output"/*.rpm

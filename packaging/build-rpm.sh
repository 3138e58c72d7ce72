#!/bin/bash
# Builds the RPM packages: packaging/build-rpm.sh --help
set -euo pipefail

# shellcheck source=packaging/package_builder.sh
. "$(dirname "${BASH_SOURCE[0]}")/package_builder.sh"

usage() {
    cat <<TEXT
Usage: packaging/build-rpm.sh [--from BUILD] [--nodeps] [--without web] [FOLDER]

Builds ghost-controller, ghost-agent and ghost-cli for this machine's distribution into FOLDER (default: build-rpm).
  --from BUILD   takes the programs of a meson build (--prefix=/usr --sysconfdir=/etc) instead of building them
  --nodeps       does not ask rpm whether what the build needs is installed (for where apt installed it)
  --without web  without the web pages
TEXT
}

options=()
from=
take_option() {
    case $1 in
    --from)
        from=${2:-}
        taken=2
        ;;
    --nodeps) options+=(--nodeps) ;;
    --without)
        [ "${2:-}" = web ] || return 1
        options+=(--without web)
        taken=2
        ;;
    *) return 1 ;;
    esac
}
read_arguments build-rpm "$@"
if [ -n "$from" ]; then
    from=$(cd "$from" && pwd)
    options+=(--define "ghost_build $from")
fi

command -v rpmbuild >/dev/null || {
    echo "rpmbuild is missing: install rpm-build (on Debian packaging/dependencies.sh package)" >&2
    exit 1
}
version=$(project_version)
make_output
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/SOURCES"
cp "$SOURCE/LICENSE" "$work/SOURCES"
if [ -z "$from" ]; then
    git -C "$SOURCE" ls-files -z | tar -C "$SOURCE" --null -T - --transform "s|^|ghost-$version/|" -czf "$work/SOURCES/ghost-$version.tar.gz"
fi
build_into "$work/build.log" rpmbuild -bb --define "_topdir $work" --define "ghost_version $version" "${options[@]}" \
    "$SOURCE/packaging/rpm/ghost.spec"
find "$work/RPMS" -name '*.rpm' -exec mv -t "$output" {} +
ls "$output"/*.rpm

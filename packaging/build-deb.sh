#!/bin/bash
# Builds the Debian packages: packaging/build-deb.sh --help
set -euo pipefail

# shellcheck source=packaging/package_builder.sh
. "$(dirname "${BASH_SOURCE[0]}")/package_builder.sh"

usage() {
    cat <<TEXT
Usage: packaging/build-deb.sh [--yes] [--work FOLDER] [FOLDER]

Builds ghost-controller, ghost-agent and ghost-cli for this Debian and architecture into FOLDER (default: build-deb).
What is missing to do that is installed by packaging/dependencies.sh.
  --work FOLDER  builds there and leaves it, so that the next build is quick (default: a temporary folder)
  --yes          asks nothing
DEB_BUILD_OPTIONS is kept to, noautodbgsym and parallel=N for example.
TEXT
}

ask=()
work=
take_option() {
    case $1 in
    --yes) ask=(--yes) ;;
    --work)
        work=${2:-}
        taken=2
        ;;
    *) return 1 ;;
    esac
}
read_arguments build-deb "$@"

"$SOURCE/packaging/dependencies.sh" "${ask[@]}" build package
make_output
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
else
    mkdir -p "$work"
    work=$(cd "$work" && pwd)
fi

# The tree as dpkg wants it, debian/ at its top. Times stay, so that a second build in the same folder is short.
tree=$work/ghost
list=$work/files
if git -C "$SOURCE" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -C "$SOURCE" ls-files -z
else # a source archive
    (cd "$SOURCE" && find . -path './build*' -prune -o -type f -printf '%P\0')
fi >"$list"
mkdir -p "$tree"
if [ -f "$list.before" ]; then
    # What is no longer there must not be built.
    comm -z -23 <(sort -z "$list.before") <(sort -z "$list") | (cd "$tree" && xargs -0 -r rm -f)
fi
cp "$list" "$list.before"
# A file that git knows and nobody has any more is left out.
tar -C "$SOURCE" --ignore-failed-read --null -T "$list" -cf - 2>/dev/null | tar -C "$tree" -xf - --keep-newer-files 2>/dev/null
# meson keeps the options of its first setup.
cmp -s "$SOURCE/packaging/debian/rules" "$tree/debian/rules" || rm -rf "$tree"/obj-*
rm -rf "$tree/debian"
cp -a "$SOURCE/packaging/debian" "$tree/debian"

version=$(project_version)
packaged=$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Version)
if [ "$version" != "$packaged" ]; then
    echo "meson.build is of version $version, packaging/debian/changelog of $packaged: please make them the same" >&2
    exit 1
fi

# debhelper gives builds a home of their own; npm's settings and its cache are in the real one.
export npm_config_userconfig=${npm_config_userconfig:-$HOME/.npmrc}
export npm_config_cache=${npm_config_cache:-$HOME/.npm}
export DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-noautodbgsym parallel=$(nproc)}
rm -f "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo
build_into "$work/build.log" env -C "$tree" dpkg-buildpackage --no-sign --build=binary --no-pre-clean
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$output"
ls "$output"/*.deb

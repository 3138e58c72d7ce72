#!/bin/bash
# Measures what the README of this folder names, against peers on this machine: tests/bench/run.sh --help
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() {
    cat <<TEXT
Usage: tests/bench/run.sh [--yes] [lists|items|swarm|unchanged]…

Builds with optimisation into build-bench and measures, by default all of:
  lists      lists, filters and items with 50,000 applications, 1,000,000 jobs and 500,000 deployments behind them
             (2 GB of disk while it runs)
  items      one item over TLS, against nginx and Flask
  swarm      100, 1,000 and 5,000 agents, against Ansible over SSH (several GB of memory while it runs)
  unchanged  what a changed line in a module of 60 MB costs an instance
  --yes      installs missing packages without asking
The exit status is 0 when every goal is met.
TEXT
}

yes=()
wanted=()
for argument in "$@"; do
    case $argument in
    --yes) yes=(--yes) ;;
    lists | items | swarm | unchanged) wanted+=("$argument") ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=(lists items swarm unchanged)

packaging/dependencies.sh "${yes[@]}" build test bench
[ -f build-bench/build.ninja ] || meson setup build-bench --buildtype=release >/dev/null
ninja -C build-bench >/dev/null
server=$PWD/build-bench/tests/integration/rest-server
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

measure_lists() {
    echo "filling a database; this takes a minute or two"
    # Started once, the server makes the tables.
    "$server" "$folder" </dev/null >/dev/null 2>&1
    /usr/bin/python3 tests/bench/fill.py "$folder/ghost.db"
    /usr/bin/python3 tests/bench/lists.py "$server" "$folder"
}

for one in "${wanted[@]}"; do
    echo
    echo "== $one"
    case $one in
    lists) measure_lists || failed=1 ;;
    items) /usr/bin/python3 tests/bench/items.py "$server" || failed=1 ;;
    swarm) /usr/bin/python3 tests/bench/swarm/swarm.py build-bench || failed=1 ;;
    unchanged) GHOST_BUILD=$PWD/build-bench /usr/bin/python3 tests/bench/unchanged.py || failed=1 ;;
    esac
done
exit $failed

#!/bin/bash
# Says which Debian packages are missing and installs them: packaging/dependencies.sh --help
set -euo pipefail

# Run time of the controller, the agent, the quick start; and what compiles them.
build=(
    ca-certificates gcc git libarchive-dev libc6-dev libcurl4-openssl-dev libexpat1-dev libgnutls28-dev libjansson-dev libmicrohttpd-dev
    libnng-dev libpcre2-dev libprotobuf-c-dev libsqlite3-dev libssl-dev libwslay-dev libyaml-dev libzstd-dev meson ninja-build openssl pkg-config
    protobuf-c-compiler python3 python3-markdown zlib1g-dev
)
# For the web pages: Node, and npm where Node does not bring it.
command -v npm >/dev/null || build+=(npm)
build+=(nodejs)
test=(ansible-core busybox-static chromium curl debootstrap fish fonts-dejavu-core haproxy libcmocka-dev mandoc procps python3-aiosmtpd python3-boto3 python3-venv zsh)
lint=(clang clang-format clang-tidy cppcheck libclang-rt-14-dev llvm shellcheck)
# Packages, and a clean Debian to try them in.
package=(build-essential debhelper debootstrap dpkg-dev fakeroot lintian rpm systemd)

# Peers and load for tests/bench.
bench=(ansible-core gunicorn nginx-light openssh-client openssh-server openssl python3-flask python3-gunicorn wrk)

usage() {
    cat <<TEXT
Usage: packaging/dependencies.sh [--yes] [--check] [build] [test] [lint] [package] [bench]

Installs the Debian packages that the named groups need (default: build) and that are not there yet.
  --check  only says what is missing; exit status 1 when something is
  --yes    asks nothing
TEXT
}

yes=no
check=no
wanted=()
for argument in "$@"; do
    case $argument in
    --yes) yes=yes ;;
    --check) check=yes ;;
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    package) wanted+=("${package[@]}") ;;
    lint) wanted+=("${lint[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
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
[ ${#wanted[@]} -gt 0 ] || wanted=("${build[@]}")

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: please see to the equivalents of ${wanted[*]}" >&2
    exit 0
fi

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Missing Debian packages: ${missing[*]}"
[ $check = no ] || exit 1

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Installing them needs root. As root, run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n)
fi

if [ $yes = no ]; then
    if [ ! -t 0 ]; then
        echo "Nobody here to ask. Run again with --yes to install them." >&2
        exit 1
    fi
    read -r -p "Install them now, as root, with apt-get? [y/N] " answer
    case $answer in
    y | Y | yes) ;;
    *)
        echo "Nothing was installed." >&2
        exit 1
        ;;
    esac
fi

apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
apt_get update
apt_get install -y --no-install-recommends "${missing[@]}"

for package in "${missing[@]}"; do
    is_installed "$package" || {
        echo "$package is still missing" >&2
        exit 1
    }
done

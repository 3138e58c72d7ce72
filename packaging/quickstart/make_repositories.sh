#!/bin/bash
# Makes the demo's two git repositories in a folder: make_repositories.sh FOLDER. Does nothing where they are.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1

repository() { # NAME GIT-WORDS…
    local name=$1
    shift
    # The user's own git configuration (signing, hooks, templates) has no say here.
    env -u GIT_DIR -u GIT_WORK_TREE GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
        GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@example.com \
        GIT_COMMITTER_NAME=Demo GIT_COMMITTER_EMAIL=demo@example.com \
        git -C "$folder/$name.new" "$@"
}

begin() {
    rm -rf "${folder:?}/$1.new"
    mkdir -p "$folder/$1.new"
    repository "$1" init -q -b main
}

commit() { # NAME MESSAGE
    repository "$1" add -A
    repository "$1" commit -q -m "$2"
}

if [ ! -d "$folder/webfront" ]; then
    begin webfront
    cp -R "$here/demo/webfront/." "$folder/webfront.new/"
    echo v1 >"$folder/webfront.new/VERSION"
    commit webfront "The first page"
    repository webfront tag v1
    echo v2 >"$folder/webfront.new/VERSION"
    sed -i 's/#204060/#206040/' "$folder/webfront.new/style.css"
    commit webfront "A greener page"
    repository webfront tag v2
    mv "$folder/webfront.new" "$folder/webfront"
fi

if [ ! -d "$folder/settings" ]; then
    begin settings
    cp -R "$here/demo/settings/." "$folder/settings.new/"
    commit settings "How the page greets"
    mv "$folder/settings.new" "$folder/settings"
fi

#!/bin/bash
# Builds Ghost, starts it with a cloud of its own on this machine, and deploys a demo: packaging/quickstart.sh --help
set -euo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HERE=$SOURCE/packaging/quickstart
GHOST_HOME=${GHOST_HOME:-$HOME/.ghost-quickstart}
PYTHON=/usr/bin/python3
SANDBOX=$SOURCE/tests/sandbox/ghost-sandbox
APP=demo/dev/webfront
INSTANCES=3

usage() {
    cat <<TEXT
Usage: packaging/quickstart.sh [--yes] [--down]

Installs what is missing, builds Ghost, starts a controller and ghost-sandbox (a cloud on this machine), and shows the
main job with the ghost command line: an application, an image, three instances, deploy of v1 and v2, back to v1.
A second run goes on from what is there.
  --down  stops everything it started; files stay
  --yes   asks nothing
GHOST_HOME says where all files, the build too, are kept (now: $GHOST_HOME).
TEXT
}

yes=()
down=no
for argument in "$@"; do
    case $argument in
    --yes) yes=(--yes) ;;
    --down) down=yes ;;
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

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' green='' red='' plain=''
fi

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }
fail() {
    printf '%s%s%s\n' "$red" "quickstart: $*" "$plain" >&2
    exit 1
}

case $GHOST_HOME in
*[!A-Za-z0-9/._+@~-]*) fail "GHOST_HOME is '$GHOST_HOME': the demo's repositories are in it, please choose a plain path" ;;
esac
mkdir -p "$GHOST_HOME"
chmod 700 "$GHOST_HOME"
GHOST_HOME=$(cd "$GHOST_HOME" && pwd)
ENVIRONMENT=$GHOST_HOME/quickstart.env
BUILD=$GHOST_HOME/build
CONTROLLER=$BUILD/controller/ghost-controller
AGENT=$BUILD/agent/ghost-agent
GHOST=$BUILD/ui/cli/ghost
STOP="GHOST_HOME=$(printf %q "$GHOST_HOME") $(printf %q "$SOURCE/packaging/quickstart.sh") --down"
export PYTHONDONTWRITEBYTECODE=1

exec 9>"$GHOST_HOME/lock"
flock -n 9 || fail "another quickstart works in $GHOST_HOME right now"

# ---- processes --------------------------------------------------------------------------------------------------

# A process id alone may be somebody else's by now; with its start time it is not.
started_at() {
    sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

remember() { # NAME PID
    echo "$2 $(started_at "$2")" >"$GHOST_HOME/$1.pid"
}

# The process id of NAME when it runs.
running() {
    local pid start
    [ -f "$GHOST_HOME/$1.pid" ] || return 1
    read -r pid start <"$GHOST_HOME/$1.pid" || return 1
    [ -n "$pid" ] && [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}

wait_gone() { # NAME SECONDS
    local end=$((SECONDS + $2))
    while running "$1" >/dev/null; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

stop() { # NAME
    local pid
    if ! pid=$(running "$1"); then
        rm -f "$GHOST_HOME/$1.pid"
        return 0
    fi
    note "stopping $1 (process $pid)"
    kill "$pid" 2>/dev/null || true
    if ! wait_gone "$1" 30; then
        note "$1 does not listen: killing it"
        kill -KILL "$pid" 2>/dev/null || true
        wait_gone "$1" 10 || fail "$1 (process $pid) cannot be ended"
    fi
    rm -f "$GHOST_HOME/$1.pid"
}

start() { # NAME COMMAND…
    local name=$1
    shift
    setsid "$@" >>"$GHOST_HOME/$name.log" 2>&1 </dev/null 9>&- &
    remember "$name" $!
    disown
}

wait_until() { # NAME WHAT SECONDS COMMAND…: polls while NAME runs
    local name=$1 what=$2 end=$((SECONDS + $3))
    shift 3
    until "$@"; do
        if ! running "$name" >/dev/null; then
            tail -n 20 "$GHOST_HOME/$name.log" >&2
            fail "$name ended; its log is $GHOST_HOME/$name.log"
        fi
        [ $SECONDS -lt $end ] || fail "waited in vain for $what; see $GHOST_HOME/$name.log"
        sleep 0.2
    done
}

if [ $down = yes ]; then
    title "Stopping"
    stop controller
    stop sandbox
    echo "Nothing of it runs any more. Its files are in $GHOST_HOME; remove that folder to forget it all."
    exit 0
fi

say_how_it_ended() {
    local status=$?
    if [ $status -ne 0 ]; then
        printf '%sNot finished. Logs are in %s. This stops what runs: %s%s\n' "$red" "$GHOST_HOME" "$STOP" "$plain" >&2
    fi
    exit $status
}
trap say_how_it_ended EXIT

# ---- building ---------------------------------------------------------------------------------------------------

# Shows "[n/m]" of ninja in one line on a terminal, every tenth part of it elsewhere.
show_progress() {
    local line shown=-1 part terminal=no
    if [ -t 1 ]; then terminal=yes; fi
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$GHOST_HOME/build.log"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        part=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
        if [ $terminal = yes ]; then
            printf '\r   built %s of %s ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        elif [ "$part" -ne "$shown" ]; then
            note "built ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
            shown=$part
        fi
    done
    if [ $terminal = yes ]; then echo; fi
}

build() {
    title "Building Ghost"
    : >"$GHOST_HOME/build.log"
    # Of another clone it would build that one's sources.
    [ "$(cat "$GHOST_HOME/build.source" 2>/dev/null)" = "$SOURCE" ] || rm -rf "$BUILD"
    if [ ! -f "$BUILD/build.ninja" ]; then
        rm -rf "$BUILD"
        note "setting it up in $BUILD"
        meson setup "$BUILD" "$SOURCE" -Dtests=false >>"$GHOST_HOME/build.log" 2>&1 || {
            rm -rf "$BUILD"
            tail -n 30 "$GHOST_HOME/build.log" >&2
            fail "the build could not be set up"
        }
        echo "$SOURCE" >"$GHOST_HOME/build.source"
    fi
    if ! ninja -C "$BUILD" controller/ghost-controller agent/ghost-agent ui/cli/ghost 2>&1 | show_progress; then
        grep -A 15 -E 'FAILED|error' "$GHOST_HOME/build.log" | head -n 60 >&2
        fail "the build failed; see $GHOST_HOME/build.log"
    fi
    note "done: $("$CONTROLLER" --version), log in $GHOST_HOME/build.log"
}

# ---- starting ---------------------------------------------------------------------------------------------------

cloud() { # KEY: from what the sandbox says of itself
    "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$GHOST_HOME/sandbox/sandbox.json" "$1"
}

# The port when it is free, else any free one.
free_port() {
    "$PYTHON" - "$1" <<'CODE'
import socket, sys
for port in (int(sys.argv[1]), 0):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            continue
        print(probe.getsockname()[1])
        break
CODE
}

# Chosen once and kept, for instances and people remember them.
choose_ports() {
    local wanted port ports=()
    if [ ! -s "$GHOST_HOME/ports" ]; then
        for wanted in 5000 5001 8180 4566; do
            port=$(free_port $wanted)
            [ "$port" = $wanted ] || note "port $wanted is taken here: using $port" >&2
            ports+=("$port")
        done
        echo "${ports[*]}" >"$GHOST_HOME/ports.new"
        mv "$GHOST_HOME/ports.new" "$GHOST_HOME/ports"
    fi
    read -r http_port link_port page_port cloud_port <"$GHOST_HOME/ports"
}

start_sandbox() {
    title "Starting ghost-sandbox, the cloud"
    if ! running sandbox >/dev/null; then
        rm -f "$GHOST_HOME/sandbox.port"
        start sandbox "$PYTHON" "$SANDBOX" --state-dir "$GHOST_HOME/sandbox" --agent "$AGENT" \
            --port "$cloud_port" --port-file "$GHOST_HOME/sandbox.port"
        wait_until sandbox "the sandbox" 30 test -s "$GHOST_HOME/sandbox.port"
    fi
    note "$(cloud endpoint), instances in $(cloud network), kept apart by: $(cloud isolation)"
}

write_settings() {
    cat >"$GHOST_HOME/controller.conf.new" <<TEXT
# Written by packaging/quickstart.sh at each start.
data_dir = $GHOST_HOME/data
http.listen = 127.0.0.1:$http_port
link.listen = 127.0.0.1:$link_port
link.address = 127.0.0.1:$link_port
features.dir = $HERE/features
git.allow_file = yes
aws.region = $(cloud region)
aws.endpoint_url = $(cloud endpoint)
aws.identity_certificate = $(cloud identity_certificate)
aws.access_key_id = $(cloud access_key)
aws.secret_access_key = $(cloud secret_key)
aws.poll_interval = 500ms
TEXT
    chmod 600 "$GHOST_HOME/controller.conf.new"
    mv "$GHOST_HOME/controller.conf.new" "$GHOST_HOME/controller.conf"
}

make_account() {
    local password
    [ ! -f "$ENVIRONMENT" ] || return 0
    password=$("$PYTHON" -c 'import secrets; print(secrets.token_urlsafe(15))')
    # One left by a run that ended right here has a password that nobody knows.
    "$CONTROLLER" --config "$GHOST_HOME/controller.conf" user remove admin >/dev/null 2>&1 || true
    printf '%s\n' "$password" | "$CONTROLLER" --config "$GHOST_HOME/controller.conf" user add admin --role admin >/dev/null
    (
        umask 077
        printf 'GHOST_URL=http://127.0.0.1:%s\nGHOST_USER=admin\nGHOST_PASSWORD=%s\n' "$http_port" "$password" \
            >"$ENVIRONMENT.new"
    )
    mv "$ENVIRONMENT.new" "$ENVIRONMENT"
    note "made the account admin with a random password, in $ENVIRONMENT"
}

controller_answers() {
    "$PYTHON" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/health", timeout=2)' \
        "http://127.0.0.1:$http_port" 2>/dev/null
}

start_controller() {
    title "Starting ghost-controller"
    if ! running controller >/dev/null; then
        write_settings
        make_account
        start controller "$CONTROLLER" --config "$GHOST_HOME/controller.conf"
    fi
    wait_until controller "the controller" 30 controller_answers
    note "http://127.0.0.1:$http_port"
    set -a
    # shellcheck source=/dev/null
    . "$ENVIRONMENT"
    set +a
}

# ---- the demo, with the ghost command line --------------------------------------------------------------------------

ghost() {
    printf '\n%s$ ghost %s%s\n' "$bold" "$*" "$plain"
    "$GHOST" "$@"
}

ask() { # EXPRESSION GHOST-COMMAND…: a Python expression over the `items` it lists
    local expression=$1
    shift
    "$GHOST" --output json "$@" 2>/dev/null | "$PYTHON" -c '
import json, sys
found = json.load(sys.stdin)
items = found.get("_items", [found]) if isinstance(found, dict) else found
for line in eval(sys.argv[1]):
    print(line)' "$expression"
}

ready_instances() {
    ask '["%s %s" % (i["instance_id"], i["private_ip"]) for i in items if i["state"] == "ready"]' \
        instance ls --nb 100 --application '^demo$'
}

make_application() {
    title "1. The application demo / dev / webfront"
    "$HERE/make_repositories.sh" "$GHOST_HOME/repositories"
    if "$GHOST" app show "$APP" >/dev/null 2>&1; then
        note "is there already"
        return 0
    fi
    "$PYTHON" "$HERE/describe_app.py" "$GHOST_HOME/sandbox/sandbox.json" "$GHOST_HOME/repositories" "$HERE/demo/hooks" \
        "$page_port" >"$GHOST_HOME/demo.json"
    ghost app create "$GHOST_HOME/demo.json"
}

make_image() {
    title "2. An image with the feature 'webserver' in it"
    if [ -n "$(ask '[i.get("ami") or "" for i in items]' app show "$APP")" ]; then
        note "is there already"
        return 0
    fi
    ghost buildimage "$APP" --live-logs
}

# After a restart, those of before need a moment to be back.
wait_for_instances() {
    local known end=$((SECONDS + 60))
    known=$(ask '[i["instance_id"] for i in items if i["state"] not in ("gone", "terminated")]' \
        instance ls --nb 100 --application '^demo$' | wc -l)
    while there=$(ready_instances | wc -l) && [ "$there" -lt "$known" ] && [ $SECONDS -lt $end ]; do
        sleep 0.5
    done
}

make_instances() {
    local there
    title "3. $INSTANCES instances, booted from that image"
    wait_for_instances
    [ "$there" -eq 0 ] || note "$there there already"
    while [ "$there" -lt $INSTANCES ]; do
        ghost createinstance "$APP" --live-logs
        there=$((there + 1))
    done
    ghost instance ls --application '^demo$'
}

show_pages() { # VERSION that each must serve
    local instances=() instance ip served wrong=0
    mapfile -t instances < <(ready_instances)
    [ ${#instances[@]} -ge $INSTANCES ] || fail "only ${#instances[@]} of $INSTANCES instances are ready"
    echo
    for instance in "${instances[@]}"; do
        ip=${instance#* }
        served=$("$PYTHON" "$HERE/fetch_page.py" "http://$ip:$page_port/") || served="nothing"
        if [ "$served" = "$1" ]; then
            printf '   %s  http://%s:%s/  serves %s%s%s\n' "${instance% *}" "$ip" "$page_port" "$green" "$served" "$plain"
        else
            printf '   %s  http://%s:%s/  serves %s%s%s instead of %s\n' "${instance% *}" "$ip" "$page_port" "$red" \
                "$served" "$plain" "$1"
            wrong=1
        fi
    done
    [ $wrong -eq 0 ] || fail "not every instance serves $1"
}

deploy() { # VERSION MODULE…
    local version=$1
    shift
    ghost deploy "$APP" "$@" --live-logs
    show_pages "$version"
}

run_demo() {
    local first
    make_application
    make_image
    make_instances
    title "4. Deploy v1, then v2"
    deploy v1 --module settings:main --module webfront:v1
    deploy v2 --module webfront:v2
    title "5. Back to v1: redeploy its package"
    first=$(ask '[i["_id"] for i in items][:1]' deployment ls --nb 1 --application '^demo$' --module webfront --revision v1)
    [ -n "$first" ] || fail "the deployment of v1 is not listed"
    ghost deployment ls --nb 5 --application '^demo$' --module webfront
    ghost redeploy "$APP" "$first" --live-logs
    show_pages v1
}

summary() {
    title "Ghost runs (${SECONDS} s)"
    cat <<TEXT
   API        $GHOST_URL
   web UI     $GHOST_URL/web/
   login      $GHOST_USER / $GHOST_PASSWORD   (in $ENVIRONMENT)
   data       $GHOST_HOME/data, job logs in $GHOST_HOME/data/logs
   logs       $GHOST_HOME/controller.log, $GHOST_HOME/sandbox.log
   go on      set -a; . $ENVIRONMENT; set +a; $GHOST --help
   stop       $STOP
TEXT
}

title "What is needed"
"$SOURCE/packaging/dependencies.sh" "${yes[@]}" build
note "all there"
build
choose_ports
start_sandbox
start_controller
run_demo
summary

#!/bin/bash
# Installs what is missing, builds Ghost in every way that matters and runs all its tests: tests/run.sh --help
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

usage() {
    cat <<TEXT
Usage: tests/run.sh [--yes] [STEP…]

Without a step: all of them, as CI does. The last line says how many tests passed, failed and were skipped.
  --quick  gcc build, all suites but lint
  --clang  clang build with warnings as errors, unit tests
  --asan   AddressSanitizer and UndefinedBehaviorSanitizer, all suites of our C code
  --tsan   ThreadSanitizer, all suites of our C code
  --lint   layering, bans, format, clang-tidy, cppcheck, shellcheck, Python
  --fuzz   each fuzz target for a few seconds
  --yes    installs missing packages without asking
TEXT
}

FUZZ_SECONDS=10       # per target,
FUZZ_TOTAL_SECONDS=300 # and for all of them together
# What sanitizers look at: not Python, and not what repeats the same C a hundred times.
OUR_C=(--no-suite lint --no-suite sandbox --no-suite moto --no-suite live --no-suite sweep --no-suite web --no-suite docs --no-suite budget --no-suite static --no-suite packages --no-suite fresh)
# Tests that start processes mostly wait for them: more tests than there are cores keep the cores busy.
LABS_AT_ONCE=$(($(nproc) + 1))
AT_ONCE=$(nproc)
RESULTS=$(mktemp -d) || exit 1
COUNTS=$RESULTS/counts FAILED=$RESULTS/failed BESIDE_LOG=$RESULTS/beside.log
touch "$COUNTS" "$FAILED"
beside=
clean_up() {
    [ -z "$beside" ] || kill -- "-$beside" 2>/dev/null
    rm -rf "$RESULTS"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
broken=no

say() {
    printf '\n== %s (%d s)\n' "$*" "$SECONDS"
}

# A step that could not do its work counts as one failed test.
step_failed() {
    say "FAILED: $1"
    echo "$1 step 0 1 0" >>"$COUNTS"
    echo "$1" >>"$FAILED"
    broken=yes
}

# build NAME COMPILER [meson options…]: into build-NAME; of two at once the second finds it built.
build() {
    (
        flock 9 || exit 1
        build_alone "$@"
    ) 9>"build-$1.lock"
}

build_alone() {
    local name=$1 compiler=$2 folder=build-$1
    shift 2
    say "$name: build"
    if [ ! -f "$folder/build.ninja" ]; then
        rm -rf "$folder"
        CC=$compiler meson setup "$folder" "$@" >"$folder.log" 2>&1 || {
            cat "$folder.log"
            return 1
        }
        rm -f "$folder.log"
    fi
    # Quiet while all goes well; the whole log otherwise.
    ninja -k 0 -C "$folder" ${TARGETS:+$TARGETS} >"$folder/build.log" 2>&1 || {
        grep -A 20 -E 'FAILED|error|ninja:' "$folder/build.log" | head -n 200
        return 1
    }
}

# suites NAME [meson test options…]
suites() {
    # Two steps may run tests of one build at once.
    local name=$1 folder=build-$1 log=log-${FUNCNAME[1]}
    shift
    say "$name: tests"
    rm -f "$folder/meson-logs/$log.json"
    meson test -C "$folder" --no-rebuild --print-errorlogs --logbase "$log" --num-processes "$AT_ONCE" "$@" </dev/null || broken=yes
    if [ ! -s "$folder/meson-logs/$log.json" ] \
        || ! /usr/bin/python3 tests/tools/count.py "$name" "$folder/meson-logs/$log.json" "$FAILED" >>"$COUNTS"; then
        step_failed "$name"
    fi
}

build_test() {
    build test gcc -Dwerror=true
}

step_test() {
    AT_ONCE=$LABS_AT_ONCE
    build_test || { step_failed "gcc build"; return; }
    suites test --no-suite lint
}

step_lint() {
    build_test || { step_failed "gcc build"; return; }
    suites test --suite lint
}

# Their point is another than in how many orders things can happen.
fewer_interleavings() {
    export GHOST_TEST_RUNS=100
}

step_clang() {
    fewer_interleavings
    build test-clang clang -Dwerror=true -Dweb=false || { step_failed "clang build"; return; }
    suites test-clang --suite unit
}

# The sanitizers confuse the compiler's flow analysis, so warnings are not errors in their builds.
build_asan() {
    build test-asan gcc -Dweb=false -Db_sanitize=address,undefined -Db_lundef=false
}

build_tsan() {
    build test-tsan gcc -Dweb=false -Db_sanitize=thread -Db_lundef=false
}

step_asan() {
    AT_ONCE=$LABS_AT_ONCE
    fewer_interleavings
    export ASAN_OPTIONS=halt_on_error=1:detect_stack_use_after_return=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export GHOST_TEST_SLOWNESS=4
    build_asan || { step_failed "asan build"; return; }
    suites test-asan "${OUR_C[@]}" --timeout-multiplier 4
}

step_tsan() {
    AT_ONCE=$LABS_AT_ONCE
    fewer_interleavings
    export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tools/tsan.supp"
    export GHOST_TEST_SLOWNESS=6
    build_tsan || { step_failed "tsan build"; return; }
    suites test-tsan "${OUR_C[@]}" --timeout-multiplier 6
}

fuzz_one() {
    local name=$1 seconds=$2 folder=build-test-fuzz/run/$1
    mkdir -p "$folder/corpus"
    if "build-test-fuzz/tests/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -artifact_prefix="$folder/" "$folder/corpus" "tests/fuzz/corpus/${name#fuzz-}" >"$folder/log" 2>&1; then
        echo "fuzz $name 1 0 0" >"$folder/result"
        grep -E '^Done ' "$folder/log" | sed "s/^/$name: /"
    else
        echo "fuzz $name 0 1 0" >"$folder/result"
        echo "$name: FAILED"
        tail -n 60 "$folder/log"
    fi
}

step_fuzz() {
    local seconds names
    # The targets' names are in the list of sources; only they are built.
    names=$(cd tests/fuzz && for file in fuzz_*.c; do file=${file%.c}; echo "fuzz-${file#fuzz_}"; done)
    TARGETS=
    for name in $names; do TARGETS="$TARGETS tests/$name"; done
    build test-fuzz clang -Dweb=false -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false || {
        TARGETS=
        step_failed "fuzz build"
        return
    }
    TARGETS=
    seconds=$((FUZZ_TOTAL_SECONDS * $(nproc) / $(echo "$names" | wc -l)))
    [ "$seconds" -lt "$FUZZ_SECONDS" ] || seconds=$FUZZ_SECONDS
    say "fuzz: $(echo "$names" | wc -l) targets, $seconds s each"
    export -f fuzz_one
    # shellcheck disable=SC2016 # expanded by the inner shell
    echo "$names" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$1" "$2"' - {} "$seconds"
    for name in $names; do
        cat "build-test-fuzz/run/$name/result" >>"$COUNTS" || step_failed "$name"
        ! grep -q ' 0 1 0$' "build-test-fuzz/run/$name/result" || tail -n 25 "build-test-fuzz/run/$name/log" >>"$FAILED"
    done
}

# Each in its own shell: what a step exports ends with it.
run_steps() {
    local step
    for step in "$@"; do
        (
            "step_$step"
            [ $broken = no ]
        ) || broken=yes
    done
    [ $broken = no ]
}

# start_beside "STEPS" "OTHERS": steps that only compute, and the builds of the others, at low priority: they
# take what the others leave of the cores.
start_beside() {
    local steps=$1 later=$2
    set -m # a process group of its own, which clean_up can end
    (
        trap - EXIT INT TERM
        renice -n 19 -p "$BASHPID" >/dev/null
        # shellcheck disable=SC2086 # words
        run_steps $steps
        status=$?
        for step in $later; do
            # What goes wrong is told by the step itself, which builds it again.
            "build_$step" >/dev/null 2>&1
        done
        exit $status
    ) >"$BESIDE_LOG" 2>&1 &
    beside=$!
    set +m
    say "beside the others, its output at the end: $steps"
}

wait_beside() {
    [ -n "$beside" ] || return 0
    say "waits for what runs beside"
    # Nobody needs the cores any more.
    renice -n 0 -g "$beside" >/dev/null 2>&1
    wait "$beside" || broken=yes
    beside=
    cat "$BESIDE_LOG"
}

report() {
    local passed failed skipped
    printf '\n%-12s %-16s %8s %8s %8s\n' build suite passed failed skipped
    awk '{ printf "%-12s %-16s %8d %8d %8d\n", $1, $2, $(NF-2), $(NF-1), $NF }' "$COUNTS"
    read -r passed failed skipped < <(
        awk '{ p += $(NF-2); f += $(NF-1); s += $NF } END { print p+0, f+0, s+0 }' "$COUNTS"
    )
    # A test program that failed without naming a case still is a failure.
    if [ $broken = yes ] && [ "$failed" -eq 0 ]; then failed=1; fi
    [ ! -s "$FAILED" ] || { say "what failed" && cat "$FAILED"; }
    printf '\nin %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}

TARGETS=
ask=()
steps=()
for argument in "$@"; do
    case $argument in
    --yes) ask=(--yes) ;;
    --quick) steps+=(test) ;;
    --clang | --asan | --tsan | --lint | --fuzz) steps+=("${argument#--}") ;;
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
[ "${CI:-}" != true ] || ask=(--yes)
[ ${#steps[@]} -gt 0 ] || steps=(test asan tsan clang lint fuzz)

computing=() others=()
for step in "${steps[@]}"; do
    case $step in
    clang | lint | fuzz) computing+=("$step") ;;
    *) others+=("$step") ;;
    esac
done

if packaging/dependencies.sh "${ask[@]}" build test lint package; then
    if [ ${#others[@]} -gt 0 ] && [ ${#computing[@]} -gt 0 ]; then
        start_beside "${computing[*]}" "${others[*]}"
        run_steps "${others[@]}"
        wait_beside
    else
        run_steps "${steps[@]}"
    fi
else
    step_failed dependencies
fi
report

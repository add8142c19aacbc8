#!/usr/bin/env bash
# Builds the fuzz targets with libFuzzer and the address sanitizer, and runs them.
#
#     Fuzzing/fuzz.sh [SECONDS] [TARGET…]    SECONDS (default 60) for each target (default: all), two at a time
#
# Prints a line per target. Exits 1 when one crashed; what crashes it then lies in Fuzzing/Crashers/TARGET: commit it with
# the fix, `swift test` replays it for ever after. Fuzzing/Corpus/TARGET is where fuzzing begins; what it finds on the way
# gathers in Fuzzing/corpus-work, which git does not know. `FUZZ_MERGE=1` minimises that into the corpus instead of fuzzing.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
shift || true
jobs=${FUZZ_JOBS:-2}
build=${FUZZ_BUILD:-$PWD/.build}
export SLUICE_LIBRARIES_ONLY=1 SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
fuzzer=$build/sluice-fuzz

build_fuzzer() {
    echo "Building the fuzz targets: a few minutes the first time."
    swift build --configuration release --scratch-path "$build" --product FuzzTargets \
        --sanitize address -Xswiftc -sanitize=fuzzer
    local modules=()
    for map in "$build"/checkouts/*/Sources/*/include/module.modulemap "$build"/release/*.build/module.modulemap; do
        modules+=(-Xcc "-fmodule-map-file=$map")
    done
    # lld: gold prints a hundred warnings about the sanitizer's symbols.
    swiftc -O -sanitize=fuzzer,address -parse-as-library -use-ld=lld FuzzerEntry.swift -o "$fuzzer" \
        -I "$build/release/Modules" "${modules[@]}" -L "$build/release" -lFuzzTargets
}

# merge TARGET: the fewest inputs that reach all that the corpora reach.
merge() {
    local merged
    merged=$(mktemp -d)
    mkdir -p "Corpus/$1" "corpus-work/$1"
    FUZZ_TARGET=$1 "$fuzzer" -set_cover_merge=1 -use_counters=0 -max_len="${FUZZ_MERGE_BYTES:-3000}" "$merged" "Corpus/$1" "corpus-work/$1" \
        >"$build/$1.log" 2>&1 || { tail -5 "$build/$1.log"; return 1; }
    rm -rf "Corpus/${1:?}"
    mv "$merged" "Corpus/$1"
    printf '%-16s %5d inputs, %s\n' "$1" "$(find "Corpus/$1" -type f | wc -l)" "$(du -sh --apparent-size "Corpus/$1" | cut -f1)"
}

# run TARGET: fuzzes it and prints its line.
run() {
    local target=$1 log=$build/$1.log crashers=Crashers/$1 status=0
    mkdir -p "corpus-work/$target" "Corpus/$target" "$crashers"
    FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$crashers/" "corpus-work/$target" "Corpus/$target" "$crashers" \
        >"$log" 2>&1 || status=$?
    local executions new_units coverage
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    new_units=$(sed -n 's/^stat::new_units_added: *//p' "$log")
    coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2 || true)
    if [ "$status" -eq 0 ]; then
        result=ok
    else
        result="CRASHED: $(sed -n 's/.*Test unit written to /Fuzzing\//p; /^Running: .*Crashers/{s/^Running: /Fuzzing\//;h};${x;/./p}' \
            "$log" | tail -1)"
        result+=$'\n'"$(grep -m1 -E 'Fatal error|ERROR: |broken promise' "$log" | cut -c1-400 | sed 's/^/                 /')"
    fi
    printf '%-16s %12s executions %7s new inputs %6s edges   %s\n' \
        "$target" "${executions:-?}" "${new_units:-?}" "${coverage:-?}" "$result"
    rmdir "$crashers" 2>/dev/null || true
    return "$status"
}

build_fuzzer
if [ $# -gt 0 ]; then
    targets=("$@")
else
    mapfile -t targets < <(sed -n 's/^    case \([A-Za-z0-9]*\)$/\1/p; s/^    case .* = "\(.*\)"$/\1/p' \
        Sources/FuzzTargets/FuzzTarget.swift)
fi
export -f run merge
export seconds fuzzer build
if [ -n "${FUZZ_MERGE:-}" ]; then
    for target in "${targets[@]}"; do merge "$target"; done
    exit
fi
if ! printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run {} || exit 1'; then
    echo "fuzz: a target crashed; logs are in $build" >&2
    exit 1
fi
echo "fuzz: ${#targets[@]} targets, $seconds s each: no crash"

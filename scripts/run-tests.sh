#!/usr/bin/env bash
# Runs the tests that are built: first those that only compute, all at once; then, one after the other, those that speak
# over sockets, which would wait for the first; then those with strangers (EndToEnd).
#
#     scripts/run-tests.sh                 all
#     scripts/run-tests.sh --filter RTMP   some; the arguments are those of `swift test`
#
# At most three tests that fail are run once more, each alone and named as unsteady: the end-to-end tests share the
# machine with programs that are not ours. One that fails twice fails. So is a run whose process died, as NIO's debug
# builds do over a promise that a test's end leaves behind. What failed is said again at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

results=.build/test-results
retried_max=3
sockets='^(FanOut|RTMPTransport|HTTPTransport|HLSTransport|TransportSecurity|RTMPClient|StreamSources|LoadGeneration|Sluice[A-Za-z]*)Tests\.'
mkdir -p "$results"

# "Module.Suite/function()" of each test that failed, one a line.
failed_tests() {
    python3 - "$1" <<'PYTHON'
import pathlib
import sys
import xml.etree.ElementTree as tree

path = pathlib.Path(sys.argv[1])
for case in tree.parse(path).iter("testcase") if path.exists() else []:
    if case.find("failure") is not None:
        print(f"{case.get('classname')}/{case.get('name')}")
PYTHON
}

# What a run says of its failures: the issues, not the tests that passed.
said_of_failures() {
    grep -E '^✘|^  *↳|recorded an issue' "$1" | cut -c1-600 | head -60 || true
}

run() {
    local name=$1
    shift
    rm -f "$results/$name"*
    # The program itself is what fails; tee only listens.
    swift test --skip-build --xunit-output "$results/$name.xml" "$@" 2>&1 | tee "$results/$name.log"
}

run_steadily() {
    local name=$1 failed test number=0
    shift
    run "$name" "$@" && return
    # The results are opened at the beginning and written at the end.
    if ! grep -qs "</testsuites>" "$results/$name-swift-testing.xml"; then
        echo "run-tests: the process died; run once more:"
        grep -E -B 3 -A 30 'Fatal error|crashed' "$results/$name.log" | cut -c1-300 | head -80 || true
        run "$name" "$@" && return
    fi
    mapfile -t failed < <(failed_tests "$results/$name-swift-testing.xml")
    if [ "${#failed[@]}" -eq 0 ] || [ "${#failed[@]}" -gt "$retried_max" ]; then
        echo "run-tests: ${#failed[@]} tests of $name failed:"
        said_of_failures "$results/$name.log"
        return 1
    fi
    echo "run-tests: run once more, alone: ${failed[*]}"
    said_of_failures "$results/$name.log"
    for test in "${failed[@]}"; do
        number=$((number + 1))
        if ! run "$name-again-$number" --filter "^$(printf '%s' "$test" | sed 's/[().$^*[]/\\&/g')"; then
            echo "run-tests: failed twice: $test"
            said_of_failures "$results/$name.log"
            said_of_failures "$results/$name-again-$number.log"
            return 1
        fi
        echo "run-tests: unsteady, passed alone: $test"
    done
}

if [ $# -gt 0 ]; then
    run_steadily some "$@"
else
    run_steadily unit --skip EndToEnd --skip "$sockets"
    run_steadily sockets --filter "$sockets" --no-parallel
    run_steadily end-to-end --filter EndToEnd --no-parallel
fi

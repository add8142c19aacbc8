#!/usr/bin/env bash
# Checks what can be checked without building: the format, the size of files, the shell scripts.
#
#     scripts/lint.sh             check
#     scripts/lint.sh --format    format the Swift files
set -euo pipefail
cd "$(dirname "$0")/.."

lines_max=400
mapfile -t swift_files < <(git ls-files --cached --others --exclude-standard -- '*.swift')
mapfile -t shell_files < <(git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run)

if [ "${1:-}" = --format ]; then
    swift format --in-place --parallel --configuration .swift-format "${swift_files[@]}"
    exit
fi

swift format lint --strict --parallel --configuration .swift-format "${swift_files[@]}"

failures=0
for file in "${swift_files[@]}"; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$lines_max" ]; then
        echo "$file:$lines: more than $lines_max lines: cut it in two" >&2
        failures=$((failures + 1))
    fi
done
for file in "${shell_files[@]}"; do
    bash -n "$file" || failures=$((failures + 1))
done
[ "$failures" -eq 0 ] || exit 1
echo "lint: ${#swift_files[@]} Swift files and ${#shell_files[@]} scripts are clean"

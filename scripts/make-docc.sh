#!/usr/bin/env bash
# Makes the DocC pages of libraries: .build/docs/LIBRARY/.
#
#     scripts/make-docc.sh LIBRARY...
set -euo pipefail
cd "$(dirname "$0")/.."

docc=$(command -v docc || echo "$(dirname "$(readlink -f "$(command -v swift)")")/docc")
[ -x "$docc" ] || {
    echo "make-docc: this Swift has no docc" >&2
    exit 1
}
swift package dump-symbol-graph --minimum-access-level public
graphs=$(dirname "$(swift build --show-bin-path)")/symbolgraph
for library in "$@"; do
    own_graphs=.build/docs/symbol-graphs/$library
    rm -rf "$own_graphs"
    mkdir -p "$own_graphs"
    find "$graphs" \( -name "$library.symbols.json" -o -name "$library@*.symbols.json" \) -exec cp {} "$own_graphs/" \;
    "$docc" convert "Sources/$library/$library.docc" --fallback-display-name "$library" \
        --fallback-bundle-identifier "sluice.$library" --additional-symbol-graph-dir "$own_graphs" \
        --output-path ".build/docs/$library"
    echo "$library: .build/docs/$library"
done

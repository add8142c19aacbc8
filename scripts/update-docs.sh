#!/usr/bin/env bash
# Writes what the table of configuration keys says into docs/: sluice.example.yaml, and the table of configuration.md.
#
#     scripts/update-docs.sh PROGRAM      PROGRAM is a built sluice
set -euo pipefail
program=$(realpath "${1:?usage: scripts/update-docs.sh PROGRAM}")
cd "$(dirname "$0")/../docs"

"$program" check-config --example >sluice.example.yaml.new
mv sluice.example.yaml.new sluice.example.yaml

{
    sed '/^| key |/,$d' configuration.md
    "$program" check-config --markdown
} >configuration.md.new
mv configuration.md.new configuration.md

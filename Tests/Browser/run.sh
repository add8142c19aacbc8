#!/usr/bin/env bash
# Plays a server's streams in real browsers, headless, every way the page has.
#
#     Tests/Browser/run.sh                             all checks in Chromium and Firefox
#     Tests/Browser/run.sh --browser firefox live      the checks whose names hold "live", in one of them
#     Tests/Browser/run.sh --list                      the names of the checks
#
# Wants chromium, chromedriver, firefox-esr and ffmpeg (scripts/test-dependencies.sh installs them) and a built sluice
# (--sluice PATH, otherwise .build/debug/sluice). Python's packages are kept under .build/tools/browser.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=$root/.build/tools/browser
packages=(selenium==4.51.0 websockets==17.4 zxing-cpp==3.1.1 pillow==13.0.0)

if [ "$(cat "$tools/packages" 2>/dev/null)" != "${packages[*]}" ]; then
    mkdir -p "$tools"
    # Two runs at once must not build it twice into each other's hands.
    exec 9>"$tools/lock"
    flock 9
    if [ "$(cat "$tools/packages" 2>/dev/null)" != "${packages[*]}" ]; then
        python3 -m venv "$tools/python"
        "$tools/python/bin/pip" install -q --disable-pip-version-check "${packages[@]}"
        echo "${packages[*]}" >"$tools/packages"
    fi
    exec 9>&-
fi
exec "$tools/python/bin/python" "$root/Tests/Browser/main.py" "$@"

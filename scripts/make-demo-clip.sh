#!/usr/bin/env bash
# Makes Sources/CDemoClip/demo.flv, the clip that `sluice serve --demo` plays: ten seconds of FFmpeg's own
# test pictures with a running clock, and a beep each second, so that late, lost or swapped frames show at once.
#
#     scripts/make-demo-clip.sh [FILE]
set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:-Sources/CDemoClip/demo.flv}
bytes_max=1000000

command -v ffmpeg >/dev/null || {
    echo "make-demo-clip: ffmpeg is not installed; scripts/test-dependencies.sh installs it" >&2
    exit 1
}

# 250 pictures at 25 a second and 10 s of sound end together, so the loop is seamless. A keyframe each 2 s; no scene
# cuts, so that every GOP has 50 frames; B-frames, because real publishers send them.
ffmpeg -hide_banner -loglevel error -y \
    -f lavfi -i testsrc2=size=640x360:rate=25 \
    -f lavfi -i 'sine=frequency=220:beep_factor=4:sample_rate=44100' \
    -map 0:v -map 1:a -t 10 \
    -c:v libx264 -preset veryslow -profile:v high -pix_fmt yuv420p -bf 2 -g 50 -keyint_min 50 -sc_threshold 0 \
    -b:v 500k -maxrate 600k -bufsize 600k \
    -c:a aac -ac 2 -ar 44100 -b:a 64k \
    -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -f flv "$file"

bytes=$(wc -c <"$file")
if [ "$bytes" -gt "$bytes_max" ]; then
    echo "make-demo-clip: $file has $bytes bytes, more than $bytes_max" >&2
    exit 1
fi
echo "$file: $bytes bytes"

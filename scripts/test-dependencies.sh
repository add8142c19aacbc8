#!/usr/bin/env bash
# Installs the strangers that the end-to-end tests talk to, or says exactly what to install. Quick when all is there.
#
#     scripts/test-dependencies.sh              ffmpeg, rtmpdump, GStreamer, mpv, two browsers, and the newest FFmpeg beside
#     scripts/test-dependencies.sh --with-obs   OBS Studio and a virtual display, too
#
# The newest FFmpeg, which writes Enhanced RTMP, comes from PyPI and is linked as .build/tools/ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=.build/tools
newest_ffmpeg_package=imageio-ffmpeg==0.8.1
packages=(
    ffmpeg rtmpdump mpv curl python3 python3-venv zlib1g-dev
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-plugins-ugly gstreamer1.0-libav
    chromium chromium-driver firefox-esr
)
programs=(ffmpeg ffprobe rtmpdump mpv curl python3 gst-launch-1.0 chromium chromedriver firefox-esr)
gstreamer_elements=(flvdemux flvmux h264parse aacparse rtmp2sink rtmp2src rtmpsink rtmpsrc souphttpsrc)
if [ "${1:-}" = --with-obs ]; then
    packages+=(obs-studio xvfb)
    programs+=(obs Xvfb)
fi

missing() {
    local program element
    for program in "${programs[@]}"; do
        command -v "$program" >/dev/null || echo "$program"
    done
    if command -v gst-inspect-1.0 >/dev/null; then
        for element in "${gstreamer_elements[@]}"; do
            gst-inspect-1.0 --exists "$element" || echo "GStreamer's $element"
        done
    fi
}

say_what_to_install() {
    {
        echo "test-dependencies: the tests need programs that are not installed: $(missing | paste -sd, | sed 's/,/, /g')"
        echo "On Debian or Ubuntu:"
        echo "    apt-get install --no-install-recommends ${packages[*]}"
        echo "Elsewhere, install FFmpeg, rtmpdump, mpv, curl, Python 3, Chromium with its driver, Firefox ESR, and GStreamer"
        echo "1.22 with its base, good, bad, ugly and libav plugins."
    } >&2
    exit 1
}

install_packages() {
    local as_root=()
    command -v apt-get >/dev/null || say_what_to_install
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || say_what_to_install
        as_root=(sudo -n)
    fi
    echo "test-dependencies: installing ${packages[*]}"
    "${as_root[@]}" apt-get update -qq || say_what_to_install
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || say_what_to_install
}

link_newest_ffmpeg() {
    [ -x "$tools/ffmpeg" ] && return
    mkdir -p "$tools"
    if ! python3 -m venv "$tools/python" || ! "$tools/python/bin/pip" install -q "$newest_ffmpeg_package"; then
        {
            echo "test-dependencies: cannot install $newest_ffmpeg_package from PyPI, which the Enhanced RTMP tests need."
            echo "Link an ffmpeg of version 8 or newer as $PWD/$tools/ffmpeg instead."
        } >&2
        exit 1
    fi
    ln -sfn "$("$tools/python/bin/python" -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')" \
        "$tools/ffmpeg"
}

[ -z "$(missing)" ] || install_packages
[ -z "$(missing)" ] || say_what_to_install
link_newest_ffmpeg
echo "test-dependencies: all there"

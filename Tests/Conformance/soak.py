#!/usr/bin/env python3
"""Plays awkward streams for a long time in every HTTP format, and says what players complained of.

    Tests/Conformance/soak.py .build/release/sluice --seconds 600

FFmpeg publishes a stream with B-frames, one of variable frame rate, one of sound alone, one whose publisher dies and
returns with another picture size, and one whose clock jumps by an hour and passes 2^32 milliseconds. FFmpeg reads and
decodes each in every format from beginning to end; check-hls.py follows the playlists beside it. Exit code 1 when a
player stopped early, lost pictures or complained of anything but what is listed in EXPECTED.
"""

import argparse
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
FORMATS = {
    "flv": ".flv", "mp4": ".mp4", "ts": ".ts", "hls": ".m3u8", "hls-ts": ".m3u8?format=ts", "dash": ".mpd",
}
# Ways of the stream that returns with another picture size that do not go on, and why.
ENDS = {
    ("returns", "mp4"): "a plain HTTP body ends when its tracks change",
    ("returns", "hls"): "FFmpeg keeps the first initialization section of a playlist",
    ("returns", "dash"): "FFmpeg keeps the first initialization section of a manifest",
}
# What FFmpeg says of streams that are as they should be.
EXPECTED = re.compile(
    "|".join([
        "Last message repeated",
        # FFmpeg reads the initialization section again with every live playlist.
        "duplicated MOOV",
        # FFmpeg asks for segments of a manifest before they are there, again and again.
        "HTTP error 404|Failed to open fragment",
        # A playlist that begins in the middle of a stream.
        "keepalive request failed|skipping .* segments ahead|No longer receiving playlist",
        # The picture size of the stream that returns with another one.
        "Changing (video frame|audio frame) properties on the fly",
        # FFmpeg 5 starts an estimate of the frame rate with each of these.
        "deprecated pixel format|Could not find codec parameters|Consider increasing the value",
    ]))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def picture(size, rate=30):
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}"]


SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:beep_factor=4:sample_rate=48000"]
AAC = ["-c:a", "aac", "-b:a", "96k", "-ac", "2"]


def h264(b_frames=0, preset="veryfast"):
    return ["-c:v", "libx264", "-preset", preset, "-bf", str(b_frames), "-g", "60", "-b:v", "300k", "-pix_fmt", "yuv420p"]


def publisher(url, inputs, outputs, seconds):
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error"]
    for argument in inputs:
        # Each input has to be paced, and ends by its own clock, not by the one that jumps.
        if argument == "-f":
            command += ["-re", "-t", str(seconds)]
        command.append(argument)
    return subprocess.Popen(
        command + outputs + ["-f", "flv", url], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Player:
    """FFmpeg reading one URL to its end, decoding all of it."""

    def __init__(self, name, url, directory, seconds=None):
        self.name = name
        self.progress = directory / f"{name}.progress"
        self.complaints = directory / f"{name}.log"
        # As fast as time passes, as a person watches. At the live edge FFmpeg's reader of DASH asks for the next segment
        # again and again, and takes it twice when it comes between a manifest and the request.
        pace = ["-re"] if url.endswith(".mpd") else []
        self.process = subprocess.Popen(
            ["ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostats", "-progress", str(self.progress), *pace, "-i", url,
             "-map", "0:v?", "-map", "0:a?", "-fps_mode", "passthrough"] + (["-t", str(seconds)] if seconds else [])
            + ["-f", "null", "-"],
            stdin=subprocess.DEVNULL, stderr=self.complaints.open("w"))

    def result(self):
        values = dict(
            line.split("=", 1) for line in self.progress.read_text().splitlines() if "=" in line
        ) if self.progress.exists() else {}
        said = [
            line for line in self.complaints.read_text(errors="replace").splitlines()
            if line.strip() and not EXPECTED.search(line)
        ]
        return {
            "frames": int(values.get("frame", 0) or 0),
            "seconds": int(values["out_time_us"]) / 1e6 if values.get("out_time_us", "N/A") != "N/A" else 0.0,
            "exit": self.process.poll(),
            "complaints": said[:20],
            "complaint_count": len(said),
        }


def streams(server, seconds):
    """Each stream's name, frame rate, and a generator that publishes it and returns when it is over."""

    def once(name, inputs, outputs):
        process = publisher(f"{server}/{name}", inputs, outputs, seconds)
        while process.poll() is None:
            yield

    def returning():
        third = seconds / 3
        for number, size in enumerate(["320x180", "426x240", "256x144"]):
            begun = time.monotonic()
            process = publisher(
                f"{server}/returns", picture(size) + SOUND, h264(2) + AAC, third if number == 2 else 10 * seconds)
            while process.poll() is None and (number == 2 or time.monotonic() - begun < third):
                yield
            if number < 2:
                process.send_signal(signal.SIGKILL)
                process.wait()
                gone = time.monotonic()
                while time.monotonic() - gone < 3:
                    yield

    jump = f"if(gt(T,{seconds / 2}),3600/TB,0)"
    return {
        "bframes": (30, once("bframes", picture("320x180") + SOUND, h264(3) + AAC)),
        "vfr": (18, once(
            "vfr", picture("320x180") + SOUND,
            ["-vf", "select='gt(random(7),0.4)'", "-fps_mode", "vfr"] + h264(2) + AAC)),
        "audio": (0, once("audio", SOUND, AAC)),
        "returns": (30, returning()),
        "jumps": (30, once(
            "jumps", picture("320x180") + SOUND,
            ["-vf", f"setpts='PTS+{jump}'", "-af", f"asetpts='PTS+{jump}'", "-fps_mode", "passthrough",
             "-output_ts_offset", str(max(0, 4294967 - int(seconds / 4)))] + h264() + AAC)),
    }


def wait_for(condition, limit, what):
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > limit:
            sys.exit(f"soak: {what} within {limit} s: no")
        time.sleep(0.2)


def live_names(http):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/api/v1/streams", timeout=5) as answer:
            listed = json.load(answer)["streams"]
    except OSError:
        return set()
    return {stream["name"].split("/")[1] for stream in listed if len(stream["tracks"]) > 0}


def judge(results, rates, seconds):
    findings = []
    for (name, kind), result in results.items():
        where = f"{name} as {kind}"
        # Players join some seconds late, and a stream that returns is away for six.
        least = seconds - (40 if kind == "dash" else 20)
        if name == "audio" and result["seconds"] < least:
            findings.append(f"{where}: {result['seconds']:.0f} s of {seconds}")
        if rates[name] and result["frames"] < 0.97 * rates[name] * least:
            findings.append(f"{where}: {result['frames']} pictures in {seconds} s at {rates[name]} a second")
        if result["exit"] != 0:
            findings.append(f"{where}: exit {result['exit']}")
        if result["complaint_count"]:
            findings.append(f"{where}: {result['complaint_count']} complaints: {result['complaints'][:3]}")
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sluice", help="the program")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--streams", nargs="*", help="some of: bframes vfr audio returns jumps")
    parser.add_argument("--formats", nargs="*", default=list(FORMATS), help="some of: " + " ".join(FORMATS))
    arguments = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-soak-"))
    rtmp, http = free_port(), free_port()
    server = subprocess.Popen(
        [arguments.sluice, "serve", "--rtmp", f"127.0.0.1:{rtmp}", "--http", f"127.0.0.1:{http}"],
        stdout=subprocess.DEVNULL, stderr=(directory / "server.log").open("w"))
    players, checks = {}, {}
    try:
        wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", rtmp)) == 0, 20, "the server listens")
        published = streams(f"rtmp://127.0.0.1:{rtmp}/live", arguments.seconds)
        published = {name: one for name, one in published.items() if name in (arguments.streams or published)}
        rates = {name: rate for name, (rate, _) in published.items()}
        running = {name: steps for name, (_, steps) in published.items()}
        begun = time.monotonic()
        while running:
            for name in list(running):
                if next(running[name], StopIteration) is StopIteration:
                    del running[name]
            if not players and live_names(http) >= set(rates):
                for name in rates:
                    for kind in arguments.formats:
                        # FFmpeg does not notice that a live manifest has become one of the past.
                        limit = arguments.seconds - 25 if kind == "dash" else None
                        if (name, kind) in ENDS:
                            continue
                        players[name, kind] = Player(
                            f"{name}-{kind}", f"http://127.0.0.1:{http}/live/{name}{FORMATS[kind]}", directory, limit)
                    checks[name] = subprocess.Popen(
                        [sys.executable, str(HERE / "check-hls.py"), f"http://127.0.0.1:{http}/live/{name}.m3u8",
                         "--seconds", str(int(arguments.seconds - 30))],
                        stdout=(directory / f"{name}.check").open("w"), stderr=subprocess.STDOUT)
            print(f"\r{time.monotonic() - begun:6.0f} s, {len(players)} players", end="", file=sys.stderr)
            time.sleep(0.5)
        for player in players.values():
            try:
                player.process.wait(60)
            except subprocess.TimeoutExpired:
                player.process.kill()
                player.process.wait()
        for check in checks.values():
            check.wait(600)
    finally:
        server.terminate()
        server.wait(20)
    results = {key: player.result() for key, player in players.items()}
    print(f"\n{'stream':10}{'format':10}{'pictures':>10}{'seconds':>10}{'exit':>6}{'complaints':>12}")
    for (name, kind), result in results.items():
        print(f"{name:10}{kind:10}{result['frames']:10}{result['seconds']:10.1f}{result['exit']:6}"
              f"{result['complaint_count']:12}")
    findings = judge(results, rates, arguments.seconds)
    for name, check in checks.items():
        if check.returncode:
            said = (directory / f"{name}.check").read_text().splitlines()
            findings.append(f"{name}: the playlists break rules: {said[-5:]}")
    for (name, kind), reason in ENDS.items():
        print(f"left out: {name} as {kind}: {reason}")
    for finding in findings:
        print("✘", finding)
    print(f"logs: {directory}")
    sys.exit(1 if findings or not results else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the seeds that fuzzing begins with: what ffmpeg, rtmpdump and GStreamer say to a server, and it to them.

    swift build -c release --product sluice
    Fuzzing/make-seeds.py .build/release/sluice [A NEWER FFMPEG]
    FUZZ_MERGE=1 Fuzzing/fuzz.sh

It writes into Fuzzing/corpus-work; the last line puts what is worth keeping into Fuzzing/Corpus. A newer FFmpeg (7 or
later) adds Enhanced RTMP. In front of each seed are the bytes that its target takes there.
"""

import hashlib
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

WORK = pathlib.Path(__file__).resolve().parent / "corpus-work"
SEED_BYTES_MAX = 4000


def seed(target, prefix, data):
    data = bytes(prefix) + bytes(data)[:SEED_BYTES_MAX]
    directory = WORK / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ("seed-" + hashlib.sha1(data).hexdigest()[:16])).write_bytes(data)


# RTMP


class Proxy:
    """Stands between a client and the server, and keeps what both say."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.server_port = port
        self.said = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.server_port))
            said = (bytearray(), bytearray())
            self.said.append(said)
            for source, sink, kept in ((client, server, said[0]), (server, client, said[1])):
                threading.Thread(target=self.pump, args=(source, sink, kept), daemon=True).start()

    @staticmethod
    def pump(source, sink, kept):
        try:
            while data := source.recv(65536):
                kept += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def messages(data):
    """The messages in chunks; enough of RTMP for what the programs here write."""
    at, size, streams, found = 0, 128, {}, []
    try:
        while at < len(data):
            kind, number = data[at] >> 6, data[at] & 63
            at += 1
            if number == 0:
                number, at = 64 + data[at], at + 1
            stream = streams.setdefault(number, {"length": 0, "type": 0, "body": b"", "extended": False})
            header = data[at:at + (11, 7, 3, 0)[kind]]
            at += len(header)
            if kind < 3:
                stream["extended"] = header[:3] == b"\xff\xff\xff"
            if kind < 2:
                stream["length"] = int.from_bytes(header[3:6], "big")
                stream["type"] = header[6]
            if stream["extended"]:
                at += 4
            count = min(size, stream["length"] - len(stream["body"]))
            if at + count > len(data):
                break
            stream["body"] += data[at:at + count]
            at += count
            if len(stream["body"]) == stream["length"]:
                found.append((stream["type"], stream["body"]))
                if stream["type"] == 1:
                    size = int.from_bytes(stream["body"], "big")
                stream["body"] = b""
    except IndexError:
        pass
    return found


def keep_conversation(client, server, plays):
    seed("handshake", [0, 0], client[:3073])
    seed("handshake", [1, 3], server[:3073])
    seed("server-session", [2, 0, 0, 0, 0, 0], client[:3073] + client[3073:4000])
    for pattern, moods in ((0, b"\0\0\0\0"), (5, b"\x00\x12\x30\x40"), (200, b"\x42\x10\x89\xab")):
        seed("server-session", [0, pattern] + list(moods), client[3073:])
        seed("client-session", [int(plays), pattern], server[3073:])
        seed("chunks", [0, pattern, pattern, pattern & 1], client[3073:])
        seed("chunks", [16, 0, pattern, 0], server[3073:])
    for side in (client, server):
        for kind, body in messages(side[3073:])[:60]:
            if kind in (8, 9, 18):
                seed("flv-tag", [{9: 0, 8: 1, 18: 2}[kind]], body[:600])
            if kind not in (8, 9):
                seed("messages", [kind], body)
            if kind in (18, 20):
                seed("amf0", [], body)


def record_rtmp(sluice, new_ffmpeg):
    server_port = free_port()
    server = subprocess.Popen(
        [sluice, "serve", "--rtmp", f"127.0.0.1:{server_port}", "--http", f"127.0.0.1:{free_port()}", "--log-level", "error"])
    time.sleep(1)
    proxy = Proxy(server_port)
    url = f"rtmp://127.0.0.1:{proxy.port}/live/"
    source = ["-re", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10", "-f", "lavfi", "-i", "sine=frequency=440"]
    h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-c:a", "aac", "-b:a", "16k", "-t", "4", "-f", "flv"]
    run = lambda *command, timeout=6: subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=timeout, check=False)
    plays = []

    def conversation(is_play, *command):
        before = len(proxy.said)
        try:
            run(*command)
        except subprocess.TimeoutExpired:
            pass
        plays.extend([is_play] * (len(proxy.said) - before))

    publisher = subprocess.Popen(
        ["ffmpeg", "-v", "error", *source, *[x if x != "4" else "60" for x in h264],
         f"rtmp://127.0.0.1:{server_port}/live/on"])
    time.sleep(2)
    conversation(False, "ffmpeg", "-v", "error", *source, *h264, url + "a?key=secret")
    conversation(True, "ffmpeg", "-v", "error", "-t", "1", "-i", url + "on", "-f", "null", "-")
    conversation(True, "rtmpdump", "-q", "-r", url + "on", "-o", "/dev/null", "-B", "1")
    conversation(
        False, "gst-launch-1.0", "-q", "videotestsrc", "num-buffers=20", "!", "video/x-raw,width=64,height=48", "!", "x264enc",
        "!", "flvmux", "streamable=true", "!", "rtmp2sink", f"location={url}gst")
    conversation(True, "gst-launch-1.0", "-q", "rtmp2src", f"location={url}on", "num-buffers=20", "!", "fakesink")
    if new_ffmpeg:
        for codecs in (["-c:v", "libx265", "-c:a", "libopus"], ["-c:v", "libsvtav1", "-c:a", "aac"]):
            conversation(
                False, new_ffmpeg, "-v", "error", *source, *codecs, "-t", "3", "-rtmp_enhanced_codecs",
                "hvc1,av01,vp09,Opus", "-f", "flv", url + "enhanced")
    publisher.terminate()
    server.terminate()
    server.wait()
    time.sleep(0.5)
    for (client, said), is_play in zip(proxy.said, plays):
        if len(client) > 3073 and len(said) > 3073:
            keep_conversation(bytes(client), bytes(said), is_play)
    print(len(proxy.said), "RTMP conversations")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# Files


def encode(directory, name, *options, source=None):
    path = directory / name
    source = source or ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *source, "-t", "1", *options, str(path)], check=False, stdin=subprocess.DEVNULL)
    return path.read_bytes() if path.exists() else b""


def annex_b(data):
    return [unit.rstrip(b"\0") for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


def length_prefixed(units):
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)


def box(data, name):
    """The payload of the first box of that name in an MP4."""
    at = data.find(name)
    return data[at + 4:at - 4 + int.from_bytes(data[at - 4:at], "big")] if at > 4 else b""


def record_files(directory):
    tone = ["-f", "lavfi", "-i", "sine=frequency=440"]
    for number, options in enumerate((["-bf", "2"], ["-flags", "+ildct+ilme"], ["-profile:v", "high422", "-pix_fmt", "yuv422p10"])):
        data = encode(directory, f"{number}.h264", "-c:v", "libx264", *options)
        for unit in annex_b(data)[:12]:
            kind = {7: 0, 8: 1, 1: 2, 5: 2, 6: 3}.get(unit[0] & 31)
            if kind is not None:
                seed("h264", [kind], unit[:300])
        seed("h264", [5], data[:1500])
        seed("h264", [6 + 7 * 3], length_prefixed(unit[:100] for unit in annex_b(data)[:6]))
    seed("h264", [4], box(encode(directory, "h264.mp4", "-c:v", "libx264"), b"avcC"))
    data = encode(directory, "0.hevc", "-c:v", "libx265", "-x265-params", "log-level=none")
    for unit in annex_b(data)[:10]:
        kind = {32: 0, 33: 1, 39: 3}.get(unit[0] >> 1 & 63, 2)
        seed("hevc", [kind], unit[:300])
    seed("hevc", [5 + 6 * 3], length_prefixed(unit[:100] for unit in annex_b(data)[:6]))
    seed("hevc", [4], box(encode(directory, "hevc.mp4", "-c:v", "libx265", "-x265-params", "log-level=none"), b"hvcC"))
    av1 = encode(directory, "0.obu", "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime")
    seed("av1", [2], av1[:800])
    seed("av1", [1], av1[4:40])
    seed("av1", [0], box(encode(directory, "av1.mp4", "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"), b"av1C"))
    seed("av1", [3], box(encode(directory, "vp9.mp4", "-c:v", "libvpx-vp9"), b"vpcC"))
    for name, codec, kind in (("vp9.ivf", "libvpx-vp9", 4), ("vp8.ivf", "libvpx", 5)):
        seed("av1", [kind], encode(directory, name, "-c:v", codec)[44:200])
    for name, options, skip, kind in (
            ("a.aac", ["-c:a", "aac"], 0, 1), ("a.opus", ["-c:a", "libopus"], 28, 2), ("a.flac", ["-c:a", "flac"], 8, 4),
            ("a.ac3", ["-c:a", "ac3"], 0, 5), ("a.eac3", ["-c:a", "eac3"], 0, 5), ("a.mp3", ["-c:a", "libmp3lame"], 0, 6)):
        seed("audio", [kind], encode(directory, name, *options, source=tone)[skip:skip + 400])
    for config in ("1190", "2B118800", "EB098800", "131056E598", "118004C4010020000D4C61766335392E33372E31303056E500"):
        seed("audio", [0], bytes.fromhex(config))
    seed("audio", [3], bytes.fromhex("FC7F"))
    both = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10", *tone]
    flv = encode(directory, "a.flv", "-c:v", "libx264", "-c:a", "aac", "-b:a", "16k", source=both)
    for pattern in (0, 1, 77):
        seed("flv", [pattern], flv)


def record_captures():
    """The recorded capture as pcap, and as pcapng."""
    data = (WORK.parents[1] / "Tests/Recordings/rtmp/ffmpeg.pcap").read_bytes()
    link, at = int.from_bytes(data[20:24], "little"), 24
    blocks = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    blocks += struct.pack("<IIHHII", 1, 20, link, 0, 0, 20)
    while at + 16 <= len(data):
        kept, length = struct.unpack_from("<II", data, at + 8)
        total = 32 + kept + -kept % 4
        blocks += struct.pack("<IIIIIII", 6, total, 0, 0, at, kept, length)
        blocks += data[at + 16:at + 16 + kept] + bytes(-kept % 4) + struct.pack("<I", total)
        at += 16 + kept
    for pattern in (0, 1, 77):
        seed("capture", [pattern], data)
        seed("capture", [pattern], blocks)


def write_by_hand():
    for text in ("rtmp://host/live/cam?key=k", "rtmps://[fe80::1%25eth0]:1936/a/b/c", "rtmpt://h:80/x", "live\ncam?key=%41%zz",
                 "live/cam", "a%2Fb/..", "RTMP://user:pw@host:1/app//name"):
        seed("names", [], text.encode())
    for text in ("0a0b01036b06076162630401", "0a13010b68656c6c6f040105000a010a2301", "090501046b06036104010402",
                 "0c0568656c6c6f", "110301036101" + "06036202", "0f09000000000000f03f", "0d050000000001" + "00000002",
                 "0803" + "4277 8000 0000 0000".replace(" ", ""), "0a07456c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e0a090101"):
        seed("amf3", [], bytes.fromhex(text if len(text) % 2 == 0 else text + "0"))
    for command in range(7):
        seed("bits", [24], bytes((index * 7 + command) & 255 for index in range(24)) + bytes(range(60)))
    begin = [7, 11, 0, 0x45, 1, 0x55, 2]
    frames = [0x01, 4, 0x00, 3] + [0x01, 5, 0x00, 3] * 8
    for play in (begin + frames + [14, 0], begin + frames + [0x18] + [7] + frames + [14, 1, 15, 14, 0],
                 begin + frames + [0x31, 0xFF, 0xFF, 0xFF, 0xF0, 4] + frames + [12, 1, 12, 2, 12, 3] + frames + [14, 2, 13, 0, 14, 0],
                 begin + [6, 0, 0, 0, 4, 0] + frames + [8, 14, 0, 15, 7] + frames + [0x21, 200, 4] + frames + [14, 0],
                 [11, 0, 11, 4] + begin + frames * 6 + [14, 1, 10, 0xFF, 0xFF, 15, 14, 0]):
        seed("hub", [], bytes(play))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    record_rtmp(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    with tempfile.TemporaryDirectory() as directory:
        record_files(pathlib.Path(directory))
    record_captures()
    write_by_hand()
    for directory in sorted(WORK.iterdir()):
        print(directory.name, len(list(directory.glob("seed-*"))), "seeds")


if __name__ == "__main__":
    main()

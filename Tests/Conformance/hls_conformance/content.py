"""Pictures and sound for the fake server, cut into segments and parts."""

import dataclasses
import pathlib
import subprocess
import tempfile

PART_SECONDS = 0.2
SEGMENT_SECONDS = 1.0
CONTENT_SECONDS = 30
FRAME_SECONDS = {"video": 1 / 25, "audio": 1024 / 48000}


@dataclasses.dataclass
class FakePart:
    start: float
    end: float
    data: bytes


@dataclasses.dataclass
class Track:
    init: bytes
    # Per segment its parts.
    segments: list


def make_content():
    """Encodes half a minute of pictures and sound and cuts it into parts."""
    return {kind: _cut(kind, _encode(kind)) for kind in ("video", "audio")}


def _encode(kind):
    codec = {
        "video": ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={CONTENT_SECONDS}", "-c:v", "libx264", "-preset",
                  "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-keyint_min", "25", "-bf", "0"],
        "audio": ["-f", "lavfi", "-i", f"sine=r=48000:d={CONTENT_SECONDS}", "-c:a", "aac", "-b:a", "64k"],
    }[kind]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "out.mp4")
        flags = "+empty_moov+default_base_moof+frag_every_frame"
        subprocess.run(["ffmpeg", "-v", "error", *codec, "-movflags", flags, str(path)], check=True)
        return path.read_bytes()


def _cut(kind, data):
    init, fragments, position = b"", [], 0
    while position < len(data):
        size, name = int.from_bytes(data[position:position + 4], "big"), data[position + 4:position + 8]
        box = data[position:position + size]
        if name in (b"ftyp", b"moov"):
            init += box
        elif name == b"moof":
            fragments.append(box)
        elif name == b"mdat":
            fragments[-1] += box
        position += size
    frame = FRAME_SECONDS[kind]
    parts_per_segment = round(SEGMENT_SECONDS / PART_SECONDS)
    segments = []
    for index in range(int(CONTENT_SECONDS / PART_SECONDS)):
        first, last = round(index * PART_SECONDS / frame), round((index + 1) * PART_SECONDS / frame)
        if index % parts_per_segment == 0:
            segments.append([])
        segments[-1].append(FakePart(first * frame, last * frame, b"".join(fragments[first:last])))
    return Track(init, segments)

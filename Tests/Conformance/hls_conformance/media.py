"""Rules about what segments hold, as ffprobe sees it, and about what a multivariant playlist says of it."""

import dataclasses
import json
import subprocess

# A frame of 10 Hz video, and what timestamps of 90 kHz and 48 kHz may differ by.
DURATION_TOLERANCE = 0.11
ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,flags:" \
    "stream=index,codec_type,codec_name,profile,level,width,height,channels,sample_rate"


@dataclasses.dataclass
class Probed:
    streams: list
    start: float
    end: float
    frames: int
    has_keyframe: bool

    def stream(self, kind):
        return next((stream for stream in self.streams if stream["codec_type"] == kind), None)


def probe(data):
    """Streams, and times of the video or else the audio. Returns nil when nothing is found in the bytes."""
    result = subprocess.run(
        ["ffprobe", "-v", "quiet", "-show_entries", ENTRIES, "-of", "json", "-"], input=data, capture_output=True,
        check=False)
    found = json.loads(result.stdout or b"{}")
    streams = [stream for stream in found.get("streams", []) if stream.get("codec_type") in ("video", "audio")]
    main = next((s for s in streams if s["codec_type"] == "video"), streams[0] if streams else None)
    if main is None:
        return None
    packets = [p for p in found.get("packets", []) if p["stream_index"] == main["index"] and "pts_time" in p]
    if not packets:
        return None
    times = sorted(float(packet["pts_time"]) for packet in packets)
    length = float(packets[-1].get("duration_time", 0))
    if not length and len(times) > 1:
        length = (times[-1] - times[0]) / (len(times) - 1)
    keyframe = any("K" in packet.get("flags", "") for packet in packets)
    return Probed(streams, times[0], times[-1] + length, len(packets), keyframe)


class MediaCheck:
    """What one playlist's segments are, together."""

    def __init__(self, follower):
        self.follower, self.report, self.where = follower, follower.report, follower.where
        self.peak = 0.0
        self.rates = []
        self.streams = []
        self.maps = {}

    def run(self, segments_max):
        follower = self.follower
        previous = None
        for number in sorted(follower.segments)[-segments_max:]:
            segment = follower.segments[number]
            url = follower.latest.resolve(segment.uri)
            body = follower.media.get(url)
            if body is None:
                previous = None
                continue
            if segment.duration >= 0.5 * follower.latest.target:
                self.peak = max(self.peak, len(body) * 8 / segment.duration)
            self.check_parts(segment, body)
            previous = self.check_segment(segment, body, previous)

    def head(self, segment):
        return self.follower.media.get(self.follower.latest.resolve(segment.map), b"") if segment.map else b""

    def check_segment(self, segment, body, previous):
        probed = probe(self.head(segment) + body)
        where = self.where
        if not self.report.check(probed is not None, "duration-real", where, f"{segment.uri}: nothing found in it"):
            return None
        real = probed.end - probed.start
        self.report.check(
            abs(real - segment.duration) <= DURATION_TOLERANCE, "duration-real", where,
            f"{segment.uri} has {real:.3f} s, EXTINF says {segment.duration}")
        if self.follower.latest.independent:
            self.report.check(probed.has_keyframe, "independent", where, segment.uri)
        if previous is not None and previous[0].number + 1 == segment.number and not segment.discontinuity:
            gap = probed.start - previous[1].end
            self.report.check(
                abs(gap) <= DURATION_TOLERANCE, "media-continuity", where,
                f"{segment.uri} begins {gap:+.3f} s from the end of the one before")
        self.streams = probed.streams
        self.maps[segment.map] = self.head(segment)
        if real > 0:
            self.rates.append(probed.frames / real)
        return segment, probed

    def check_parts(self, segment, body):
        bodies = [self.follower.media.get(self.follower.latest.resolve(part.uri)) for part in segment.parts]
        for part, part_body in zip(segment.parts, bodies):
            if part.independent and part_body is not None:
                probed = probe(self.head(segment) + part_body)
                self.report.check(probed is not None and probed.has_keyframe, "independent", self.where, part.uri)
        if bodies and all(part_body is not None for part_body in bodies):
            self.report.check(b"".join(bodies) == body, "parts-are-segment", self.where, segment.uri)


# The multivariant playlist

FORMATS = {
    "h264": ("avc1", "avc3"), "hevc": ("hvc1", "hev1"), "av1": ("av01",), "vp9": ("vp09",),
    "aac": ("mp4a.40", "mp4a.66", "mp4a.67", "mp4a.68"), "mp3": ("mp4a.6B", "mp4a.69", "mp4a.40.34"),
    "opus": ("opus", "Opus"), "flac": ("fLaC", "flac"), "ac3": ("ac-3",), "eac3": ("ec-3",),
}
AAC_OBJECT_TYPES = {"LC": "mp4a.40.2", "HE-AAC": "mp4a.40.5", "HE-AACv2": "mp4a.40.29"}


def check_variant(variant, checks, report, where):
    """One EXT-X-STREAM-INF against the media of its playlist and its renditions."""
    streams = [stream for check in checks for stream in check.streams]
    if not streams:
        return
    codecs = [codec.strip() for codec in variant.get("CODECS", "").split(",") if codec.strip()]
    if codecs:
        for stream in streams:
            known = FORMATS.get(stream["codec_name"], (stream["codec_name"],))
            named = [codec for codec in codecs if codec.startswith(known)]
            report.check(named, "codecs-complete", where, f"{stream['codec_name']} is not among {codecs}")
        for codec in codecs:
            _check_codec(codec, streams, checks, report, where)
    video = next((stream for stream in streams if stream["codec_type"] == "video"), None)
    if video is not None and "RESOLUTION" in variant:
        real = f"{video.get('width')}x{video.get('height')}"
        report.check(variant["RESOLUTION"] == real, "resolution", where, f"says {variant['RESOLUTION']}, is {real}")
    rates = checks[0].rates
    if video is not None and "FRAME-RATE" in variant and rates:
        said = float(variant["FRAME-RATE"])
        report.check(
            max(rates) <= said * 1.1 + 0.5, "frame-rate", where, f"says {said}, has up to {max(rates):.2f}")
    peak = sum(check.peak for check in checks)
    said = int(variant["BANDWIDTH"])
    report.check(peak <= said * 1.25, "bandwidth", where, f"says {said}, the peak is {peak:.0f}")
    report.check(peak <= said, "bandwidth-close", where, f"says {said}, the peak is {peak:.0f}")


def _check_codec(codec, streams, checks, report, where):
    named = [name for name, starts in FORMATS.items() if codec.startswith(starts)]
    if not report.check(named, "codecs-right", where, f"{codec} is unknown"):
        return
    matching = [stream for stream in streams if stream["codec_name"] in named]
    if not report.check(matching, "codecs-right", where, f"{codec} is not in the media"):
        return
    if codec.startswith("avc1."):
        heads = [head for check in checks for head in check.maps.values() if b"avcC" in head]
        for head in heads[-1:]:
            record = head[head.index(b"avcC") + 4:]
            report.check(record[1:4].hex() == codec[5:].lower(), "codecs-right", where, f"{codec}: {record[1:4].hex()}")
        level = int(codec[9:11], 16)
        report.check(matching[0].get("level") == level, "codecs-right", where, f"{codec}: {matching[0].get('level')}")
    if codec.startswith("hvc1.") or codec.startswith("hev1."):
        level = int(codec.split(".")[3][1:])
        report.check(matching[0].get("level") == level, "codecs-right", where, f"{codec}: {matching[0].get('level')}")
    expected = AAC_OBJECT_TYPES.get(matching[0].get("profile"))
    if codec.startswith("mp4a.40.") and matching[0]["codec_name"] == "aac" and expected:
        report.check(codec == expected, "codecs-right", where, f"{codec}: {matching[0]['profile']}")

"""Reads playlists, independently of the server's own reader, and keeps what the rules ask about."""

import dataclasses
import datetime
import re
import urllib.parse

ATTRIBUTE = re.compile(r'\s*([A-Z0-9-]+)=("[^"]*"|[^",]*)\s*(?:,|$)')


def attributes(text):
    """NAME=value pairs; quotation marks are taken off. Raises ValueError when there is anything else."""
    values, position = {}, 0
    while position < len(text):
        match = ATTRIBUTE.match(text, position)
        if not match:
            raise ValueError(f"attributes: {text[position:position + 40]!r}")
        if match[1] in values:
            raise ValueError(f"attribute {match[1]} twice")
        values[match[1]] = match[2].strip('"')
        position = match.end()
    return values


@dataclasses.dataclass
class Part:
    uri: str
    duration: float
    independent: bool = False
    gap: bool = False
    byte_range: str = ""


@dataclasses.dataclass
class Segment:
    number: int
    uri: str = ""
    duration: float = 0
    discontinuity: bool = False
    date: float = None
    map: str = None
    byte_range: str = ""
    gap: bool = False
    parts: list = dataclasses.field(default_factory=list)
    discontinuity_number: int = 0

    def identity(self):
        """What must not change while it is listed; a map may be named or implied."""
        return (self.uri, self.duration, self.discontinuity, self.date, self.byte_range, self.gap)


@dataclasses.dataclass
class MediaPlaylist:
    url: str
    text: str
    tags: set = dataclasses.field(default_factory=set)
    version: int = 1
    target: float = None
    sequence: int = 0
    discontinuity_sequence: int = 0
    type: str = None
    part_target: float = None
    control: dict = None
    independent: bool = False
    skipped: int = 0
    segments: list = dataclasses.field(default_factory=list)
    open: Segment = None
    hints: list = dataclasses.field(default_factory=list)
    reports: list = dataclasses.field(default_factory=list)
    ended: bool = False

    @property
    def next_number(self):
        return self.sequence + self.skipped + len(self.segments)

    @property
    def duration(self):
        return sum(segment.duration for segment in self.segments)

    @property
    def edge(self):
        """The number of the segment at the edge and the count of its parts."""
        return self.next_number, len(self.open.parts) if self.open else 0

    @property
    def all_parts(self):
        for segment in self.segments + ([self.open] if self.open else []):
            for index, part in enumerate(segment.parts):
                yield segment, index, part

    def control_seconds(self, name):
        value = (self.control or {}).get(name)
        return None if value is None else float(value)

    def resolve(self, uri):
        return urllib.parse.urljoin(self.url, uri)


def date(text):
    return datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00")).timestamp()


def lines(text):
    if not text.startswith("#EXTM3U"):
        raise ValueError("the first line is not #EXTM3U")
    for line in text.splitlines()[1:]:
        line = line.strip()
        if line and (not line.startswith("#") or line.startswith("#EXT")):
            yield line


def parse_media(url, text):
    """Raises ValueError, KeyError when the text is no media playlist."""
    playlist = MediaPlaylist(url, text)
    segment, current_map = Segment(0), None
    has_duration = False
    for line in lines(text):
        if not line.startswith("#"):
            if not has_duration:
                raise ValueError(f"URI without EXTINF: {line}")
            segment.uri, segment.map = line, current_map
            playlist.segments.append(segment)
            segment, has_duration = Segment(0), False
            continue
        name, _, value = line[1:].partition(":")
        playlist.tags.add(name)
        if name == "EXTINF":
            segment.duration, has_duration = float(value.split(",")[0]), True
        elif name == "EXT-X-MAP":
            current_map = attributes(value)["URI"]
        else:
            _apply(playlist, segment, name, value)
    if has_duration:
        raise ValueError("EXTINF without a URI")
    if segment.parts:
        segment.map = current_map
        playlist.open = segment
    _number(playlist)
    return playlist


def _apply(playlist, segment, name, value):
    if name == "EXT-X-VERSION":
        playlist.version = int(value)
    elif name == "EXT-X-TARGETDURATION":
        playlist.target = int(value)
    elif name == "EXT-X-MEDIA-SEQUENCE":
        playlist.sequence = int(value)
    elif name == "EXT-X-DISCONTINUITY-SEQUENCE":
        playlist.discontinuity_sequence = int(value)
    elif name == "EXT-X-PLAYLIST-TYPE":
        playlist.type = value
    elif name == "EXT-X-PART-INF":
        playlist.part_target = float(attributes(value)["PART-TARGET"])
    elif name == "EXT-X-SERVER-CONTROL":
        playlist.control = attributes(value)
    elif name == "EXT-X-INDEPENDENT-SEGMENTS":
        playlist.independent = True
    elif name == "EXT-X-SKIP":
        playlist.skipped = int(attributes(value)["SKIPPED-SEGMENTS"])
    elif name == "EXT-X-ENDLIST":
        playlist.ended = True
    elif name == "EXT-X-DISCONTINUITY":
        segment.discontinuity = True
    elif name == "EXT-X-PROGRAM-DATE-TIME":
        segment.date = date(value)
    elif name == "EXT-X-BYTERANGE":
        segment.byte_range = value
    elif name == "EXT-X-GAP":
        segment.gap = True
    elif name == "EXT-X-PART":
        part = attributes(value)
        segment.parts.append(
            Part(part["URI"], float(part["DURATION"]), part.get("INDEPENDENT") == "YES", part.get("GAP") == "YES",
                 part.get("BYTERANGE", "")))
    elif name == "EXT-X-PRELOAD-HINT":
        playlist.hints.append(attributes(value))
    elif name == "EXT-X-RENDITION-REPORT":
        playlist.reports.append(attributes(value))


def _number(playlist):
    discontinuities = playlist.discontinuity_sequence
    everything = playlist.segments + ([playlist.open] if playlist.open else [])
    for index, segment in enumerate(everything):
        segment.number = playlist.sequence + playlist.skipped + index
        discontinuities += segment.discontinuity
        segment.discontinuity_number = discontinuities


@dataclasses.dataclass
class Multivariant:
    url: str
    variants: list
    renditions: list

    def resolve(self, uri):
        return urllib.parse.urljoin(self.url, uri)


def is_multivariant(text):
    return "#EXT-X-STREAM-INF" in text


def parse_multivariant(url, text):
    result, pending = Multivariant(url, [], []), None
    for line in lines(text):
        name, _, value = line[1:].partition(":")
        if not line.startswith("#"):
            if pending is None:
                raise ValueError(f"URI without EXT-X-STREAM-INF: {line}")
            result.variants.append({**pending, "URI": line})
            pending = None
        elif name == "EXT-X-STREAM-INF":
            pending = attributes(value)
            int(pending["BANDWIDTH"])
        elif name == "EXT-X-MEDIA":
            result.renditions.append(attributes(value))
    if pending is not None or not result.variants:
        raise ValueError("EXT-X-STREAM-INF without a URI")
    return result

"""A small live server of low-latency HLS that can be told to be wrong in one way, for the checks' own test."""

import gzip
import hashlib
import http.server
import re
import threading
import time
import urllib.parse

from .content import SEGMENT_SECONDS

PART_TARGET = 0.22
WINDOW_SEGMENTS = 11
# What has happened when a server starts, so that there is a whole window and something to skip.
SECONDS_BEFORE = 11


class FaultyServer(http.server.ThreadingHTTPServer):
    """Serves `content` live on a free port. `fault` names what is wrong; an empty one is right."""

    daemon_threads = True

    def __init__(self, content, fault=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.fault = content, fault
        self.began = time.monotonic() - SECONDS_BEFORE
        self.epoch = 1_795_262_400
        self.fetches = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/master.m3u8"

    def now(self):
        position = time.monotonic() - self.began
        if self.fault == "late-segment":
            return min(position, SECONDS_BEFORE + 1)
        return position

    # What there is

    def edge(self, kind, now):
        """The count of whole segments and of parts of the next one."""
        whole = 0
        for whole, parts in enumerate(self.content[kind].segments):
            if parts[-1].end > now:
                return whole, sum(part.end <= now for part in parts)
        return whole + 1, 0

    def wait(self, kind, number, part):
        deadline = time.monotonic() + 3 * SEGMENT_SECONDS
        while time.monotonic() < deadline:
            whole, parts = self.edge(kind, self.now())
            if whole > number or (part is not None and whole == number and parts > part):
                return True
            time.sleep(0.01)
        return False

    def master(self):
        fault = self.fault
        audio = "nowhere" if fault == "group-defined" else "audio"
        codecs = {"codecs-complete": "avc1.42C00D", "codecs-right": "avc1.64001F,mp4a.40.2"}.get(
            fault, f"avc1.{self.profile()},mp4a.40.2")
        bandwidth = {"bandwidth": 50_000, "bandwidth-close": round(self.peak() / 1.2)}.get(fault, 6_000_000)
        resolution = "640x360" if fault == "resolution" else "320x180"
        rate = "5.000" if fault == "frame-rate" else "25.000"
        return (
            "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"\n'
            f'#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},CODECS="{codecs}",RESOLUTION={resolution},'
            f'FRAME-RATE={rate},AUDIO="{audio}"\nvideo.m3u8\n')

    def profile(self):
        init = self.content["video"].init
        return init[init.index(b"avcC") + 5:][:3].hex().upper()

    def peak(self):
        total = 0
        for kind in ("video", "audio"):
            # The segments that a check of a few seconds sees.
            seen = self.content[kind].segments[SECONDS_BEFORE - 2:SECONDS_BEFORE + 4]
            total += max(sum(len(part.data) for part in parts) * 8 for parts in seen)
        return total


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    @property
    def fault(self):
        return self.server.fault

    def do_HEAD(self):
        self.answer(with_body=self.fault == "head")

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, with_body):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        name = url.path.lstrip("/")
        if name.endswith(".m3u8"):
            status, body = self.playlist(name, query)
            self.send_playlist(status, body.encode(), with_body)
        else:
            self.send_media(name, with_body)

    def playlist(self, name, query):
        if name == "master.m3u8":
            return 200, self.server.master()
        kind = name.removesuffix(".m3u8")
        if kind not in self.server.content:
            return 404, ""
        if "_HLS_part" in query and "_HLS_msn" not in query and self.fault != "blocking-part-alone":
            return 400, ""
        if "_HLS_msn" in query:
            number = int(query["_HLS_msn"])
            if number > self.server.edge(kind, self.server.now())[0] + 1 and self.fault != "blocking-far":
                return 400, ""
            part = int(query["_HLS_part"]) if "_HLS_part" in query else None
            waits = self.fault not in ("blocking-contains", "blocking-far")
            if waits and not self.server.wait(kind, number, part):
                return 503, ""
        text = PlaylistText(self.server, kind, is_delta="_HLS_skip" in query).render()
        return 200, text

    def send_playlist(self, status, body, with_body):
        headers = {
            "Content-Type": "text/plain" if self.fault == "mime-playlist" else "application/vnd.apple.mpegurl",
            "Cache-Control": "max-age=3600" if self.fault == "cache-playlist" else "max-age=1",
        }
        if "gzip" in self.headers.get("Accept-Encoding", "") and self.fault != "gzip":
            body = gzip.compress(b"other" if self.fault == "gzip-same" else body)
            headers["Content-Encoding"] = "gzip"
        self.send(status, headers, body, with_body)

    def send_media(self, name, with_body):
        fault = self.fault
        body = self.media(name)
        if body is None:
            self.send(200 if fault == "not-found" else 404, {"Content-Type": "video/mp4"}, b"", with_body)
            return
        tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        headers = {
            "Content-Type": "text/html" if fault == "mime-media" else "video/mp4",
            "Cache-Control": "no-cache" if fault == "cache-media" else "public, max-age=31536000, immutable",
            "ETag": tag,
        }
        if self.headers.get("If-None-Match") == tag and fault != "etag":
            self.send(304, headers, b"", with_body=False)
            return
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if wanted and fault != "range":
            first = int(wanted[1]) if wanted[1] else max(0, len(body) - int(wanted[2]))
            last = min(int(wanted[2]), len(body) - 1) if wanted[1] and wanted[2] else len(body) - 1
            if first < len(body) or fault == "range-beyond":
                headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
                self.send(206, headers, body[first:last + 1], with_body)
            else:
                self.send(416, headers, b"", with_body)
            return
        self.send(200, headers, body, with_body)

    def media(self, name):
        """The bytes of KIND.mp4, KIND-NUMBER.m4s or KIND-NUMBER.PART.m4s; parts may be waited for."""
        match = re.fullmatch(r"(video|audio)(?:-(\d+)(?:\.(\d+))?)?\.(?:mp4|m4s)", name)
        if not match:
            return None
        track, fault = self.server.content[match[1]], self.fault
        if match[2] is None:
            return track.init
        number = int(match[2])
        if number >= len(track.segments) or (fault == "available" and number % 3 == 0):
            return None
        if match[3] is not None:
            return self.part(match[1], number, int(match[3]))
        if fault == "media-continuity" and number % 4 == 0:
            number -= 4
        body = b"".join(part.data for part in track.segments[number])
        if fault == "same-bytes":
            self.server.fetches[name] = self.server.fetches.get(name, 0) + 1
            body += bytes([self.server.fetches[name] % 256]) * 8
        return body

    def part(self, kind, number, index):
        whole, parts = self.server.edge(kind, self.server.now())
        if self.fault == "hint-delivers" and (number, index) >= (whole, parts):
            return None
        if index >= len(self.server.content[kind].segments[number]) or not self.server.wait(kind, number, index):
            return None
        if self.fault == "parts-are-segment":
            index = 0
        return self.server.content[kind].segments[number][index].data

    def send(self, status, headers, body, with_body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.fault != "cors":
            self.send_header("Access-Control-Allow-Origin", "*")
        if status != 304:
            is_wrong = self.fault == "head" and self.command == "HEAD"
            self.send_header("Content-Length", "0" if is_wrong else str(len(body)))
        self.end_headers()
        if with_body and self.command != "HEAD":
            self.wfile.write(body)


class PlaylistText:
    """One version of a media playlist, wrong in one way."""

    def __init__(self, server, kind, is_delta):
        self.server, self.kind, self.fault, self.is_delta = server, kind, server.fault, is_delta
        self.now = server.now()
        self.whole, self.parts = server.edge(kind, self.now)
        # Faults that come and go, twice a second.
        self.is_odd = int(self.now * 2) % 2 == 1
        window = 2 if self.fault == "too-few-left" else WINDOW_SEGMENTS
        self.first = max(0, self.whole - window)
        if self.fault == "segments-lost" and self.is_odd:
            self.whole -= 1

    def seconds(self, name, right, wrong):
        return wrong if self.fault == name else right

    def render(self):
        lines = ["#EXTM3U", f"#EXT-X-VERSION:{self.seconds('version', 9, 3)}"] + self.head()
        if self.fault == "version-not-higher":
            lines[1] = "#EXT-X-VERSION:12"
        first = self.first
        if self.is_delta and self.fault != "delta-skips":
            kept = {"delta-boundary": 3}.get(self.fault, 7)
            skipped = max(0, self.whole - kept - first)
            if skipped:
                said = skipped - 1 if self.fault == "delta-equals" else skipped
                lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={said}")
                first += skipped
        else:
            lines.append(f'#EXT-X-MAP:URI="{self.kind}.mp4"')
        for number in range(first, self.whole):
            lines += self.segment(number)
        lines += self.part_lines(self.whole, self.parts)
        return "\n".join(lines + self.tail()) + "\n"

    def head(self):
        fault = self.fault
        is_wrong = fault == "target-changed" and self.is_odd or fault == "same-target" and self.kind == "audio"
        target = 2 if is_wrong else 1
        control = ["CAN-BLOCK-RELOAD=YES"]
        if fault != "part-hold-back-present":
            hold = {"part-hold-back": 0.3, "part-hold-back-three": 0.5}.get(fault, 0.7)
            control.append(f"PART-HOLD-BACK={0.8 if fault == 'control-changed' and self.is_odd else hold}")
        if fault == "same-control" and self.kind == "audio":
            control.append("CAN-SKIP-DATERANGES=YES")
        control += [f"HOLD-BACK={self.seconds('hold-back', 3.0, 2.0)}"]
        control += [f"CAN-SKIP-UNTIL={self.seconds('skip-boundary', 6.0, 4.0)}"]
        sequence = self.first
        if fault == "sequence-back" and self.is_odd:
            sequence -= 4
        if fault == "sequence-count":
            sequence = 0
        discontinuities = 4 + int(self.fault == "discontinuities-match" and self.kind == "audio")
        if fault == "discontinuity-back":
            discontinuities -= int(self.is_odd)
        lines = ["#EXT-X-SERVER-CONTROL:" + ",".join(control), f"#EXT-X-MEDIA-SEQUENCE:{sequence}"]
        lines += [f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuities}", "#EXT-X-INDEPENDENT-SEGMENTS"]
        if fault != "target-present":
            lines.append(f"#EXT-X-TARGETDURATION:{target}")
        if fault != "part-inf":
            lines.append(f"#EXT-X-PART-INF:PART-TARGET={0.15 if fault == 'part-target-exceeded' else PART_TARGET}")
        if fault == "type-of-live":
            lines.append("#EXT-X-PLAYLIST-TYPE:EVENT")
        return lines

    def segment(self, number):
        fault, parts = self.fault, self.server.content[self.kind].segments[number]
        lines = []
        # With a mark that goes with its segment while nothing counts it.
        if fault == "discontinuity-count" and number == SECONDS_BEFORE - WINDOW_SEGMENTS + 1:
            lines.append("#EXT-X-DISCONTINUITY")
        if fault == "date-at-discontinuity" and number == SECONDS_BEFORE - 3:
            lines.append("#EXT-X-DISCONTINUITY")
        elif not (fault == "dates-in-all" and self.kind == "audio"):
            lines.append(self.date(number, parts[0].start))
        near = 99 if fault == "parts-too-old" else 3
        if number >= self.whole - near:
            lines += self.part_lines(number, len(parts), has_date=False)
        duration = parts[-1].end - parts[0].start
        duration = {"target-exceeded": 1.6, "duration-real": 0.7}.get(fault, duration)
        if fault == "segment-changed" and self.is_odd:
            duration += 0.001
        text = "one" if fault == "parses" else f"{duration:.6f}"
        name = f"{self.kind}-{self.first if fault == 'unique-names' else number}.m4s"
        return lines + [f"#EXTINF:{text},", name]

    def date(self, number, start):
        shift = {"date-continuity": 0.4, "date-backwards": -1.5}.get(self.fault, 0) * (number % 2)
        moment = round((self.server.epoch + start + shift) * 1000)
        clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000))
        return f"#EXT-X-PROGRAM-DATE-TIME:{clock}.{moment % 1000:03d}Z"

    def part_lines(self, number, count, has_date=True):
        if number >= len(self.server.content[self.kind].segments):
            return []
        parts = self.server.content[self.kind].segments[number][:count]
        lines = []
        if has_date and parts and not (self.fault == "dates-in-all" and self.kind == "audio"):
            lines.append(self.date(number, parts[0].start))
        for index, part in enumerate(parts):
            duration = part.end - part.start
            duration *= {"parts-sum": 0.95, "part-too-short": 0.5}.get(self.fault, 1)
            if self.fault == "part-changed" and self.is_odd:
                duration -= 0.001
            independent = index == 0 or self.kind == "audio" or self.fault == "independent"
            mark = ",INDEPENDENT=YES" if independent else ""
            lines.append(f'#EXT-X-PART:DURATION={duration:.6f},URI="{self.kind}-{number}.{index}.m4s"{mark}')
        return lines

    def tail(self):
        fault, other = self.fault, "audio" if self.kind == "video" else "video"
        number, part = (self.whole, self.parts)
        if part == len(self.server.content[self.kind].segments[0]):
            number, part = number + 1, 0
        if fault == "hint-fulfilled":
            # One that is there, and too old to be listed as a part.
            number, part = self.first, 0
        name = f"{self.kind}-{number}.{part}"
        hint = f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{name}.m4s"'
        lines = {"hint-present": [], "hint-once": [hint, hint]}.get(fault, [hint])
        whole, parts = self.server.edge(other, self.now)
        whole += 5 if fault == "report-right" else 0
        last = f"LAST-MSN={whole},LAST-PART={parts - 1}" if parts else f"LAST-MSN={whole - 1},LAST-PART=4"
        if fault != "report-present":
            lines = lines + [f'#EXT-X-RENDITION-REPORT:URI="{other}.m3u8",{last}']
        if fault == "after-end" and self.now > SECONDS_BEFORE + 1:
            return ["#EXT-X-ENDLIST"]
        return lines

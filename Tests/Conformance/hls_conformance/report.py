"""The rules that are checked, and what was found against them."""

import threading

MUST, SHOULD = "must", "should"

# rule: (clause, level, what it demands). RFC 8216bis is draft-pantos-hls-rfc8216bis.
RULES = {
    # The text
    "parses": ("RFC 8216bis 4.1", MUST, "a playlist must parse"),
    "parses-with-m3u8": ("PyPI m3u8", MUST, "another parser must see the same playlist"),
    "version": ("RFC 8216bis 8", MUST, "EXT-X-VERSION must cover the tags that are used"),
    "version-not-higher": ("RFC 8216bis 6.2.1", SHOULD, "EXT-X-VERSION should not be higher than needed"),
    "target-present": ("RFC 8216bis 4.4.3.1", MUST, "EXT-X-TARGETDURATION must be there"),
    "target-exceeded": ("RFC 8216bis 4.4.3.1", MUST, "EXTINF, rounded, must not exceed the target duration"),
    "type-of-live": ("RFC 8216bis 6.2.2", MUST, "a playlist that loses segments must not have EXT-X-PLAYLIST-TYPE"),
    "unique-names": ("RFC 8216bis 4.4.4", SHOULD, "each segment and part should have a name of its own"),
    "date-at-discontinuity": ("RFC 8216bis 6.2.1", SHOULD, "segments after a discontinuity should have a date"),
    "date-continuity": ("RFC 8216bis 4.4.4.6", MUST, "dates must go on with the durations between discontinuities"),
    "date-backwards": ("RFC 8216bis 6.2.1", MUST, "dates must not overlap by a second or more"),
    "part-inf": ("RFC 8216bis 4.4.3.7", MUST, "parts need EXT-X-PART-INF"),
    "part-target-exceeded": ("RFC 8216bis 4.4.3.7", MUST, "no part may be longer than the part target"),
    "part-too-short": ("RFC 8216bis 4.4.4.9", MUST, "all parts but a segment's last must reach 85 % of the target"),
    "parts-sum": ("RFC 8216bis 4.4.4.9", MUST, "the parts' durations must add up to the segment's"),
    "parts-too-old": ("RFC 8216bis 6.2.2", SHOULD, "parts should go three target durations from the end"),
    "part-hold-back-present": ("RFC 8216bis 4.4.3.8", MUST, "PART-HOLD-BACK must be there with parts"),
    "part-hold-back": ("RFC 8216bis 4.4.3.8", MUST, "PART-HOLD-BACK must be at least twice the part target"),
    "part-hold-back-three": ("RFC 8216bis 4.4.3.8", SHOULD, "PART-HOLD-BACK should be three times the part target"),
    "hold-back": ("RFC 8216bis 4.4.3.8", MUST, "HOLD-BACK must be at least three target durations"),
    "skip-boundary": ("RFC 8216bis 4.4.3.8", MUST, "CAN-SKIP-UNTIL must be at least six target durations"),
    "hint-once": ("RFC 8216bis 6.2.6", SHOULD, "there should be one preload hint of a type at most"),
    "hint-present": ("RFC 8216bis 6.2.6", SHOULD, "the next part should be hinted"),
    # Its changes
    "target-changed": ("RFC 8216bis 6.2.1", MUST, "the target duration must not change"),
    "control-changed": ("RFC 8216bis 4.4.3.8", SHOULD, "part target and server control should not change"),
    "sequence-back": ("RFC 8216bis 6.2.2", MUST, "EXT-X-MEDIA-SEQUENCE must not decrease"),
    "sequence-count": ("RFC 8216bis 6.2.2", MUST, "EXT-X-MEDIA-SEQUENCE must count the segments removed"),
    "segment-changed": ("RFC 8216bis 6.2.1", MUST, "a listed segment's tags and URI must not change"),
    "part-changed": ("RFC 8216bis 6.2.1", MUST, "a listed part must not change"),
    "segments-lost": ("RFC 8216bis 6.2.1", MUST, "segments must not go from the end"),
    "discontinuity-back": ("RFC 8216bis 6.2.2", MUST, "EXT-X-DISCONTINUITY-SEQUENCE must not decrease"),
    "discontinuity-count": ("RFC 8216bis 6.2.2", MUST, "a segment's discontinuity sequence number must not change"),
    "too-few-left": ("RFC 8216bis 6.2.2", MUST, "three target durations must stay when segments are removed"),
    "after-end": ("RFC 8216bis 6.2.1", MUST, "nothing may change after EXT-X-ENDLIST"),
    "late-segment": ("RFC 8216bis 6.2.1", MUST, "a new segment must come within 1.5 target durations"),
    # Delivery directives
    "blocking-contains": ("RFC 8216bis 6.2.5.2", MUST, "a blocking reload must contain what was asked for"),
    "blocking-far": ("RFC 8216bis 6.2.5.2", SHOULD, "_HLS_msn beyond the last segment plus two should get 400"),
    "blocking-part-alone": ("RFC 8216bis 6.2.5.2", MUST, "_HLS_part without _HLS_msn must get 400"),
    "delta-skips": ("RFC 8216bis 6.2.5.1", MUST, "_HLS_skip must be answered with a delta update"),
    "delta-boundary": ("RFC 8216bis 6.2.5.1", MUST, "segments within the skip boundary must not be skipped"),
    "delta-equals": ("RFC 8216bis 6.2.5.1", MUST, "an old playlist and a delta update must make the whole one"),
    "report-right": ("RFC 8216bis 4.4.5.4", MUST, "rendition reports must say how far the rendition is"),
    "report-present": ("RFC 8216bis 4.4.5.4", SHOULD, "every other rendition should be reported"),
    "hint-delivers": ("RFC 8216bis 6.2.6", MUST, "a hinted part must be delivered"),
    "hint-fulfilled": ("RFC 8216bis 6.2.6", SHOULD, "a hinted part should then be listed"),
    # Several playlists
    "codecs-complete": ("RFC 8216bis 6.2.4", MUST, "CODECS must name every format of the variant"),
    "codecs-right": ("RFC 6381 3", MUST, "CODECS must be what the media is"),
    "resolution": ("RFC 8216bis 4.4.6.2", MUST, "RESOLUTION must be the pictures' size"),
    "frame-rate": ("RFC 8216bis 4.4.6.2", SHOULD, "FRAME-RATE should be the pictures' rate"),
    "bandwidth": ("RFC 8216bis 4.4.6.2", MUST, "BANDWIDTH must not be below the peak by more than a quarter"),
    "bandwidth-close": ("RFC 8216bis 4.4.6.2", SHOULD, "BANDWIDTH should not be below the peak"),
    "group-defined": ("RFC 8216bis 4.4.6.2", MUST, "a group that a variant names must be there"),
    "same-target": ("RFC 8216bis 6.2.4", MUST, "all playlists must have the same target duration"),
    "same-control": ("RFC 8216bis 6.2.4", MUST, "all playlists must have the same server control"),
    "dates-in-all": ("RFC 8216bis 6.2.4", MUST, "all playlists or none must have dates"),
    "discontinuities-match": ("RFC 8216bis 6.2.4", MUST, "renditions must have matching discontinuity sequences"),
    # The media
    "available": ("RFC 8216bis 6.2.1", MUST, "what is listed must be there"),
    "same-bytes": ("RFC 8216bis 6.2.1", MUST, "a segment must be the same when fetched again"),
    "parts-are-segment": ("RFC 8216bis 4.4.4.9", MUST, "the parts together must be the segment"),
    "duration-real": ("RFC 8216bis 4.4.4.1", MUST, "EXTINF must be the media's duration"),
    "independent": ("RFC 8216bis 4.4.2.1", MUST, "a segment or part called independent must have a keyframe"),
    "media-continuity": ("RFC 8216bis 6.2.1", MUST, "timestamps must go on, or a discontinuity be marked"),
    # HTTP
    "mime-playlist": ("RFC 8216bis 4", MUST, "a playlist is application/vnd.apple.mpegurl or audio/mpegurl"),
    "mime-media": ("RFC 8216bis 3.1", SHOULD, "segments should have their type"),
    "gzip": ("RFC 8216bis 6.2.1", SHOULD, "playlists should be sent with gzip to who accepts it"),
    "gzip-same": ("RFC 9110 8.4", MUST, "with gzip or without, it must be the same playlist"),
    "cors": ("WHATWG Fetch 3.2", SHOULD, "players in other pages need Access-Control-Allow-Origin"),
    "cache-playlist": ("RFC 9111 4.2", SHOULD, "live playlists should be cached for a target duration at most"),
    "cache-media": ("RFC 9111 4.2", SHOULD, "segments should be cached for as long as they are listed"),
    "etag": ("RFC 9110 13.1.2", SHOULD, "If-None-Match with the ETag should get 304"),
    "range": ("RFC 9110 14.2", SHOULD, "a range should get 206 and those bytes"),
    "range-beyond": ("RFC 9110 14.4", SHOULD, "a range beyond the end should get 416"),
    "head": ("RFC 9110 9.3.2", MUST, "HEAD must say what GET says, without a body"),
    "not-found": ("RFC 8216bis 6.2.6", SHOULD, "what is not there should get 404 or 410"),
}


class Report:
    """Findings, each rule and place once, with a count."""

    def __init__(self):
        self._findings = {}
        self._checked = {}
        self._lock = threading.Lock()

    def check(self, holds, rule, where, words=""):
        """Counts a check of a rule, and records a finding unless it holds. Returns whether it does."""
        clause, level, demand = RULES[rule]
        with self._lock:
            self._checked[rule] = self._checked.get(rule, 0) + 1
            if not holds:
                found = self._findings.setdefault(
                    (rule, where),
                    {"rule": rule, "clause": clause, "level": level, "demand": demand, "where": where,
                     "words": words, "count": 0})
                found["count"] += 1
        return bool(holds)

    def fail(self, rule, where, words=""):
        self.check(False, rule, where, words)

    @property
    def findings(self):
        with self._lock:
            return sorted(self._findings.values(), key=lambda found: (found["level"], found["rule"], found["where"]))

    @property
    def checked(self):
        with self._lock:
            return dict(sorted(self._checked.items()))

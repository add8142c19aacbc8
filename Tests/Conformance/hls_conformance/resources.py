"""Rules of HTTP: how playlists and media are sent."""

import urllib.parse

PLAYLIST_TYPES = ("application/vnd.apple.mpegurl", "audio/mpegurl", "application/x-mpegurl")
MEDIA_TYPES = {
    "ts": ("video/mp2t",), "mp4": ("video/mp4", "audio/mp4"), "aac": ("audio/aac",),
    "m4s": ("video/mp4", "audio/mp4", "video/iso.segment", "audio/iso.segment"),
}


def check_playlist_headers(answer, report, where, target, is_live, is_blocking=False):
    kind = answer.header("content-type").split(";")[0].strip().lower()
    report.check(kind in PLAYLIST_TYPES, "mime-playlist", where, kind)
    report.check(answer.header("access-control-allow-origin"), "cors", where)
    if is_live and not is_blocking:
        control = answer.header("cache-control")
        fresh = "no-cache" in control or "no-store" in control
        age = answer.max_age
        is_short = fresh or (age is not None and age <= target)
        report.check(is_short, "cache-playlist", where, control or "no Cache-Control")


def check_playlist_resource(client, url, report, where):
    """What needs further requests for a playlist that does not change between them: gzip, ETag, HEAD, 404."""
    zipped = client.ask(url, Accept_Encoding="gzip")
    if report.check(zipped.header("content-encoding") == "gzip", "gzip", where):
        try:
            report.check(zipped.text.startswith("#EXTM3U"), "gzip-same", where)
        except (OSError, ValueError) as error:
            report.fail("gzip-same", where, str(error))
    _check_head(client, url, report, where, is_changing=True)
    check_not_found(client, url, report, where)


def check_not_found(client, url, report, where):
    missing = urllib.parse.urljoin(url, "there-is-no-such-segment.m4s")
    status = client.ask(missing).status
    report.check(status in (404, 410), "not-found", where, f"status {status}")


def _check_head(client, url, report, where, is_changing=False):
    whole, head = client.ask(url), client.ask(url, "HEAD")
    same = head.status == whole.status and head.header("content-type") == whole.header("content-type")
    # A live playlist may grow between the two.
    if not is_changing:
        same = same and head.header("content-length") == str(len(whole.body))
    report.check(same and not head.body, "head", where, f"status {head.status}, {len(head.body)} bytes of body")


def check_media_headers(answer, report, where, listed_seconds):
    extension = urllib.parse.urlsplit(answer.url).path.rsplit(".", 1)[-1]
    kind = answer.header("content-type").split(";")[0].strip().lower()
    report.check(kind in MEDIA_TYPES.get(extension, (kind,)), "mime-media", where, f"{kind} for .{extension}")
    report.check(answer.header("access-control-allow-origin"), "cors", where)
    age = answer.max_age
    report.check(
        age is not None and age >= listed_seconds, "cache-media", where,
        answer.header("cache-control") or "no Cache-Control")


def check_media_resource(client, answer, report, where):
    """What needs further requests for a segment."""
    url, body = answer.url, answer.body
    tag = answer.header("etag")
    if report.check(tag, "etag", where, "no ETag"):
        status = client.ask(url, If_None_Match=tag).status
        report.check(status == 304, "etag", where, f"status {status}")
    first, last = len(body) // 3, len(body) // 2
    ranged = client.ask(url, Range=f"bytes={first}-{last}")
    right = ranged.status == 206 and ranged.body == body[first:last + 1]
    right = right and ranged.header("content-range") == f"bytes {first}-{last}/{len(body)}"
    report.check(right, "range", where, f"status {ranged.status}, {ranged.header('content-range')}")
    suffix = client.ask(url, Range="bytes=-10")
    report.check(suffix.status == 206 and suffix.body == body[-10:], "range", where, f"suffix: {suffix.status}")
    beyond = client.ask(url, Range=f"bytes={len(body)}-")
    report.check(beyond.status == 416, "range-beyond", where, f"status {beyond.status}")
    _check_head(client, url, report, where)

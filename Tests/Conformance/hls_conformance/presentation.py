"""A whole presentation: every playlist of it followed at once, then compared."""

from . import resources, text
from .client import Client
from .follower import Follower
from .media import MediaCheck, check_variant
from .report import Report


def check(url, seconds, has_media=True, is_insecure=False, segments_max=30):
    """Follows a presentation and returns the report."""
    report, client = Report(), Client(is_insecure)
    answer = client.ask(url)
    if not report.check(answer.status == 200, "available", "playlist", f"{url}: status {answer.status}"):
        return report
    try:
        content = answer.text
        multivariant = text.parse_multivariant(url, content) if text.is_multivariant(content) else None
    except (ValueError, KeyError) as error:
        report.fail("parses", "playlist", f"{type(error).__name__}: {error}")
        return report
    followers = {}
    for name, playlist_url in _playlists(multivariant, url, report).items():
        followers[playlist_url] = Follower(client, playlist_url, name, report, seconds)
    if multivariant is not None:
        resources.check_playlist_headers(answer, report, "multivariant", 60, is_live=False)
        resources.check_playlist_resource(client, url, report, "multivariant")
    for follower in followers.values():
        follower.start()
    for follower in followers.values():
        follower.join()
        follower.check_hints()
    alive = [follower for follower in followers.values() if follower.latest is not None]
    _compare(alive, report)
    if has_media:
        # What it says of the media holds for what is there now: a publisher may have come back with another encoder.
        latest = client.ask(url) if multivariant is not None else None
        if latest is not None and latest.status == 200 and text.is_multivariant(latest.text):
            multivariant = text.parse_multivariant(url, latest.text)
        _check_media(multivariant, {follower.url: follower for follower in alive}, report, segments_max)
    return report


def _playlists(multivariant, url, report):
    """Name: URL, each URL once."""
    if multivariant is None:
        return {"media playlist": url}
    groups = {(rendition["TYPE"], rendition["GROUP-ID"]) for rendition in multivariant.renditions}
    found = {}
    for variant in multivariant.variants:
        found.setdefault(multivariant.resolve(variant["URI"]), variant["URI"])
        for kind in ("AUDIO", "VIDEO", "SUBTITLES"):
            if kind in variant:
                group = (kind, variant[kind])
                report.check(group in groups, "group-defined", "multivariant", f"{kind} {variant[kind]}")
    for rendition in multivariant.renditions:
        if "URI" in rendition:
            found.setdefault(multivariant.resolve(rendition["URI"]), rendition["URI"])
    return {name: playlist_url for playlist_url, name in found.items()}


def _compare(followers, report):
    if len(followers) < 2:
        return
    playlists = {follower.where: follower.latest for follower in followers}
    first = next(iter(playlists.values()))
    for where, playlist in playlists.items():
        report.check(playlist.target == first.target, "same-target", where, f"{playlist.target} and {first.target}")
        report.check(playlist.control == first.control, "same-control", where, f"{playlist.control}, {first.control}")
        dates = [any(segment.date is not None for segment in one.segments) for one in (playlist, first)]
        report.check(dates[0] == dates[1], "dates-in-all", where)
        others = {other.url.split("?")[0] for other in playlists.values() if other is not playlist}
        if playlist.part_target and not playlist.ended:
            reported = {playlist.resolve(reported["URI"]).split("?")[0] for reported in playlist.reports}
            report.check(others <= reported, "report-present", where, str(sorted(others - reported)))
    _compare_discontinuities(followers, report)


def _compare_discontinuities(followers, report):
    """Segments of two renditions that overlap in time must have the same discontinuity sequence number."""
    first, rest = followers[0], followers[1:]
    for other in rest:
        mine = [segment for segment in first.segments.values() if segment.date is not None]
        for segment in other.segments.values():
            if segment.date is None:
                continue
            middle = segment.date + segment.duration / 2
            for twin in mine:
                # Cuts of audio and video differ by a frame or two, so only their inner parts are compared.
                if twin.date + 0.3 * twin.duration < middle < twin.date + 0.7 * twin.duration:
                    report.check(
                        twin.discontinuity_number == segment.discontinuity_number, "discontinuities-match",
                        other.where, f"{segment.uri} and {twin.uri}")


def _check_media(multivariant, followers, report, segments_max):
    checks = {url: MediaCheck(follower) for url, follower in followers.items()}
    for one in checks.values():
        one.run(segments_max)
    if multivariant is None:
        return
    for variant in multivariant.variants:
        playlist_url = multivariant.resolve(variant["URI"])
        used = [checks[playlist_url]] if playlist_url in checks else []
        for rendition in multivariant.renditions:
            if rendition["GROUP-ID"] == variant.get(rendition["TYPE"]) and "URI" in rendition:
                rendition_url = multivariant.resolve(rendition["URI"])
                if rendition_url in checks and rendition_url != playlist_url:
                    used.append(checks[rendition_url])
        if used:
            check_variant(variant, used, report, f"variant {variant['URI']}")



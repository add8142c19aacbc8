"""Rules that the text of a playlist shows, alone and against its earlier version."""

import m3u8

# Sums and differences of numbers written with three or more decimals.
ROUNDING = 0.002
# Dates have milliseconds and may follow a clock that drifts.
DATE_TOLERANCE = 0.1


def check_playlist(playlist, report, where):
    """Rules that one version of a media playlist shows by itself."""
    if not report.check(playlist.target is not None, "target-present", where):
        playlist.target = max((segment.duration for segment in playlist.segments), default=1)
    for segment in playlist.segments:
        rounded = int(segment.duration + 0.5)
        report.check(
            rounded <= playlist.target, "target-exceeded", where,
            f"{segment.uri} has {segment.duration} s, the target is {playlist.target} s")
    _check_version(playlist, report, where)
    _check_dates(playlist, report, where)
    _check_control(playlist, report, where)
    _check_parts(playlist, report, where)
    _check_names(playlist, report, where)
    _check_with_m3u8(playlist, report, where)


def _check_version(playlist, report, where):
    needed = 1
    if "." in "".join(line for line in playlist.text.splitlines() if line.startswith("#EXTINF")):
        needed = 3
    if "EXT-X-BYTERANGE" in playlist.tags:
        needed = 4
    if "EXT-X-MAP" in playlist.tags:
        needed = 6
    if "EXT-X-SKIP" in playlist.tags:
        needed = 9
    report.check(playlist.version >= needed, "version", where, f"{playlist.version}, needed {needed}")
    # A playlist that offers delta updates may say what those need.
    offered = 9 if playlist.control_seconds("CAN-SKIP-UNTIL") else needed
    report.check(
        playlist.version <= max(needed, offered, 3), "version-not-higher", where,
        f"{playlist.version}, needed {needed}")


def _check_dates(playlist, report, where):
    segments = playlist.segments + ([playlist.open] if playlist.open else [])
    has_dates = any(segment.date is not None for segment in segments)
    for before, after in zip(segments, segments[1:]):
        if after.discontinuity and has_dates:
            report.check(after.date is not None, "date-at-discontinuity", where, after.uri)
        if before.date is None or after.date is None:
            continue
        drift = after.date - before.date - before.duration
        words = f"{after.uri} begins {drift:+.3f} s from the end of {before.uri}"
        if not after.discontinuity:
            report.check(abs(drift) <= DATE_TOLERANCE, "date-continuity", where, words)
        report.check(drift > -1, "date-backwards", where, words)


def _check_control(playlist, report, where):
    part_hold_back = playlist.control_seconds("PART-HOLD-BACK")
    if playlist.part_target:
        if report.check(part_hold_back is not None, "part-hold-back-present", where):
            words = f"{part_hold_back} s with parts of {playlist.part_target} s"
            enough = part_hold_back >= 2 * playlist.part_target - ROUNDING
            report.check(enough, "part-hold-back", where, words)
            enough = part_hold_back >= 3 * playlist.part_target - ROUNDING
            report.check(enough, "part-hold-back-three", where, words)
    hold_back = playlist.control_seconds("HOLD-BACK")
    if hold_back is not None:
        report.check(hold_back >= 3 * playlist.target - ROUNDING, "hold-back", where, f"{hold_back} s")
    boundary = playlist.control_seconds("CAN-SKIP-UNTIL")
    if boundary is not None:
        report.check(boundary >= 6 * playlist.target - ROUNDING, "skip-boundary", where, f"{boundary} s")
    kinds = [hint.get("TYPE") for hint in playlist.hints]
    report.check(len(kinds) == len(set(kinds)), "hint-once", where, str(kinds))
    if playlist.part_target and not playlist.ended:
        report.check("PART" in kinds, "hint-present", where)


def _check_parts(playlist, report, where):
    target = playlist.part_target
    parts = list(playlist.all_parts)
    if parts and not report.check(target is not None, "part-inf", where):
        return
    for segment, index, part in parts:
        report.check(part.duration <= target + 0.000_001, "part-target-exceeded", where, f"{part.uri}: {part.duration}")
        is_last = segment is not playlist.open and index + 1 == len(segment.parts)
        # The newest part may turn out to be its segment's last.
        is_newest = segment is playlist.open and index + 1 == len(segment.parts)
        if not (is_last or is_newest or part.gap):
            report.check(
                part.duration >= 0.85 * target - 0.000_001, "part-too-short", where,
                f"{part.uri} has {part.duration} s of {target} s")
    distance = 0
    for segment in reversed(playlist.segments):
        if segment.parts:
            total = sum(part.duration for part in segment.parts)
            report.check(
                abs(total - segment.duration) <= ROUNDING * len(segment.parts), "parts-sum", where,
                f"{segment.uri}: parts have {total:.3f} s, EXTINF says {segment.duration}")
            # One segment more, since the one that straddles the distance keeps its parts.
            allowed = 3 * playlist.target + segment.duration
            report.check(distance <= allowed, "parts-too-old", where, f"{segment.uri} is {distance:.1f} s from the end")
        distance += segment.duration


def _check_names(playlist, report, where):
    names = [segment.uri + segment.byte_range for segment in playlist.segments]
    names += [part.uri + part.byte_range for _, _, part in playlist.all_parts]
    twice = {name for name in names if names.count(name) > 1} if len(names) < 500 else set()
    report.check(not twice, "unique-names", where, ", ".join(sorted(twice)[:3]))


def _check_with_m3u8(playlist, report, where):
    try:
        other = m3u8.loads(playlist.text)
    except Exception as error:  # Whatever it raises is what it has to say.
        report.fail("parses-with-m3u8", where, f"{type(error).__name__}: {error}")
        return
    listed = [segment for segment in other.segments if segment.uri]
    ours = (playlist.target, playlist.sequence, [segment.uri for segment in playlist.segments], playlist.ended)
    theirs = (other.target_duration, other.media_sequence or 0, [segment.uri for segment in listed], other.is_endlist)
    report.check(ours == theirs, "parses-with-m3u8", where, "it sees other segments or numbers")


def check_successor(old, new, report, where):
    """Rules about how a media playlist may change from one version to a later one; neither is a delta update."""
    report.check(old.target == new.target, "target-changed", where, f"{old.target} to {new.target}")
    same = (old.part_target, old.control) == (new.part_target, new.control)
    report.check(same, "control-changed", where, f"{old.control} to {new.control}")
    if not report.check(
            new.sequence >= old.sequence, "sequence-back", where, f"{old.sequence} to {new.sequence}"):
        return
    report.check(
        new.discontinuity_sequence >= old.discontinuity_sequence, "discontinuity-back", where,
        f"{old.discontinuity_sequence} to {new.discontinuity_sequence}")
    report.check(
        new.next_number >= old.next_number, "segments-lost", where,
        f"the last one was {old.next_number - 1} and is {new.next_number - 1}")
    if old.ended:
        report.check(old.text == new.text, "after-end", where)
    if new.sequence > old.sequence:
        report.check(
            new.ended or new.duration >= 3 * new.target - ROUNDING or new.duration >= old.duration - ROUNDING,
            "too-few-left", where, f"{new.duration:.3f} s are left of {3 * new.target} s")
        report.check(new.type is None, "type-of-live", where, new.type)
    _check_overlap(old, new, report, where)


def _check_overlap(old, new, report, where):
    by_uri = {segment.uri + segment.byte_range: segment.number for segment in old.segments}
    before = {segment.number: segment for segment in old.segments}
    for segment in new.segments:
        number = by_uri.get(segment.uri + segment.byte_range)
        if number is not None and number != segment.number:
            report.fail("sequence-count", where, f"{segment.uri} was number {number} and is {segment.number}")
            return
        earlier = before.get(segment.number)
        if earlier is None:
            continue
        report.check(
            earlier.identity() == segment.identity(), "segment-changed", where,
            f"{earlier.identity()} became {segment.identity()}")
        report.check(
            earlier.discontinuity_number == segment.discontinuity_number, "discontinuity-count", where,
            f"{segment.uri}: {earlier.discontinuity_number} became {segment.discontinuity_number}")
    after = {segment.number: segment for segment in new.segments + ([new.open] if new.open else [])}
    for segment in old.segments + ([old.open] if old.open else []):
        later = after.get(segment.number)
        if later is None or not later.parts:
            continue
        report.check(
            segment.parts == later.parts[:len(segment.parts)], "part-changed", where, f"of segment {segment.number}")

"""Follows one media playlist live, as a player would, and checks how it changes."""

import queue
import threading
import time

from . import resources, rules, text

# What a busy machine and a network may add to a deadline, in seconds.
GRACE_SECONDS = 1.0
# Segments before the edge that are downloaded at the start; DVR windows have thousands.
SEGMENTS_AT_START = 3


class Follower(threading.Thread):
    """Runs until its time is over or the playlist has ended; then `versions` and `media` hold what came."""

    def __init__(self, client, url, name, report, seconds):
        super().__init__(name=name, daemon=True)
        self.client, self.url, self.where, self.report = client, url, name, report
        self.until = time.monotonic() + seconds
        self.latest = None
        self.versions = 0
        # number: segment, of all that were listed whole while we looked.
        self.segments = {}
        # URL: body, of initialization sections, segments and parts.
        self.media = {}
        self.hints = {}
        self.loader = Loader(self)

    # One version

    def load(self, query="", **headers):
        """Asks for the playlist. Returns it, or nil after recording what is wrong with it, and the answer."""
        separator = "&" if "?" in self.url else "?"
        answer = self.client.ask(self.url + (separator + query if query else ""), **headers)
        if not self.report.check(answer.status == 200, "available", self.where, f"{query}: status {answer.status}"):
            return None, answer
        try:
            playlist = text.parse_media(self.url, answer.text)
        except (ValueError, KeyError) as error:
            self.report.fail("parses", self.where, f"{type(error).__name__}: {error}")
            return None, answer
        return playlist, answer

    def take(self, playlist):
        """Checks a whole version, also against the last one, and loads what is new in it."""
        rules.check_playlist(playlist, self.report, self.where)
        if self.latest is not None:
            rules.check_successor(self.latest, playlist, self.report, self.where)
        is_first = self.latest is None
        self.latest = playlist
        self.versions += 1
        wanted = playlist.segments[-SEGMENTS_AT_START:] if is_first else playlist.segments
        for segment in wanted:
            if segment.number not in self.segments:
                self.segments[segment.number] = segment
                self.loader.want_segment(playlist, segment)
        for segment in wanted + ([playlist.open] if playlist.open else []):
            for part in segment.parts:
                self.loader.want_part(playlist, segment, part)
                known = self.segments.get(segment.number)
                # The first sight of a whole segment may be without parts that were listed before.
                if known is not None and len(known.parts) < len(segment.parts):
                    known.parts = segment.parts

    # Following

    def run(self):
        self.loader.start()
        try:
            self.follow()
        finally:
            self.loader.finish()

    def follow(self):
        playlist, answer = self.load()
        if playlist is None:
            return
        self.take(playlist)
        resources.check_playlist_headers(
            answer, self.report, self.where, playlist.target or 1, is_live=not playlist.ended)
        resources.check_playlist_resource(self.client, self.url, self.report, self.where)
        if not playlist.ended:
            self.check_directives(playlist)
        last_number, since = playlist.next_number, time.monotonic()
        while time.monotonic() < self.until and not self.latest.ended:
            if not self.step():
                time.sleep(0.5)
            now = time.monotonic()
            if self.latest.next_number > last_number or self.latest.ended:
                self.check_lateness(now - since, is_whole=True)
                last_number, since = self.latest.next_number, now
            elif not self.check_lateness(now - since, is_whole=False):
                since = now
        self.check_ended()

    def check_ended(self):
        """A playlist that has ended must stay as it is."""
        if self.latest.ended:
            time.sleep(self.latest.target)
            playlist, _ = self.load()
            if playlist is not None:
                rules.check_successor(self.latest, playlist, self.report, self.where)

    def check_lateness(self, waited, is_whole):
        # Who polls sees a segment half a target duration late.
        polling = 0 if self.can_block else self.latest.target / 2
        allowed = 1.5 * self.latest.target + polling + GRACE_SECONDS
        if is_whole or waited > allowed:
            return self.report.check(waited <= allowed, "late-segment", self.where, f"{waited:.1f} s after the last")
        return True

    @property
    def can_block(self):
        return (self.latest.control or {}).get("CAN-BLOCK-RELOAD") == "YES"

    def step(self):
        """Loads the next version. Returns whether there was one."""
        if not self.can_block:
            time.sleep(self.latest.target / 2)
            playlist, _ = self.load()
        elif self.latest.control_seconds("CAN-SKIP-UNTIL") and self.versions % 4 == 3:
            return self.step_with_delta()
        else:
            playlist = self.load_blocking()
        if playlist is None:
            return False
        self.take(playlist)
        if self.versions % 5 == 1:
            self.follow_hint(playlist)
        if self.versions % 5 == 2:
            self.check_reports(playlist)
        return True

    # Blocking reloads

    def blocking_query(self):
        number, parts = self.latest.edge
        if self.latest.part_target and not self.latest.ended:
            return f"_HLS_msn={number}&_HLS_part={parts}", (number, parts)
        return f"_HLS_msn={number}", (number, None)

    def load_blocking(self, extra=""):
        query, (number, part) = self.blocking_query()
        playlist, answer = self.load(query + extra)
        if playlist is None:
            return None
        at_number, at_parts = playlist.edge
        there = at_number > number or playlist.ended or (part is not None and at_number == number and at_parts > part)
        self.report.check(
            there, "blocking-contains", self.where,
            f"{query} was answered after {answer.seconds:.3f} s with the edge at {playlist.edge}")
        if not there:
            # A server that does not block would be asked without a pause.
            time.sleep(0.1)
        return playlist

    def check_directives(self, playlist):
        if (playlist.control or {}).get("CAN-BLOCK-RELOAD") != "YES":
            return
        separator = "&" if "?" in self.url else "?"
        status = self.client.ask(f"{self.url}{separator}_HLS_msn={playlist.next_number + 50}").status
        self.report.check(status == 400, "blocking-far", self.where, f"status {status}")
        status = self.client.ask(f"{self.url}{separator}_HLS_part=0").status
        self.report.check(status == 400, "blocking-part-alone", self.where, f"status {status}")

    # Delta updates

    def step_with_delta(self):
        old = self.latest
        update = self.load_blocking("&_HLS_skip=YES")
        whole, _ = self.load()
        if update is None or whole is None:
            return False
        boundary = old.control_seconds("CAN-SKIP-UNTIL")
        # Whole segments that began and ended beyond the boundary in the whole playlist must be skipped.
        skippable = old.duration - boundary > 2 * old.target
        if skippable and not whole.ended:
            self.report.check(update.skipped > 0, "delta-skips", self.where, f"{old.duration:.1f} s are listed")
        if update.skipped:
            self.compare_delta(old, update, whole, boundary)
        self.take(whole)
        return True

    def compare_delta(self, old, update, whole, boundary):
        skipped = {number for number in range(update.sequence, update.sequence + update.skipped)}
        kept = update.duration
        self.report.check(
            kept >= boundary - rules.ROUNDING * len(update.segments), "delta-boundary", self.where,
            f"{kept:.1f} s are kept of {boundary} s")
        joined = {segment.number: segment for segment in old.segments if segment.number in skipped}
        if len(joined) != len(skipped):
            self.report.fail("delta-equals", self.where, "segments are skipped that the last version did not have")
        joined.update({segment.number: segment for segment in update.segments})
        for segment in whole.segments:
            mine = joined.get(segment.number)
            if mine is not None:
                self.report.check(
                    mine.identity() == segment.identity(), "delta-equals", self.where,
                    f"{mine.identity()} and {segment.identity()}")
        numbers = [segment.number for segment in whole.segments if segment.number < update.next_number]
        missing = [number for number in numbers if number not in joined]
        self.report.check(not missing, "delta-equals", self.where, f"segments {missing[:5]} are in neither")

    # Hints and reports

    def follow_hint(self, playlist):
        for hint in playlist.hints:
            if hint.get("TYPE") != "PART" or "BYTERANGE-START" in hint:
                continue
            url = playlist.resolve(hint["URI"])
            if url not in self.hints and url not in self.media:
                self.hints[url] = None
                threading.Thread(target=self.load_hint, args=(url,), daemon=True).start()

    def load_hint(self, url):
        self.hints[url] = self.client.ask(url)

    def check_hints(self):
        """After following: what was hinted and has been delivered must be what was listed then."""
        for url, answer in self.hints.items():
            if answer is None:
                continue
            if not self.report.check(answer.status == 200, "hint-delivers", self.where, f"{url}: {answer.status}"):
                continue
            # The last one may have been listed after we stopped looking.
            if url in self.media:
                self.report.check(self.media[url] == answer.body, "same-bytes", self.where, f"{url}, hinted and listed")
        answered = [url for url, answer in self.hints.items() if answer is not None]
        unlisted = [url for url in answered[:-1] if url not in self.media]
        self.report.check(not unlisted, "hint-fulfilled", self.where, ", ".join(unlisted[:3]))

    def check_reports(self, playlist):
        for reported in playlist.reports:
            url = playlist.resolve(reported["URI"])
            answer = self.client.ask(url)
            try:
                other = text.parse_media(url, answer.text)
            except (ValueError, KeyError):
                continue
            number, parts = other.edge
            last = (number, parts - 1) if parts else (number - 1, 1 << 30)
            said = (int(reported["LAST-MSN"]), int(reported.get("LAST-PART", 0)))
            # It was asked for later, so it may be further, and no segment further.
            self.report.check(
                said <= last and last[0] - said[0] <= 1, "report-right", self.where, f"said {said}, it is at {last}")


class Loader(threading.Thread):
    """Downloads what a follower has seen listed, in order, beside it."""

    def __init__(self, follower):
        super().__init__(daemon=True)
        self.follower, self.wanted, self.seen = follower, queue.Queue(), set()
        self.checked_kinds = set()
        self.previous = None

    def want(self, url, kind, listed_seconds):
        if url not in self.seen:
            self.seen.add(url)
            self.wanted.put((url, kind, listed_seconds))

    def want_segment(self, playlist, segment):
        if segment.gap or segment.byte_range:
            return
        if segment.map:
            self.want(playlist.resolve(segment.map), "map", playlist.duration)
        self.want(playlist.resolve(segment.uri), "segment", playlist.duration)

    def want_part(self, playlist, segment, part):
        if part.gap or part.byte_range:
            return
        if segment.map:
            self.want(playlist.resolve(segment.map), "map", playlist.duration)
        self.want(playlist.resolve(part.uri), "part", 3 * playlist.target)

    def finish(self):
        self.wanted.put(None)
        self.join()

    def run(self):
        while (item := self.wanted.get()) is not None:
            self.load(*item)

    def load(self, url, kind, listed_seconds):
        follower, report = self.follower, self.follower.report
        answer = follower.client.ask(url)
        where = f"{follower.where} {kind}"
        if not report.check(answer.status == 200, "available", where, f"{url}: status {answer.status}"):
            return
        follower.media[url] = answer.body
        resources.check_media_headers(answer, report, where, listed_seconds)
        if kind not in self.checked_kinds:
            self.checked_kinds.add(kind)
            resources.check_media_resource(follower.client, answer, report, where)
        if kind == "segment":
            # The one before again: late enough for a server that writes on, early enough for it to be there.
            if self.previous is not None:
                again = follower.client.ask(self.previous)
                same = again.status == 200 and again.body == follower.media[self.previous]
                report.check(same, "same-bytes", where, f"{self.previous}: status {again.status}")
            self.previous = url

"""What must be true in a browser. Each check gets a bench of its own; its name is what it asserts."""

import functools
import http.server
import json
import pathlib
import threading
import time
import urllib.request

import zxingcpp
from PIL import Image

from browsers import Skipped
from proxy import Proxy
from server import BITS, HEIGHT, SQUARE, WIDTH, Publisher, Server

ALL = {}
NAME = "live/clock"


def check(function):
    ALL[function.__name__.replace("_", "-")] = function
    return function


class Bench:
    """A browser, a server, and the publishers that a check starts."""

    def __init__(self, browser, program, folder):
        self.kind, self.program, self.folder = browser, program, pathlib.Path(folder)
        self.publishers, self.proxies, self.origin = [], [], None

    def __enter__(self):
        self.server = Server(self.program)
        try:
            self.browser = self.kind()
        except BaseException:
            self.server.close()
            raise
        return self

    def __exit__(self, *_):
        for publisher in self.publishers:
            publisher.close()
        for proxy in self.proxies:
            proxy.close()
        if self.origin:
            self.origin.shutdown()
        self.browser.close()
        self.server.close()

    def publish(self, name=NAME, **options):
        self.publishers.append(Publisher(self.server, name, **options))
        return self.publishers[-1]

    def proxy(self):
        self.proxies.append(Proxy(self.server.http))
        return self.proxies[-1]

    def open(self, path):
        self.browser.open(self.server.url(path))

    def js(self, expression):
        return self.browser.evaluate(f"return {expression};")

    def other_origin(self, html):
        """The address of a page of another origin than the server's."""
        folder = self.folder / "origin"
        folder.mkdir(exist_ok=True)
        (folder / "index.html").write_text(f"<!doctype html>{html}", encoding="utf-8")
        quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
        self.origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder)))
        threading.Thread(target=self.origin.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.origin.server_port}/index.html"

    def report(self, name):
        """What the server says of a stream."""
        with urllib.request.urlopen(self.server.url(f"/api/v1/streams/{name}"), timeout=10) as answer:
            return json.load(answer)

    def until(self, what, read, holds, seconds=60):
        """Asks until it holds; says at the end what it was instead."""
        deadline, value = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            value = read()
            if holds(value):
                return value
            time.sleep(0.25)
        raise AssertionError(f"{what}: still {value!r} after {seconds} s; the page says {self.words()!r}; "
                             f"complaints: {self.browser.complaints()[:3]}")

    def words(self):
        return self.js("document.querySelector('.player-words')?.textContent")

    def player(self):
        """The player's element and its video in numbers."""
        return self.js("""(() => { const frame = document.querySelector('.player'), video = frame?.querySelector('video');
            if (!video) return null;
            return { time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, state: frame.dataset.state,
              way: frame.dataset.way, latency: frame.dataset.latency === '' ? null : Number(frame.dataset.latency),
              size: [video.videoWidth, video.videoHeight], paused: video.paused, muted: video.muted, rate: video.playbackRate,
              mark: video.dataset.mark ?? null }; })()""")

    def choose(self, way):
        """Takes a way in the player's menu, as a person would."""
        possible = self.js(f"""!document.querySelector('.player input[value="{way}"]').disabled""")
        if not possible:
            raise Skipped(f"{self.browser.name} has no way {way}")
        self.js(f"""document.querySelector('.player input[value="{way}"]').click()""")

    def plays(self, seconds=2.0, size=None):
        """Waits until time and frames advance for a while in one go."""
        first = self.until("a picture", self.player, lambda now: now and now["frames"] > 0 and now["time"] > 0
                           and (size is None or now["size"] == list(size)))
        return self.until("time and frames go on", self.player, lambda now: now["state"] == "playing"
                          and now["time"] > first["time"] + seconds and now["frames"] > first["frames"] + 10)

    def clock(self):
        """What the picture's clock said, and how old that is, in milliseconds; None while it cannot be read."""
        read = self.browser.evaluate(f"""
            const video = document.querySelector('.player video'), canvas = new OffscreenCanvas({WIDTH}, {HEIGHT});
            if (!video || video.readyState < 2) return null;
            const context = canvas.getContext('2d', {{ willReadFrequently: true }});
            context.drawImage(video, 0, 0, {WIDTH}, {HEIGHT}, 0, 0, {WIDTH}, {HEIGHT});
            const now = Date.now(), data = context.getImageData(0, 0, {WIDTH}, {HEIGHT}).data;
            const bit = (index, y) => data[4 * (y * {WIDTH} + index * {SQUARE} + {SQUARE // 2})] > 128 ? 1 : 0;
            let value = 0;
            for (let index = 0; index < {BITS}; index += 1) {{
              const one = bit(index, {HEIGHT // 4});
              if (one === bit(index, {HEIGHT * 3 // 4})) return null;
              value += one * 2 ** index;
            }}
            const age = ((now % 2 ** 32) - value + 2 ** 32) % 2 ** 32;
            return {{ value, age, shown: Number(document.querySelector('.player').dataset.latency || -1) }};""")
        return read

    def ages(self, count=12):
        """Some readings of the clock, a little apart."""
        found = []
        while len(found) < count:
            found.append(self.until("the clock can be read", self.clock, lambda now: now is not None and now["age"] < 60_000))
            time.sleep(0.2)
        return found


def median(values):
    return sorted(values)[len(values) // 2]


def latency_is_true(bench, most, apart):
    """The picture is at most so old, in ms, and the latency shown is as much, less what encoder and upload take.

    The bound is that of two busy cores which encode, serve and decode; what it came to is in the check's words.
    """
    readings = bench.until(
        "the picture is young and its latency is shown", lambda: bench.ages(8),
        lambda now: median([one["age"] for one in now]) <= most and min(one["shown"] for one in now) >= 0)
    age, shown = median([one["age"] for one in readings]), median([one["shown"] for one in readings])
    assert -60 <= age - shown <= apart, f"shown {shown} ms, in truth {age} ms"
    return f"picture {age} ms old, shown {shown} ms"


@check
def live_plays_and_its_latency_is_true(bench):
    bench.publish(reorder=2)
    bench.open(f"/watch/{NAME}")
    assert bench.plays()["way"] == "live"
    return latency_is_true(bench, 2500, 450)


@check
def hls_over_media_source_plays_and_its_latency_is_true(bench):
    bench.publish(reorder=2)
    bench.open(f"/watch/{NAME}")
    bench.choose("hls")
    assert bench.plays()["way"] == "hls"
    return latency_is_true(bench, 4000, 600)


@check
def hls_of_the_browser_plays(bench):
    bench.publish()
    bench.open(f"/watch/{NAME}")
    bench.choose("native")
    assert bench.plays()["way"] == "native"
    return f"picture {median([one['age'] for one in bench.ages(8)])} ms old"


@check
def live_plays_without_sound(bench):
    bench.publish(audio=False)
    bench.open(f"/embed/{NAME}")
    assert bench.plays()["way"] == "live"


def returns(bench, size):
    publisher = bench.publish(keyframe=1)
    bench.open(f"/watch/{NAME}")
    bench.plays()
    bench.js("document.querySelector('.player video').dataset.mark = 'the same'")
    publisher.kill()
    bench.until("the words say that the publisher is gone", bench.words, lambda words: words and "publish" in words.lower())
    bench.publish(size=size)
    bench.until("it plays on", bench.player, lambda now: now["state"] == "playing" and now["size"] == list(size))
    after = bench.plays(size=size)
    assert after["mark"] == "the same", "the page was loaded anew"
    return latency_is_true(bench, 2500, 450)


@check
def live_goes_on_when_the_publisher_returns(bench):
    return returns(bench, (640, 360))


@check
def live_goes_on_when_the_publisher_returns_with_another_size(bench):
    return returns(bench, (960, 540))


@check
def live_waits_for_a_stream_that_nobody_publishes_yet(bench):
    bench.open(f"/watch/{NAME}")
    bench.until("the words say that nobody publishes", bench.words, lambda words: words and "Nobody is publishing" in words)
    bench.publish()
    bench.plays()


@check
def live_goes_on_after_the_network_blinked(bench):
    bench.publish()
    proxy = bench.proxy()
    bench.browser.open(f"http://127.0.0.1:{proxy.port}/watch/{NAME}")
    bench.plays()
    proxy.cut()
    bench.until("the words say that the server is gone", bench.words, lambda words: words and "again" in words)
    still = bench.clock()
    assert still is not None, "the picture did not stay"
    proxy.mend()
    bench.until("the picture is young again", bench.clock, lambda one: one and one["value"] > still["value"] and one["age"] < 1500)
    bench.plays(1)


@check
def unequal_distances_between_pictures_play(bench):
    # A screen that is shared: many pictures, then none for a while, within one group of pictures.
    bench.publish(audio=False, keyframe=4, pace=lambda index: index // 10 * 1.2 + index % 10 * 0.04)
    bench.open(f"/embed/{NAME}")
    bench.plays(4)
    ages = [one["age"] for one in bench.ages(20)]
    assert max(ages) < 3500, f"pictures are missing: {ages}"
    return f"picture at most {max(ages)} ms old"


@check
def rewinding_shows_an_older_picture_and_live_the_newest(bench):
    bench.publish()
    bench.open(f"/watch/{NAME}")
    bench.choose("hls")
    bench.plays(14)
    now = bench.clock()
    bench.js("document.querySelector('.player [aria-label=\"Back 10 seconds\"]').click()")
    old = bench.until("an older picture", bench.clock, lambda one: one and one["age"] > 8000)
    assert old["value"] < now["value"], "the clock does not go back"
    bench.plays(1)
    bench.js("document.querySelector('.player .live-button').click()")
    bench.until("the newest picture", bench.clock, lambda one: one and one["age"] < 4000)


@check
def keys_work_the_player(bench):
    bench.publish()
    bench.open(f"/watch/{NAME}")
    bench.plays(1)
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{}', bubbles: true, cancelable: true }}))"
    assert bench.player()["muted"], "it starts with sound"
    bench.js(press.format("m"))
    assert not bench.player()["muted"], "M does not turn the sound on"
    bench.js(press.format(" "))
    bench.until("space pauses", bench.player, lambda now: now["paused"])
    bench.js(press.format(" "))
    bench.plays(1)


@check
def what_can_be_operated_has_a_name(bench):
    """What a screen reader says: the browser's own tree of names and roles. Source: WAI-ARIA 1.2; WCAG 2.2, 4.1.2."""
    bench.publish()
    operable = {"button", "link", "tab", "slider", "textbox", "checkbox", "radio", "combobox", "image", "Video", "DisclosureTriangle"}
    counted = []
    for path, last in (("/", "Healthy"), (f"/watch/{NAME}", "Full screen"), (f"/watch/{NAME}#xray", "Full screen"),
                       (f"/watch/{NAME}#keys", "Full screen"), (f"/embed/{NAME}", "Full screen")):
        bench.open(path)
        named = bench.until(f"{path} is there", bench.browser.named, lambda now: any(name == last for _, name in now))
        nameless = [role for role, name in named if role in operable and not name.strip()]
        assert not nameless, f"{path}: without a name: {nameless}"
        assert any(role == "main" for role, _ in named), f"{path} has no main part"
        counted.append(str(len(named)))
    return f"{', '.join(counted)} things have a role"


@check
def list_shows_every_stream_with_a_moving_preview(bench):
    bench.publish()
    bench.publish("live/second", audio=False)
    bench.open("/")
    names = "[...document.querySelectorAll('.card h3')].map((one) => one.textContent)"
    bench.until("both streams are listed", lambda: bench.js(names), lambda now: now == [NAME, "live/second"])
    times = "[...document.querySelectorAll('.card video')].map((one) => one.readyState >= 2 ? one.currentTime : 0)"
    first = bench.until("both have a picture", lambda: bench.js(times), lambda now: len(now) == 2 and min(now) > 0)
    bench.until("both move", lambda: bench.js(times), lambda now: all(b > a for a, b in zip(first, now)))
    bench.publishers.pop().close()
    bench.until("the one that ended leaves the list", lambda: bench.js(names), lambda now: now == [NAME])
    complaints = bench.browser.complaints()
    assert not [one for one in complaints if "Content-Security-Policy" in one or "Content Security Policy" in one], complaints


@check
def xray_shows_frames_parameters_and_the_conversation(bench):
    bench.publish(reorder=2)
    bench.open(f"/watch/{NAME}#xray")
    numbers = "document.querySelector('.xray-numbers')?.textContent ?? ''"
    bench.until("the keyframe interval is measured", lambda: bench.js(numbers), lambda now: "every 1.00 s, 25 frames" in now)
    parameters = "document.querySelector('.parameters')?.textContent ?? ''"
    bench.until("parameter sets are there", lambda: bench.js(parameters),
                lambda now: all(word in now for word in ("SPS", "profile_idc", "AudioSpecificConfig")))
    lines = "document.querySelector('.conversation')?.textContent ?? ''"
    bench.until("the conversation is there", lambda: bench.js(lines),
                lambda now: all(word in now for word in ("Handshake C0", "connect", "publish", "createStream")))
    drawn = """(() => { const canvas = document.querySelector('.xray-canvas');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data, seen = new Set();
        for (let at = 0; at < data.length; at += 4) seen.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
        return seen.size; })()"""
    bench.until("bars are drawn", lambda: bench.js(drawn), lambda now: now > 6)


@check
def help_has_a_code_that_a_stranger_reads(bench):
    bench.publish()
    bench.open(f"/watch/{NAME}#share")
    bench.until("the panel is there", lambda: bench.js("!!document.querySelector('.qr')"), bool)
    bench.js("document.querySelector('.qr').scrollIntoView({ block: 'center' })")
    path = bench.folder / "code.png"
    bench.browser.screenshot(path)
    found = [one.text for one in zxingcpp.read_barcodes(Image.open(path))]
    assert found == [bench.server.url(f"/watch/{NAME}")], found
    rows = bench.js("[...document.querySelectorAll('.copy-row code')].map((one) => one.textContent)")
    assert f"rtmp://127.0.0.1:{bench.server.rtmp}/live" in rows, rows
    assert bench.server.url(f"/{NAME}.m3u8") in rows, rows


@check
def embed_plays_in_a_frame_of_another_origin(bench):
    bench.publish()
    bench.open(f"/embed/{NAME}")
    bench.plays(1)
    frame = f'<iframe src="{bench.server.url("/embed/" + NAME)}" width="640" height="360" allow="autoplay"></iframe>'
    bench.browser.open(bench.other_origin(frame))
    bench.until("the frame watches", lambda: bench.report(NAME)["viewers"]["total"],
                lambda now: now == 1)

"""The server under test, and a publisher whose picture is a clock."""

import re
import socket
import subprocess
import threading
import time

# The clock: 32 bits of Unix milliseconds as black and white squares, twice, the second time inverted.
SQUARE = 16
BITS = 32
WIDTH, HEIGHT = SQUARE * BITS, SQUARE * 8


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """`sluice serve` on free ports of the loopback interface, until `close`."""

    def __init__(self, program, *flags):
        self.rtmp, self.http = free_port(), free_port()
        self.log = []
        self.process = subprocess.Popen(
            [program, "serve", "--rtmp", f"127.0.0.1:{self.rtmp}", "--http", f"127.0.0.1:{self.http}", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the server does not start:\n" + "".join(self.log))
            try:
                socket.create_connection(("127.0.0.1", self.http), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server does not listen")

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)
            del self.log[:-400]

    def url(self, path):
        return f"http://127.0.0.1:{self.http}{path}"

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def clock_picture(width, height, now):
    """A grey picture of the size that shows `now`, in Unix milliseconds, in its left upper corner."""
    bits = [255 if now >> bit & 1 else 16 for bit in range(BITS)]
    line = b"".join(bytes([value]) * SQUARE for value in bits)
    inverse = b"".join(bytes([271 - value]) * SQUARE for value in bits)
    rest = bytes([90]) * (width - WIDTH)
    clock = (line + rest) * (HEIGHT // 2) + (inverse + rest) * (HEIGHT // 2)
    return clock + bytes([60 + now // 40 % 64]) * (width * (height - HEIGHT))


class Publisher:
    """ffmpeg, fed with pictures of the clock as time passes. B-frames and sound as a camera's encoder sends them."""

    def __init__(self, server, name, size=(640, 360), rate=25, keyframe=1.0, reorder=0, audio=True, pace=None):
        self.size, self.rate, self.pace = size, rate, pace or (lambda index: index / rate)
        # Sound is made as pictures need it: with a clock of its own it would lead them by what ffmpeg took to start.
        sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"] if audio else []
        self.process = subprocess.Popen(
            ["ffmpeg", "-hide_banner", "-loglevel", "error", "-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer",
             *(["-use_wallclock_as_timestamps", "1"] if pace else ["-r", str(rate)]),
             "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{size[0]}x{size[1]}", "-i", "pipe:0", *sound,
             "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", str(reorder), "-crf", "18",
             "-g", str(round(rate * keyframe)), "-keyint_min", str(round(rate * keyframe)), "-pix_fmt", "yuv420p",
             *(["-vsync", "vfr"] if pace else []),
             *(["-c:a", "aac", "-ac", "2"] if audio else []), "-flush_packets", "1",
             "-f", "flv", f"rtmp://127.0.0.1:{server.rtmp}/{name}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.is_running = True
        self.thread = threading.Thread(target=self._feed, daemon=True)
        self.thread.start()

    def _feed(self):
        began, index = time.monotonic(), 0
        while self.is_running:
            wait = began + self.pace(index) - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            now = int(time.time() * 1000) & 0xFFFFFFFF
            try:
                self.process.stdin.write(clock_picture(*self.size, now))
                self.process.stdin.flush()
            except OSError:
                return
            index += 1

    def kill(self):
        """Goes without a word, as a cable does."""
        self.is_running = False
        self.process.kill()
        self.process.wait()

    def close(self):
        self.is_running = False
        self.thread.join(5)
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        problems = self.process.stderr.read().decode(errors="replace")
        return re.sub(r"\s+", " ", problems)

"""HTTP as a player does it: kept connections, one a thread and server."""

import dataclasses
import gzip
import http.client
import ssl
import threading
import time
import urllib.parse


@dataclasses.dataclass
class Answer:
    url: str
    status: int
    headers: dict
    body: bytes
    seconds: float

    def header(self, name):
        return self.headers.get(name.lower(), "")

    @property
    def is_good(self):
        return 200 <= self.status < 300

    @property
    def content(self):
        """The body without its content coding."""
        return gzip.decompress(self.body) if self.header("content-encoding") == "gzip" else self.body

    @property
    def text(self):
        return self.content.decode("utf-8")

    @property
    def max_age(self):
        for directive in self.header("cache-control").split(","):
            name, _, value = directive.strip().partition("=")
            if name.lower() == "max-age" and value.isdigit():
                return int(value)
        return None


class Client:
    def __init__(self, is_insecure=False, timeout_seconds=60):
        self._local = threading.local()
        self._timeout = timeout_seconds
        self._context = ssl.create_default_context()
        if is_insecure:
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE

    def _connection(self, parts, is_new):
        connections = self._local.__dict__.setdefault("connections", {})
        key = (parts.scheme, parts.netloc)
        if is_new or key not in connections:
            if parts.scheme == "https":
                made = http.client.HTTPSConnection(parts.netloc, timeout=self._timeout, context=self._context)
            else:
                made = http.client.HTTPConnection(parts.netloc, timeout=self._timeout)
            connections[key] = made
        return connections[key]

    def ask(self, url, method="GET", **headers):
        """One request; header names are given with underscores. A server that does not answer is status 0."""
        parts = urllib.parse.urlsplit(url)
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Origin", "http://player.example")
        began = time.monotonic()
        # A kept connection may have been closed meanwhile; a new one says whether the server is there.
        for is_new in (False, True):
            connection = self._connection(parts, is_new)
            try:
                connection.request(method, target, headers=named)
                response = connection.getresponse()
                body = response.read()
                fields = {name.lower(): value for name, value in response.getheaders()}
                if 300 < response.status < 309 and "location" in fields and response.status != 304:
                    return self.ask(urllib.parse.urljoin(url, fields["location"]), method, **headers)
                return Answer(url, response.status, fields, body, time.monotonic() - began)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                failure = f"{type(error).__name__}: {error}"
        return Answer(url, 0, {"error": failure}, b"", time.monotonic() - began)

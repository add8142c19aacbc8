"""Two browsers behind one small interface: open, evaluate, screenshot, close."""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from websockets.sync.client import connect


class Skipped(Exception):
    """The browser cannot do what the check is about."""


class Chromium:
    """Chromium through its driver."""

    name = "chromium"

    def __init__(self, width=1280, height=900):
        options = Options()
        options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--autoplay-policy=no-user-gesture-required",
            f"--window-size={width},{height}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_script_timeout(60)

    def open(self, url):
        self.driver.get(url)

    def evaluate(self, body):
        """Runs the body of an async function and returns what it returns."""
        return self.driver.execute_async_script(
            f"const done = arguments[0]; (async () => {{ {body} }})().then((value) => done({{ value }}), "
            "(error) => done({ error: String(error) }));"
        )["value"]

    def screenshot(self, path):
        self.driver.save_screenshot(str(path))

    def named(self):
        """The role and the name of everything that a screen reader tells of."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")]

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def close(self):
        self.driver.quit()


class Firefox:
    """Firefox through WebDriver BiDi, which it speaks without a driver beside it."""

    name = "firefox"
    preferences = {
        "media.autoplay.default": 0,
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.update.enabled": False,
        "media.gmp-manager.updateEnabled": False,
    }

    def __init__(self, width=1280, height=900):
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        self.profile = tempfile.TemporaryDirectory(prefix="sluice-firefox-", ignore_cleanup_errors=True)
        lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in self.preferences.items()]
        pathlib.Path(self.profile.name, "user.js").write_text("\n".join(lines), encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", self.profile.name, "--remote-debugging-port", "0",
             "--window-size", f"{width},{height}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        address = self._address()
        # Its pipe must not fill up while nobody reads.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.socket = connect(f"{address}/session", max_size=None)
        self.last = 0
        self.errors = []
        self._ask("session.new", {"capabilities": {}})
        self._ask("session.subscribe", {"events": ["log.entryAdded"]})
        self.context = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def _address(self):
        for line in self.process.stderr:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", line)
            if found:
                return found[1]
        raise RuntimeError("Firefox does not say where it listens")

    def _ask(self, method, parameters):
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=90))
            if answer.get("id") == self.last:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['message']}")
                return answer["result"]
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.errors.append(answer["params"].get("text") or "")

    def open(self, url):
        self._ask("browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"})

    def evaluate(self, body):
        """Runs the body of an async function and returns what it returns."""
        result = self._ask("script.evaluate", {
            "expression": f"(async () => JSON.stringify((await (async () => {{ {body} }})()) ?? null))()",
            "target": {"context": self.context}, "awaitPromise": True})
        if result["type"] != "success":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    def screenshot(self, path):
        data = self._ask("browsingContext.captureScreenshot", {"context": self.context})["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def named(self):
        raise Skipped("only Chromium's driver tells of it")

    def complaints(self):
        found, self.errors = self.errors, []
        return found

    def close(self):
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.profile.cleanup()


BROWSERS = {browser.name: browser for browser in (Chromium, Firefox)}

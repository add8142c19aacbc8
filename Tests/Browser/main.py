"""Runs the checks: `run.sh --help` says how."""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import checks
from browsers import BROWSERS, Skipped
from checks import Bench


def arguments():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(prog="Tests/Browser/run.sh", description="Plays streams in real browsers.")
    parser.add_argument("names", nargs="*", help="run only checks whose names hold one of these words")
    parser.add_argument("--browser", choices=[*BROWSERS, "all"], default="all")
    parser.add_argument("--sluice", default=str(root / ".build/debug/sluice"), help="the program to test")
    parser.add_argument("--screenshots", help="a folder for a picture of each check's end")
    parser.add_argument("--list", action="store_true", help="only print the names of the checks")
    return parser.parse_args()


def run(name, bench, folder):
    """One line about one check; whether it passed."""
    began = time.monotonic()
    try:
        words = checks.ALL[name](bench) or ""
        passed, verdict = True, "ok"
    except Skipped as reason:
        passed, verdict, words = True, "skipped", str(reason)
    except Exception as error:
        passed, verdict, words = False, "FAILED", f"{type(error).__name__}: {error}"
        if not isinstance(error, AssertionError):
            traceback.print_exc()
    if folder:
        bench.browser.screenshot(pathlib.Path(folder, f"{bench.browser.name}-{name}.png"))
    print(f"{verdict} {bench.browser.name} {name} ({time.monotonic() - began:.1f} s) {words}", flush=True)
    return passed


def main():
    options = arguments()
    names = [name for name in checks.ALL if not options.names or any(word in name for word in options.names)]
    if options.list:
        print("\n".join(names))
        return 0
    missing = [program for program in ("ffmpeg", "chromium", "chromedriver", "firefox-esr") if not shutil.which(program)]
    if missing or not pathlib.Path(options.sluice).exists():
        print(f"missing: {', '.join(missing) or options.sluice}; scripts/test-dependencies.sh installs the browsers", file=sys.stderr)
        return 1
    if options.screenshots:
        pathlib.Path(options.screenshots).mkdir(parents=True, exist_ok=True)
    failed = 0
    for browser_name in BROWSERS if options.browser == "all" else [options.browser]:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="sluice-browser-") as folder, \
                    Bench(BROWSERS[browser_name], options.sluice, folder) as bench:
                failed += not run(name, bench, options.screenshots)
    print(f"{failed} failed" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

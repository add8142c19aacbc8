#!/usr/bin/env python3
"""Tests check-hls.py: a right server must have no finding, and each wrong one must have its own.

Takes about three minutes on two cores; each argument names one fault to try alone.
"""

import concurrent.futures
import sys

from hls_conformance import presentation
from hls_conformance.content import make_content
from hls_conformance.faulty_server import FaultyServer
from hls_conformance.report import RULES

SECONDS = 5
# These only show in what segments hold.
NEED_MEDIA = {
    "codecs-complete", "codecs-right", "resolution", "frame-rate", "bandwidth", "bandwidth-close", "parts-are-segment",
    "duration-real", "independent", "media-continuity",
}
# PyPI's parser and ours disagree only when one of them is wrong.
UNTESTED = {"parses-with-m3u8"}


def findings(content, fault):
    server = FaultyServer(content, fault)
    try:
        report = presentation.check(server.url, SECONDS, has_media=not fault or fault in NEED_MEDIA)
    finally:
        server.shutdown()
        server.server_close()
    return fault, report.findings


def main():
    faults = sys.argv[1:] or [""] + [rule for rule in RULES if rule not in UNTESTED]
    content, failures = make_content(), 0
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for fault, found in pool.map(lambda fault: findings(content, fault), faults):
            names = {finding["rule"] for finding in found}
            is_right = fault in names if fault else not names
            failures += not is_right
            outcome = "ok" if is_right else "FAILED"
            print(f"{outcome}: {fault or 'a right server'}: {', '.join(sorted(names)) or 'none'}")
            if not is_right or len(faults) == 1:
                for finding in found:
                    print(f"    {finding['rule']} {finding['where']}: {finding['words']}")
    print(f"{len(faults)} servers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

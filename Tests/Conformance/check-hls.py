#!/usr/bin/env python3
"""Checks a live HLS presentation against RFC 8216bis (draft-pantos-hls-rfc8216bis).

Follows all playlists of a multivariant playlist, or one media playlist, for some time, with blocking reloads and delta
updates where they are offered; downloads what is listed; then looks into the media with ffprobe. Every finding names
the rule, its clause and whether it is a must or a should.

    check-hls.py http://127.0.0.1:8080/live/stream.m3u8 --seconds 30

Exit status: 0 when no must is broken, 1 when one is (or, with --strict, a should), 2 for wrong usage.
Needs ffprobe and PyPI's m3u8.
"""

import argparse
import json
import sys

from hls_conformance import presentation
from hls_conformance.report import MUST


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of a multivariant or media playlist")
    parser.add_argument("--seconds", type=float, default=20, help="how long to follow it (20)")
    parser.add_argument("--json", action="store_true", help="write the findings and what was checked as JSON")
    parser.add_argument("--strict", action="store_true", help="fail on a broken should, too")
    parser.add_argument("--no-media", action="store_true", help="do not look into segments with ffprobe")
    parser.add_argument("--segments", type=int, default=30, help="look into so many segments at most (30)")
    parser.add_argument("--insecure", action="store_true", help="accept any certificate")
    arguments = parser.parse_args()
    report = presentation.check(
        arguments.url, arguments.seconds, not arguments.no_media, arguments.insecure, arguments.segments)
    findings = report.findings
    if arguments.json:
        print(json.dumps({"findings": findings, "checked": report.checked}, indent=2))
    else:
        for found in findings:
            times = f" ({found['count']} times)" if found["count"] > 1 else ""
            print(f"{found['level'].upper():6} {found['clause']}, {found['rule']}: {found['demand']}")
            print(f"       {found['where']}: {found['words']}{times}")
        total = sum(report.checked.values())
        print(f"{len(findings)} findings; {total} checks of {len(report.checked)} rules")
    broken = [found for found in findings if arguments.strict or found["level"] == MUST]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

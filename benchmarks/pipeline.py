"""The whole pipeline on the sample wire day: articles a second, and what Prefect itself costs of a poll.

The same day is polled three times directly and through Prefect, each in a process of its own, so that
start-up counts where a user meets it. Loopback only; the sites answer at once.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_CODE = """
import json, sys, time
from pathlib import Path
started = time.perf_counter()
from flows import once
from demo.day import Day
from tocsin.config import reading
polls = []
def poll(path, phase):
    before = time.perf_counter()
    report = once.poll(reading.load(path), direct=sys.argv[2] == "direct")
    polls.append({"seconds": time.perf_counter() - before, "items": sum(report.outcomes.values())})
    return report
Day(Path(sys.argv[1])).run(poll, lambda line: None)
print("RESULT" + json.dumps({"total": time.perf_counter() - started, "polls": polls}))
"""


def _day(way: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _CODE, str(Path(folder) / "day"), way], capture_output=True, text=True, check=False
        )
        wall = time.perf_counter() - before
    found = re.search(r"RESULT(.*)", done.stdout)
    if found is None:
        raise SystemExit(f"the day did not end:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return {**json.loads(found[1]), "wall": wall}


def main() -> None:
    """Print one row a way."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'way':10} {'whole, s':>9} {'polls, s':>24} {'items':>6} {'items/s':>8}")
    rows = {}
    for way in ("direct", "prefect"):
        result = _day(way)
        polls = result["polls"]
        assert isinstance(polls, list)
        seconds, items = sum(p["seconds"] for p in polls), sum(p["items"] for p in polls)
        rows[way] = seconds
        each = " + ".join(f"{p['seconds']:.2f}" for p in polls)
        print(f"{way:10} {result['wall']:9.2f} {each:>24} {items:6d} {items / seconds:8.1f}")
    share = (rows["prefect"] - rows["direct"]) / rows["prefect"]
    print(f"Prefect's share of the polls' wall time, temporary server included: {share:.0%}")


if __name__ == "__main__":
    main()

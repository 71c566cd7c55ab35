"""``make bench``: every benchmark in turn; each prints what README and CHANGELOG quote."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from itertools import takewhile

import benchmarks

PARTS = frozenset({"__main__", "dedup_speed", "loopback"})  # parts of others, though they have a main


def known() -> dict[str, str]:
    """The benchmarks by name, and what each measures."""
    found = {}
    for info in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda i: i.name):
        if info.name not in PARTS:
            module = importlib.import_module(f"benchmarks.{info.name}")
            if hasattr(module, "main"):
                found[info.name] = (module.__doc__ or "").strip().splitlines()[0]
    return found


def main() -> None:
    """Run the named benchmarks, or all of them; from the first option on, words are for the benchmark itself."""
    every = known()
    wanted = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    if {"-h", "--help"} & set(sys.argv) or not every.keys() >= set(wanted):
        lines = [f"  {name:14s} {what}" for name, what in every.items()]
        sys.exit(
            "\n".join(["python -m benchmarks [NAME ...] [--options of NAME]; without a name all of them:", *lines])
        )
    for name in wanted or every:
        print(f"\n== {name}: {every[name]}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()

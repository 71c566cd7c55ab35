"""``make bench``: every benchmark in turn; each prints what README and CHANGELOG quote."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Run the named benchmarks, or all of them."""
    wanted = {name for name in sys.argv[1:] if not name.startswith("-")}
    for info in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda i: i.name):
        if info.name in {"__main__", "dedup_speed", "loopback"} or (wanted and info.name not in wanted):
            continue
        module = importlib.import_module(f"benchmarks.{info.name}")
        if not hasattr(module, "main"):
            continue
        print(f"\n== {info.name}: {(module.__doc__ or '').strip().splitlines()[0]}", flush=True)
        module.main()


main()

"""Pins the requirements with hashes, so that every pip takes them: ``python tools/lock.py``; needs uv.

pip before 23.3 does not see that ``name==1.0`` also pins ``name[extra]``: it looks for the newest
``name[extra]``, finds no hash for it, and refuses. So each package that is asked for with an extra
stands in the lock twice, with the extra and without.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ["uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11"]
UV += ["--generate-hashes", "--no-emit-index-url", "--no-header"]
HEADER = "# Made by `make lock`; do not edit.\n"


def compiled(arguments: list[str]) -> str:
    """What uv pins."""
    done = subprocess.run([*UV, *arguments, "pyproject.toml"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def as_asked(block: str) -> str:
    """The block with its extra spelled as those who ask for it do: the same pip takes two spellings for two extras."""
    return block.replace("lxml[html-clean]", "lxml[html_clean]", 1)


def lock(path: Path, arguments: list[str]) -> None:
    """Write one lock file."""
    whole = compiled(arguments)
    blocks = re.split(r"(?m)^(?=\S)", compiled([*arguments, "--no-strip-extras"]))
    twice = [as_asked(block) for block in blocks if re.match(r"[\w.-]+\[", block)]
    path.write_text(HEADER + whole + "".join(sorted(twice)), encoding="utf-8")


def main() -> None:
    """Both locks; the development one holds the versions of the other."""
    lock(ROOT / "requirements.lock", ["--extra", "build"])
    plain = ROOT / "requirements.plain"  # uv takes no constraint with an extra
    try:
        plain.write_text(compiled(["--extra", "build"]), encoding="utf-8")
        lock(ROOT / "requirements-dev.lock", ["--extra", "build", "--extra", "dev", "-c", plain.name])
    finally:
        plain.unlink(missing_ok=True)


if __name__ == "__main__":
    main()

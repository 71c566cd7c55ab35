"""Bringing the tables up to date: one module per step in ``migrations/``, found by name, applied in order, once.

Each has ``migrate(db)``, which runs its statements one by one (``executescript`` would commit) and may
not commit. All pending steps are one transaction: a crash leaves the archive as it was.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tocsin.archive.connection import immediate
from tocsin.archive.library import Database, Migrations
from tocsin.errors import ArchiveError

FOLDER = Path(__file__).parent / "migrations"


def steps() -> Migrations:
    """Every migration of this version, in order."""
    found = Migrations("tocsin")
    for path in sorted(FOLDER.glob("m[0-9][0-9][0-9][0-9]_*.py")):
        module = importlib.import_module(f"tocsin.archive.migrations.{path.stem}")
        found(name=path.stem)(module.migrate)
    return found


def migrate(db: Database, name: str) -> None:
    """Apply what is pending, in one transaction.

    Raises:
        ArchiveError: the archive was made by a newer version.
    """
    wanted = steps()
    known = {step.name for step in wanted.pending(db)} | {step.name for step in wanted.applied(db)}
    newer = {step.name for step in wanted.applied(db)} - {path.stem for path in FOLDER.glob("m*.py")}
    if newer:
        raise ArchiveError(
            name, f"made by a newer Tocsin ({', '.join(sorted(newer))}); upgrade, or choose another `archive:`"
        )
    if not known or not wanted.pending(db):
        return
    with immediate(db.conn):
        wanted.apply(db)  # asks again what is pending: another process may have been first

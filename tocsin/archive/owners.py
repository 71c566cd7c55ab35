"""Who holds something between processes, and whether that process can still be alive."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path


def new_owner() -> str:
    """A name for one holder: its machine, its process and when that began, and a mark of its own."""
    return f"{socket.gethostname()} {os.getpid()} {_began(os.getpid())} {uuid.uuid4().hex[:12]}"


def _began(pid: int) -> str:
    """When a process began, as the kernel tells it; "0" where it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def dead(owner: str) -> bool:
    """True when the process of an owner cannot be alive any more; False for one of another machine."""
    machine, pid, began, _ = owner.rsplit(" ", 3)
    if machine != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _began(int(pid)) != began

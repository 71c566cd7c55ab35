"""Who holds something between processes, and whether that process can still be alive."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path


def new_owner() -> str:
    """A name for one holder: its machine, boot and process namespace, its process and when that began, and a mark."""
    return f"{' '.join(_here())} {os.getpid()} {_began(os.getpid())} {uuid.uuid4().hex[:12]}"


def _here() -> tuple[str, str, str]:
    """This machine, its boot, and the namespace of its process ids; "-" for what the kernel does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    machine, boot, space = ("_".join(name.split()) or "-" for name in (socket.gethostname(), boot, space))
    return machine, boot, space


def _began(pid: int) -> str:
    """When a process began, as the kernel tells it; "0" where it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def dead(owner: str) -> bool:
    """True when the process of an owner cannot be alive any more.

    False where that cannot be seen from here: another machine, another container, a name that is none of ours.
    """
    parts = owner.split()
    if len(parts) != 6 or not (parts[3].isascii() and parts[3].isdigit()):
        return False
    machine, boot, space, pid, began, _ = parts
    here, now, mine = _here()
    if (machine, space) != (here, mine):
        return False
    if boot != now:
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return _began(int(pid)) != began

"""The process in which feeds are read: it may be killed, and has less memory and time than a bomb needs.

``sandbox`` starts it and speaks to it in frames: four bytes of length, then that many bytes. A request
is two frames, JSON of the feed and of the answer without its body, and the body; the reply is two, JSON
and what was logged; before the first it says that it is ready. Whatever a format raises is caught here: it
costs its document and no other.
"""

from __future__ import annotations

import faulthandler
import io
import json
import logging
import resource
import sys
from datetime import datetime
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from scrapers import feeds
from scrapers.entries import FeedDocument
from tocsin.bugs import Met
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched

CPU_SECONDS = 10  # of one document
READY = b"ready"  # said once, before the first request
MEMORY = 1024 * 2**20  # bytes of address space
DOCUMENT = TypeAdapter(FeedDocument)
log = logging.getLogger("tocsin")


def main() -> None:
    """Read feeds until the pipe ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    feeds.all_formats()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no reply
    said = io.StringIO()
    logging.basicConfig(stream=said, format="%(message)s")
    faulthandler.enable(all_threads=False)  # native code that crashes shows where
    sink.write(READY)
    sink.flush()
    while head := receive(source):
        for frame in (answer(json.loads(head), receive(source) or b""), said.getvalue().encode("utf-8", "replace")):
            sink.write(len(frame).to_bytes(4, "big") + frame)
        sink.flush()
        said.seek(0)
        said.truncate()
        resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))  # until the next


def receive(source: BinaryIO) -> bytes | None:
    """One frame; None at the end."""
    size = source.read(4)
    if len(size) < 4:
        return None
    return source.read(int.from_bytes(size, "big"))


def answer(head: dict[str, Any], body: bytes) -> bytes:
    """The reply to a request; the processor's time starts anew."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(spent.ru_utime + spent.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    feed = Feed.model_validate_json(head["feed"])
    now = datetime.fromisoformat(head["now"])
    headers = tuple((name, value) for name, value in head["headers"])
    return reply(feed, Fetched(head["url"], head["final_url"], head["status"], headers, body, now, 0.0))


def reply(feed: Feed, fetched: Fetched) -> bytes:
    """The document as JSON, or why there is none, whatever a format raises."""
    try:
        with Met() as met:
            return DOCUMENT.dump_json(feeds.read(feed, fetched, now=fetched.at))
    except MemoryError:
        return json.dumps({"error": [feed.id, f"bomb: reading it takes more than {MEMORY >> 20} MB"]}).encode()
    if isinstance(met.fault, ParseError):
        return json.dumps({"error": [met.fault.subject, met.fault.detail]}).encode()
    name = feeds.known_as(fetched.body, fetched.header("content-type") or "") or "no known format"
    log.error("feed %s: a bug in Tocsin, please report it; it is read as %s", feed.id, name, exc_info=met.fault)
    words = (str(met.fault).splitlines() or [""])[0][:200]
    return json.dumps({"error": [feed.id, f"bug: {name}: {type(met.fault).__name__}: {words}"]}).encode()


if __name__ == "__main__":
    main()

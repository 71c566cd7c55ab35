"""A web server for the benchmarks of fetching: a thousand hosts on loopback, quick enough not to be what is measured.

``python -m benchmarks.loopback`` prints its port and serves until its input ends. Every address of 127.0.0.0/8 is it.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

SYLLABLES = ["ba", "ko", "ri", "men", "tal", "ou", "ves", "dra", "lin", "po", "sha", "ter"]
NOW = datetime.now(UTC)
_state = {"edition": 0, "open": 0, "most": 0}
_bomb = gzip.compress(b"<rss><channel>" + b"<item>" * 40_000_000, 1)


def text(number: int, item: int, words: int = 150) -> str:
    """Words that mean nothing, other ones for each item: no copies, and nothing to ring for."""
    draw = random.Random(number * 10_000 + item)
    return " ".join("".join(draw.choices(SYLLABLES, k=3)) for _ in range(words))


def feed(number: int, edition: int, items: int) -> bytes:
    """A feed whose newest item changes with each edition; the text is in the feed, so that no page is asked for."""
    rows = []
    for n in range(edition, edition + items):
        at = format_datetime(NOW - timedelta(minutes=30 * (edition + items - n)))
        rows.append(
            f"<item><title>{text(number, n, 8)}</title><link>http://a.example/{number}/{n}</link>"
            f"<guid>{number}-{n}</guid><pubDate>{at}</pubDate>"
            f"<content:encoded><![CDATA[<p>{text(number, n)}</p>]]></content:encoded></item>"
        )
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    head = f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel><title>Feed {number}</title>'
    return f"{head}{''.join(reversed(rows))}</channel></rss>".encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request; none from another machine, for whom an endless feed and a bomb are nothing to find here."""
    if not writer.get_extra_info("peername")[0].startswith("127."):
        writer.close()
        return
    _state["open"] += 1
    _state["most"] = max(_state["most"], _state["open"])
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        await _reply(head.split(" ")[1], head, writer)
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        _state["open"] -= 1
        writer.close()


async def _reply(path: str, head: str, writer: asyncio.StreamWriter) -> None:
    if path == "/hang":
        await asyncio.sleep(600)
    elif path == "/endless":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n<rss><channel>")
        while True:
            writer.write(b"<item><title>x</title></item>" * 2000)
            await writer.drain()
    elif path == "/bomb":
        writer.write(_head(200, f"Content-Encoding: gzip\r\nContent-Length: {len(_bomb)}\r\n") + _bomb)
    elif path == "/bounce":
        more = f"Location: /bomb\r\nContent-Encoding: gzip\r\nContent-Length: {len(_bomb)}\r\n"
        writer.write(_head(302, more) + _bomb)
    elif path == "/next":
        _state["edition"] += 1
        writer.write(_head(200, "Content-Length: 2\r\n") + b"ok")
    elif path == "/most":
        said = str(_state["most"]).encode()
        _state["most"] = 0
        writer.write(_head(200, f"Content-Length: {len(said)}\r\n") + said)
    else:
        _feed(path, head, writer)


def _feed(path: str, head: str, writer: asyncio.StreamWriter) -> None:
    _, kind, number = path.split("/")
    edition = _state["edition"] if kind == "new" else 0
    tag = f'"{kind}-{number}-{edition}"'
    sent = re.search(r"(?im)^if-none-match:\s*(\S+)", head)
    if sent and sent.group(1) == tag:
        writer.write(_head(304, f"ETag: {tag}\r\n"))
        return
    body = feed(int(number), edition, 1 if kind == "one" else 20)
    writer.write(
        _head(200, f"ETag: {tag}\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n") + body
    )


def _head(status: int, more: str) -> bytes:
    return f"HTTP/1.1 {status} OK\r\n{more}Connection: close\r\n\r\n".encode()


async def main() -> None:
    """Serve until standard input ends."""
    server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
    raise SystemExit(0)

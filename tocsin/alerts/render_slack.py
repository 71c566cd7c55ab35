"""An alert as Slack Block Kit: within Slack's limits, and inert.

Text from outside stands only in ``plain_text`` and ``rich_text`` elements, which Slack does not parse; the fallback
``text`` is escaped. Source: docs.slack.dev, Block Kit reference and "Escaping text"; the total of about 13,200
characters is not documented (msg_blocks_too_long), so the budget is 10,000.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tocsin.alerts.labels import load
from tocsin.alerts.render import ChangeLine, View, Words, line
from tocsin.model import Alert

Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_HEADER = 150
BUDGET = 10_000  # characters of text and addresses in all blocks
MAX_FALLBACK = 1_000

# how many facts, quotes and sources; the first that keeps to the budget is sent
_SIZES = ((16, 5, 8), (12, 3, 4), (8, 2, 2), (6, 1, 1))

_FACT_OF = {"places": "place"}  # the names that a change and a fact line give to the same fact


def escape(text: str) -> str:
    """Text for ``mrkdwn`` and ``text`` fields: no mention, link or entity can come of it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message(seen: View, *, reply: bool = False) -> Block:
    """``blocks`` and ``text`` of one alert.

    Args:
        reply: It stands in the thread of a message that says the whole: facts that did not change are left out.
    """
    if reply:
        changed = {_FACT_OF.get(change.field, change.field) for change in seen.changes}
        facts = tuple(fact for fact in seen.facts if fact.key in changed)
        hidden = len(seen.sources[3:])
        seen = replace(seen, facts=facts, sources=seen.sources[:3], more_sources=seen.more_sources + hidden)
    blocks: list[Block] = []
    for size in _SIZES:
        blocks = list(_blocks(seen, *size))
        if weight(blocks) <= BUDGET:
            break
    return {"text": escape(line(f"{seen.mark} {seen.headline}: {seen.gist.text}", MAX_FALLBACK)), "blocks": blocks}


def digest(views: Sequence[View], language: str) -> Block:
    """``blocks`` and ``text`` of one message that lists several alerts, in the order given."""
    labels = load(language)
    title = labels.text["digest"].format(n=len(views))
    room = max(40, (BUDGET - 1500) // max(1, len(views)) - 60)
    items = [_section(*_digest_line(seen, room)) for seen in views]
    return {
        "text": escape(line(f"{views[0].mark} {title}: {views[0].gist.text}", MAX_FALLBACK)),
        "blocks": [_header(f"{views[0].mark} {title}"), _rich(_list(items))],
    }


def weight(blocks: Sequence[Block]) -> int:
    """Characters of text and addresses in blocks, which Slack's total limit counts."""
    total = 0
    stack: list[Any] = list(blocks)
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            total += sum(len(v) for k, v in value.items() if k in {"text", "url"} and isinstance(v, str))
            stack.extend(v for v in value.values() if isinstance(v, (dict, list)))
        elif isinstance(value, list):
            stack.extend(value)
    return total


def isolated(words: Words) -> str:
    """Right-to-left words fenced off, so that they do not turn the line around them."""
    return f"\u2068{words.text}\u2069" if words.rtl else words.text


def _blocks(seen: View, facts: int, quotes: int, sources: int) -> Iterator[Block]:
    heading = seen.labels.heading
    yield _header(f"{seen.mark} {seen.headline}")
    top = [_text(isolated(seen.gist), bold=True)]
    if seen.place:
        top += [_text(f"\n📍 {seen.place.name} ({seen.place.detail}) "), _link(seen.place.map_url, heading["map"])]
    if seen.withdrawn:
        top.append(_text(f"\n{seen.withdrawn}", bold=True))
    if seen.acked:
        top.append(_text(f"\n{seen.acked}", italic=True))
    yield _rich(_section(*top))
    if seen.changes:
        yield _titled(
            heading["changed"], _list([_section(*_change(c, seen.labels.text["arrow"])) for c in seen.changes])
        )
    if seen.facts:
        items = [
            _section(
                _text(f"{fact.label}: ", bold=True),
                _text(fact.value),
                *([_text(f"  “{isolated(fact.quote)}”", italic=True)] if fact.quote else []),
            )
            for fact in seen.facts[:facts]
        ]
        yield _titled(heading["facts"], _list(items))
    if seen.quotes and quotes:
        said = "\n".join(isolated(quote) for quote in seen.quotes[:quotes])
        yield _titled(heading["quotes"], {"type": "rich_text_quote", "elements": [_text(said)]})
    yield _titled(seen.above_sources, _list([_section(*e) for e in _sources(seen, sources)]))
    yield _context("  ·  ".join(f"{label} {at}" for label, at in seen.times))
    why = f"{heading['why']}: {'; '.join(seen.why)}" if seen.why else ""
    yield _context("\n".join(part for part in (why, seen.footer) if part))


def _change(change: ChangeLine, arrow: str) -> tuple[Block, ...]:
    old, new = _text(change.old, strike=True), _text(change.new, bold=True)
    return _text(f"{change.label}: ", bold=True), old, _text(f" {arrow} "), new


def _sources(seen: View, limit: int) -> Iterator[tuple[Block, ...]]:
    for source in seen.sources[:limit]:
        title = isolated(source.title)
        if source.title.rtl and seen.labels.direction == "ltr":
            title = f"\u200e{title}"  # the line keeps the labels' direction
        yield (
            _link(source.url, title) if source.url else _text(title),
            _text(f" · {isolated(source.by)}, {source.note}"),
        )
    more = len(seen.sources[limit:]) + seen.more_sources
    if more:
        yield (_text(seen.labels.text["more"].format(n=more)),)


def _digest_line(seen: View, room: int) -> Iterator[Block]:
    yield _text(f"{seen.mark} {line(seen.headline, 60)}: ", bold=True)
    yield _text(isolated(Words(line(seen.gist.text, room), seen.gist.rtl)))
    if seen.sources and seen.sources[0].url and len(seen.sources[0].url) <= room:
        yield _text("  ")
        yield _link(seen.sources[0].url, line(seen.sources[0].by.text, 30))


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": line(text, MAX_HEADER), "emoji": False}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text[:2000], "emoji": False}]}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _titled(title: str, body: Block) -> Block:
    return _rich(_section(_text(title, bold=True)), body)


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _list(sections: Sequence[Block]) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": list(sections)}


def _text(text: str, **style: bool) -> Block:
    # Slack refuses an empty text
    element: Block = {"type": "text", "text": text or " "}
    return {**element, "style": style} if style else element


def _link(url: str, text: str) -> Block:
    return {"type": "link", "url": url, "text": text or url}


def preview(alert: Alert, block: Block) -> str:
    """Blocks as plain text: what a reader sees."""
    lines = [f"[{alert.id}]"]
    for part in block["blocks"]:
        lines.extend(_plain(part).splitlines())
    return "\n".join(lines)


def _plain(block: Block) -> str:
    kind = block["type"]
    if kind == "header":
        return str(block["text"]["text"])
    if kind == "rich_text_list":
        return "\n".join(f"• {_plain(item)}" for item in block["elements"])
    if kind == "link":
        return f"{block['text']} <{block['url']}>"
    if "text" in block:
        return str(block["text"])
    joiner = "\n" if kind == "rich_text" else ""
    body = joiner.join(_plain(item) for item in block["elements"])
    return "\n".join(f"> {row}" for row in body.splitlines()) if kind == "rich_text_quote" else body

"""What Slack refuses in a message: too many blocks, texts that are too long, links that are none."""

from __future__ import annotations

from typing import Any

MAX_BLOCKS, MAX_SECTION, MAX_HEADER, MAX_TOTAL = 50, 3000, 150, 13_200
Json = dict[str, Any]


def wrong(args: Json) -> str:
    """The error code with which Slack refuses a message's content, or ""."""
    blocks = args.get("blocks") or []
    if not args.get("text") and not blocks:
        return "no_text"
    if len(str(args.get("text", ""))) > 40_000:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        return "invalid_blocks"
    total, stack = 0, list(blocks)
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, dict):
            stack.extend(v for v in value.values() if isinstance(v, (dict, list)))
            text = value.get("text")
            if text == "" or not _fits(value):
                return "invalid_blocks"
            total += len(text) if isinstance(text, str) else 0
    return "msg_blocks_too_long" if total > MAX_TOTAL else ""


def _fits(value: Json) -> bool:
    """Whether one block or element keeps Slack's limits of length."""
    text = value.get("text")
    inner = text.get("text", "") if isinstance(text, dict) else ""
    if value.get("type") == "header" and len(inner) > MAX_HEADER:
        return False
    if value.get("type") == "section" and len(inner) > MAX_SECTION:
        return False
    if value.get("type") == "link" and not str(value.get("url", "")).startswith(("http://", "https://", "mailto:")):
        return False
    return len(value.get("elements", ())) <= 10 if value.get("type") == "context" else True

"""config.yaml as text that is changed in place: comments, order, quotes and blank lines stay as a person wrote them.

PyYAML says where each value stands, so a change replaces or inserts a few characters and touches nothing else.
What comes out is read again, in full, before it takes the place of the file.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import ConfigError

Feed = Mapping[str, Any]  # keys of a feed in the order in which they are written
_PLAIN = re.compile(r"[A-Za-z][\w .()'&+-]*(?<! )")
_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})
_ORDER = ("id", "url", "path", "language", "kind", "publisher", "origin", "poll_minutes", "body", "alert", "timezone")


def read(path: Path) -> str:
    """The file as it stands, line ends included.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(str(path), f"cannot be read: {exc}") from None


def add_feeds(text: str, feeds: Sequence[Feed]) -> str:
    """The text with more feeds below those it has."""
    eol = "\r\n" if "\r\n" in text else "\n"
    listed = _value(_root(text), "feeds")
    if isinstance(listed, yaml.SequenceNode) and listed.value:
        last = listed.value[-1]
        if listed.flow_style:
            where = last.end_mark.index
            return text[:where] + "".join(f", {_line(feed)}" for feed in feeds) + text[where:]
        indent = " " * listed.start_mark.column
        where = _end_of_line(text, _last(last))
        return text[:where] + "".join(f"{eol}{indent}- {_line(feed)}" for feed in feeds) + text[where:]
    lines = "".join(f"{eol}  - {_line(feed)}" for feed in feeds)
    if listed is None:
        return text.rstrip() + f"{eol}{eol}feeds:{lines}{eol}"
    # "feeds:" alone, or "feeds: []"
    start, end = listed.start_mark.index, listed.end_mark.index
    return text[:start].rstrip(" ") + lines + text[end:]


def set_feed(text: str, feed_id: str, changes: Mapping[str, Any]) -> str:
    """The text with keys of one feed set; a key that is not there is added behind the others.

    Raises:
        ConfigError: no feed has that id in the file.
    """
    for key, value in changes.items():
        node = _feed(text, feed_id)
        found = next((v for k, v in node.value if k.value == key), None)
        if found is not None:
            text = text[: found.start_mark.index] + _scalar(value) + text[found.end_mark.index :]
        elif node.flow_style:
            where = node.value[-1][1].end_mark.index
            text = text[:where] + f", {key}: {_scalar(value)}" + text[where:]
        else:
            eol = "\r\n" if "\r\n" in text else "\n"
            where = _end_of_line(text, _last(node.value[-1][1]))
            indent = " " * node.value[0][0].start_mark.column
            text = text[:where] + f"{eol}{indent}{key}: {_scalar(value)}" + text[where:]
    return text


def diff(before: str, after: str, name: str) -> str:
    """What a change changes, as lines with - and +; "" for no change."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=1)
    return "\n".join(lines)


def write(path: Path, before: str, after: str, check: Callable[[Path], object]) -> None:
    """Put the text in place of the file, whole or not at all, once it has been read as a config.

    Args:
        check: Reads a config file; raises ConfigError when it is wrong.

    Raises:
        ConfigError: the file was changed meanwhile, what would be written is wrong, or it cannot be written.
    """
    if read(path) != before:
        raise ConfigError(str(path), "was changed by somebody else meanwhile; nothing was written, try again")
    part = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        part.write_bytes(after.encode("utf-8"))
        os.chmod(part, path.stat().st_mode & 0o777)  # noqa: PTH101 - beside stat
        check(part)
        os.replace(part, path.resolve())  # noqa: PTH105 - on purpose: atomic, over an existing file
    except OSError as exc:
        raise ConfigError(str(path), f"cannot be written: {exc.strerror}") from None
    except ConfigError as exc:
        words = str(exc).replace(str(part), str(path))
        raise ConfigError(str(path), f"would no longer be right, so nothing was written: {words}") from None
    finally:
        part.unlink(missing_ok=True)


def _root(text: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("config", "is not a list of 'key: value' lines")
    return node


def _value(mapping: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in mapping.value if name.value == key), None)


def _feed(text: str, feed_id: str) -> yaml.MappingNode:
    listed = _value(_root(text), "feeds")
    for node in listed.value if isinstance(listed, yaml.SequenceNode) else ():
        named = _value(node, "id") if isinstance(node, yaml.MappingNode) else None
        if isinstance(node, yaml.MappingNode) and named is not None and named.value == feed_id:
            return node
    raise ConfigError("config", f"no feed with the id {feed_id!r} stands in the file itself")


def _last(node: yaml.Node) -> int:
    """Where the words of a node end: the end of a block is where the next one begins, comments between them."""
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False) or not node.value:
        return int(node.end_mark.index)
    inner = node.value[-1]
    return _last(inner[1] if isinstance(inner, tuple) else inner)


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _line(feed: Feed) -> str:
    """A feed in one line, its best known keys first."""
    keys = [key for key in _ORDER if key in feed] + [key for key in feed if key not in _ORDER]
    return "{ " + ", ".join(f"{key}: {_scalar(feed[key])}" for key in keys) + " }"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    said = str(value).replace("$", "$$")  # one alone would open a ${NAME}
    if _PLAIN.fullmatch(said) and said.lower() not in _WORDS:
        return said
    return json.dumps(said, ensure_ascii=False)

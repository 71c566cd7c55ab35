"""config.yaml as plain data: its YAML, the line on which each key stands, and ``${NAME}`` filled in.

The file is composed as YAML nodes first, so that a repeated key is seen and each value keeps its line; names are
filled in from the environment or the ``.env`` beside the file. A value that came from there is never quoted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from tocsin.config.problem import Key, Problem
from tocsin.errors import ConfigError

MAX_DEPTH = 20  # levels of blocks and lists; ours has 5
_NAME = re.compile(r"\$(?:\$|\{([^}]*)\}?)")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """The file while it is read: its values, where each stands, and what is wrong so far."""

    name: str  # as the user calls the file
    secrets: Mapping[str, str | None]
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unset: dict[str, str] = field(default_factory=dict)  # channel -> the secret that is not set
    filled: set[Key] = field(default_factory=set)  # keys whose value came from ${NAME}: never quoted

    def line(self, key: Key) -> int | None:
        """The line of a key, or of the nearest one around it."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key)

    def blame(self, key: Key, text: str, line: int | None = None) -> None:
        """Note a mistake, at the line of its key when none is given."""
        self.problems.append(Problem(key, text, line or self.line(key)))

    @property
    def error(self) -> ConfigError:
        """Every mistake noted, in the order of the lines, as one error."""
        first, *rest = sorted(self.problems, key=lambda p: (p.line or 0, p.key_text))
        subject, detail = first.at(self.name)
        more = ["{}: {}".format(*problem.at(self.name)) for problem in rest]
        return ConfigError(subject, "\n".join([detail, *more]))


def read(file: Path, environ: Mapping[str, str] | None = None) -> Document:
    """Read a file; what is wrong with single values is noted in the document.

    Args:
        environ: Stands for the process environment in tests.

    Raises:
        ConfigError: It cannot be read, or is no YAML.
    """
    secrets = {**_dotenv(file.parent / ".env"), **(os.environ if environ is None else environ)}
    document = Document(str(file), secrets)
    value = _value(_compose(file), (), document, ())
    document.data = value if isinstance(value, dict) else {}
    return document


def _dotenv(file: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(file, interpolate=False)
    except UnicodeDecodeError as exc:
        raise ConfigError(str(file), f"byte {exc.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as exc:
        raise ConfigError(str(file), f"cannot be read: {exc.strerror}") from None


def _compose(file: Path) -> yaml.Node:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        mend = "run tocsin in the folder that holds it, or name it with --config FILE"
        raise ConfigError(str(file), f"no such file; {mend}") from None
    except UnicodeDecodeError as exc:
        raise ConfigError(str(file), f"byte {exc.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as exc:
        raise ConfigError(str(file), f"cannot be read: {exc.strerror}") from None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.lstrip()
        if words and not words.startswith("#") and "\t" in line[: -len(words)]:
            raise ConfigError(f"{file} line {number}", "a tab begins this line; YAML indents with spaces only")
    try:
        _shallow(text, file)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f"{file} line {mark.line + 1}" if mark else str(file)
        raise ConfigError(where, f"not valid YAML: {_yaml_words(exc)}") from None
    except yaml.reader.ReaderError as exc:
        where = f"{file} line {text.count(chr(10), 0, exc.position) + 1}"
        raise ConfigError(where, "a character that YAML does not allow, such as a control character") from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(str(file), "is not a list of 'key: value' lines; see config.yaml in the repository for one")
    return node


def _shallow(text: str, file: Path) -> None:
    """Refuse what is nested beyond any config: composing calls itself once per level, down to a crash."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ConfigError(f"{file} line {line}", "nested too deeply; look at the brackets")


def _yaml_words(exc: yaml.MarkedYAMLError) -> str:
    problem = exc.problem or "cannot be read"
    hints = {
        "mapping values are not allowed": "put a text that holds ': ' in quotes",
        "could not find expected ':'": "a key needs ': ' after it; look at the line above, too",
        "cannot start any token": "put the text in quotes",
        "expected <block end>": "the indentation of this line does not match the lines above",
        "did not find expected": "a bracket, brace, quote or indentation does not match; look at the line above, too",
        "found undefined alias": "put a text that begins with * in quotes",
    }
    hint = next((mend for words, mend in hints.items() if words in problem), "")
    return f"{problem}; {hint}" if hint else problem


def _value(node: yaml.Node, key: Key, document: Document, above: tuple[int, ...]) -> Any:
    """A node as plain data, noting lines, repeated keys and unset names on the way."""
    document.lines.setdefault(key, node.start_mark.line + 1)
    if id(node) in above:
        document.blame(key, "an alias that holds itself", node.start_mark.line + 1)
        return None
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*key, i), document, above) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key, document, above)
    return _scalar(node, key, document)


def _mapping(node: yaml.MappingNode, key: Key, document: Document, above: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name_node, child in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            document.blame(key, "a key must be one word", line)
            continue
        name = str(name_node.value)
        if name_node.tag == "tag:yaml.org,2002:merge":
            document.blame((*key, "<<"), "merging with << is not supported; write the keys out", line)
            continue
        if name in found:
            document.blame((*key, name), f"given twice, first in line {document.line((*key, name))}; keep one", line)
            continue
        document.lines[(*key, name)] = line
        found[name] = _value(child, (*key, name), document, above)
    return found


def _scalar(node: yaml.Node, key: Key, document: Document) -> Any:
    if "$" in node.value and node.tag == "tag:yaml.org,2002:str":
        return _fill(node.value, key, document)
    loader = _Loader("")
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError) as exc:
        document.blame(key, f"cannot be read: {getattr(exc, 'problem', None) or exc}; put the text in quotes")
        return None
    finally:
        loader.dispose()


def _fill(text: str, key: Key, document: Document) -> str:
    """``${NAME}`` replaced; ``$$`` is a dollar sign."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return "$"
        if not match.group().endswith("}") or not re.fullmatch(r"[A-Za-z_]\w*", name):
            document.blame(key, f"{match.group()!r} is not ${{NAME}}; write $$ for a dollar sign")
            return ""
        document.filled.add(key)
        value = document.secrets.get(name)
        if not value:
            _missing(name, key, document)
        return value or ""

    return _NAME.sub(replace, text)


def _missing(name: str, key: Key, document: Document) -> None:
    if key[:2] == ("alerts", "channels") and len(key) > 3:
        document.unset.setdefault(str(key[2]), name)
        return
    document.blame(key, f"${{{name}}} is not set; put {name}=… in the environment or in .env beside the file")

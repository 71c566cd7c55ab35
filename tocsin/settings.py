"""How config.yaml becomes a ``Config``: every mistake told at once, by line, key and mend.

The file is composed as YAML nodes first, so that a repeated key is seen and each value keeps its line;
``${NAME}`` is filled in next, from the environment or the ``.env`` beside the file; pydantic checks the
types, and ``tocsin.mistakes`` what one value alone cannot tell. A secret is never quoted in a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values
from pydantic import ValidationError

from tocsin import watch_mistakes
from tocsin.config import Alerts, ChannelSpec, Config, Http, Route, Watch
from tocsin.errors import ConfigError
from tocsin.mistakes import explain, semantic
from tocsin.problem import Key, Problem

DEFAULT = Path("config.yaml")
USER_AGENT = "Tocsin/1.0 (+https://tocsin.example/; desk@tocsin.example)"
MAX_DEPTH = 20  # levels of blocks and lists; ours has 5
TERMINAL = "terminal"  # the channel that needs no account
SHARED = ("digest", "quiet")  # keys of any channel, which no kind checks
_NAME = re.compile(r"\$(?:\$|\{([^}]*)\}?)")
Vet = Callable[[str, ChannelSpec], object]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class _Reading:
    """The file while it is read: its values, where each stands, and what is wrong so far."""

    name: str  # as the user calls the file
    secrets: Mapping[str, str | None]
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
        self.problems.append(Problem(key, text, line or self.line(key)))


def defaults() -> Config:
    """What holds where there is no file: enough for the filters, which fetch nothing."""
    return Config(http=Http(user_agent=USER_AGENT))


def load(path: Path | None = None, environ: Mapping[str, str] | None = None, vet: Vet | None = None) -> Config:
    """Read a config file.

    A channel whose secret is not set is left out and listed in ``channels_off``; a terminal channel is
    always there, and a route that lost all its channels goes to it.

    Args:
        path: The file; ``config.yaml`` in the current folder when None.
        environ: Stands for the process environment in tests.
        vet: Checks a channel's own keys; raises ConfigError. The kinds live above this module.

    Raises:
        ConfigError: The file cannot be read or is wrong; its words list every mistake found.
    """
    file = path or DEFAULT
    secrets = {**_dotenv(file.parent / ".env"), **(os.environ if environ is None else environ)}
    reading = _Reading(str(file), secrets)
    data = _values(_compose(file), reading)
    config = _checked(data, reading)
    if vet is not None:
        _vet_channels(data, reading, vet)
    watches = _watches(config, file, reading) if config else ()
    if reading.problems or config is None:
        raise _error(reading)
    archive = file.resolve().parent / config.archive.expanduser()  # an absolute path stays as it is
    attempts = config.http.attempts and file.resolve().parent / config.http.attempts.expanduser()
    http = config.http.model_copy(update={"attempts": attempts})
    off = tuple(sorted(reading.unset.items()))
    alerts = _with_terminal(config, "routes" in (data.get("alerts") or {}), dict(off))
    return config.model_copy(
        update={"archive": archive, "http": http, "path": file.resolve(), "channels_off": off, "alerts": alerts}
        | _learnt(config, archive, watches, file)
    )


def _watches(config: Config, file: Path, reading: _Reading) -> tuple[Watch, ...]:
    """The watches with the texts of their examples."""
    found: list[Watch] = []
    for i, watch in enumerate(config.watches):
        texts, wrong = watch_mistakes.read_examples(watch, i, file.resolve().parent)
        for problem in wrong:
            reading.blame(problem.key, problem.text)
        if not reading.problems:
            watch_mistakes.prepare(watch)
        found.append(watch.model_copy(update={"examples": watch.examples.model_copy(update={"texts": texts})}))
    return tuple(found)


def _learnt(config: Config, archive: Path, watches: tuple[Watch, ...], file: Path) -> dict[str, Any]:
    """The watches with the weights that the desk trained, where there are any."""
    named = config.weights and file.resolve().parent / config.weights.expanduser()
    weights = named or archive.parent / "weights.json"
    if not named and not weights.exists():
        return {"watches": watches, "weights": weights}
    return {"watches": tuple(w.model_copy(update={"weights": weights}) for w in watches), "weights": weights}


def _error(reading: _Reading) -> ConfigError:
    first, *rest = sorted(reading.problems, key=lambda p: (p.line or 0, p.key_text))
    subject, detail = first.at(reading.name)
    more = ["{}: {}".format(*problem.at(reading.name)) for problem in rest]
    return ConfigError(subject, "\n".join([detail, *more]))


# --------------------------------------------------------------------------- the file


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


def _values(node: yaml.Node, reading: _Reading) -> dict[str, Any]:
    value = _value(node, (), reading, ())
    return value if isinstance(value, dict) else {}


def _value(node: yaml.Node, key: Key, reading: _Reading, above: tuple[int, ...]) -> Any:
    """A node as plain data, noting lines, repeated keys and unset names on the way."""
    reading.lines.setdefault(key, node.start_mark.line + 1)
    if id(node) in above:
        reading.blame(key, "an alias that holds itself", node.start_mark.line + 1)
        return None
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*key, i), reading, above) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key, reading, above)
    return _scalar(node, key, reading)


def _mapping(node: yaml.MappingNode, key: Key, reading: _Reading, above: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name_node, child in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            reading.blame(key, "a key must be one word", line)
            continue
        name = str(name_node.value)
        if name_node.tag == "tag:yaml.org,2002:merge":
            reading.blame((*key, "<<"), "merging with << is not supported; write the keys out", line)
            continue
        if name in found:
            reading.blame((*key, name), f"given twice, first in line {reading.line((*key, name))}; keep one", line)
            continue
        reading.lines[(*key, name)] = line
        found[name] = _value(child, (*key, name), reading, above)
    return found


def _scalar(node: yaml.Node, key: Key, reading: _Reading) -> Any:
    if "$" in node.value and node.tag == "tag:yaml.org,2002:str":
        return _fill(node.value, key, reading)
    loader = _Loader("")
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError) as exc:
        reading.blame(key, f"cannot be read: {getattr(exc, 'problem', None) or exc}; put the text in quotes")
        return None
    finally:
        loader.dispose()


def _fill(text: str, key: Key, reading: _Reading) -> str:
    """``${NAME}`` replaced; ``$$`` is a dollar sign."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return "$"
        if not match.group().endswith("}") or not re.fullmatch(r"[A-Za-z_]\w*", name):
            reading.blame(key, f"{match.group()!r} is not ${{NAME}}; write $$ for a dollar sign")
            return ""
        reading.filled.add(key)
        value = reading.secrets.get(name)
        if not value:
            _missing(name, key, reading)
        return value or ""

    return _NAME.sub(replace, text)


def _missing(name: str, key: Key, reading: _Reading) -> None:
    if key[:2] == ("alerts", "channels") and len(key) > 3:
        reading.unset.setdefault(str(key[2]), name)
        return
    reading.blame(key, f"${{{name}}} is not set; put {name}=… in the environment or in .env beside the file")


# --------------------------------------------------------------------------- what it says


def _checked(data: dict[str, Any], reading: _Reading) -> Config | None:
    """The file as a ``Config``, or None; what is wrong is added to ``reading.problems``."""
    found: list[Problem] = []
    config = None
    try:
        config = Config.model_validate(data)
    except ValidationError as exc:
        found += [explain(error, reading.filled) for error in exc.errors(include_url=False)]
    unknown = {error.key for error in found if error.text.startswith("unknown key")}
    reading.problems = [p for p in reading.problems if not any(p.key[: len(key)] == key for key in unknown)]
    known = {problem.key for problem in reading.problems}  # one mistake, told once
    for problem in [*found, *semantic(data)]:
        if problem.key not in known:
            known.add(problem.key)
            reading.blame(problem.key, problem.text)
    return config


def _vet_channels(data: dict[str, Any], reading: _Reading, vet: Vet) -> None:
    """Let each kind check the keys of its channels; one that is off lacks a secret and cannot be checked."""
    alerts = data.get("alerts")
    blocks = alerts.get("channels") if isinstance(alerts, dict) else None
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        if name in reading.unset or not isinstance(block, dict) or not isinstance(block.get("kind"), str):
            continue
        try:
            vet(name, ChannelSpec.model_validate({k: v for k, v in block.items() if k not in SHARED}))
        except ConfigError as exc:
            inner = exc.subject.removeprefix(f"alerts.channels.{name}").strip(".")
            reading.blame(("alerts", "channels", name, *(inner.split(".") if inner else ())), exc.detail)


def _with_terminal(config: Config, has_routes: bool, off: Mapping[str, str]) -> Alerts:
    """The alerts block without the channels that are off, and with a terminal that takes what they leave."""
    channels = {name: spec for name, spec in config.alerts.channels.items() if name not in off}
    shown = next((name for name, spec in channels.items() if spec.kind == TERMINAL), None)
    if shown is None:
        shown = TERMINAL if TERMINAL not in channels else "terminal-always"
        channels[shown] = ChannelSpec(kind=TERMINAL)
    routes = tuple(_routes(config.alerts.routes, off, shown))
    steps = tuple(
        step.model_copy(update={"to": tuple(name for name in step.to if name not in off) or (shown,)})
        for step in config.alerts.escalate
    )
    if not has_routes:  # nobody said where: everything goes everywhere
        routes = tuple(Route(watch=watch.id, to=tuple(channels)) for watch in config.watches)
    return config.alerts.model_copy(update={"channels": channels, "routes": routes, "escalate": steps})


def _routes(routes: tuple[Route, ...], off: Mapping[str, str], shown: str) -> Iterator[Route]:
    for route in routes:
        left = tuple(name for name in route.to if name not in off)
        yield route.model_copy(update={"to": left or (shown,)})

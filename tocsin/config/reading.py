"""How config.yaml becomes a ``Config``: every mistake told at once, by line, key and mend.

``document`` reads the file as plain data, pydantic checks the types by ``schema``, ``mistakes`` finds what one value
alone cannot tell, and each kind of channel checks its own keys. A secret is never quoted in a message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tocsin.config import document, examples
from tocsin.config.document import Document
from tocsin.config.mistakes import across, wording
from tocsin.config.problem import Problem
from tocsin.config.schema import Alerts, ChannelSpec, Config, Http, Route, Watch
from tocsin.errors import ConfigError

DEFAULT = Path("config.yaml")
USER_AGENT = "Tocsin/1.0 (+https://tocsin.example/; desk@tocsin.example)"
TERMINAL = "terminal"  # the channel that needs no account
SHARED = ("digest", "quiet")  # keys of any channel, which no kind checks
Vet = Callable[[str, ChannelSpec], object]


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
    folder = file.resolve().parent
    found = document.read(file, environ)
    config = _checked(found)
    if vet is not None:
        _vet_channels(found, vet)
    watches = _watches(config, folder, found) if config else ()
    if found.problems or config is None:
        raise found.error
    archive = folder / config.archive.expanduser()  # an absolute path stays as it is
    attempts = config.http.attempts and folder / config.http.attempts.expanduser()
    return config.model_copy(
        update={
            "archive": archive,
            "http": config.http.model_copy(update={"attempts": attempts}),
            "path": file.resolve(),
            "channels_off": tuple(sorted(found.unset.items())),
            "alerts": _with_terminal(config, "routes" in (found.data.get("alerts") or {}), found.unset),
            **_learnt(config, archive, watches, folder),
        }
    )


def _watches(config: Config, folder: Path, found: Document) -> tuple[Watch, ...]:
    """The watches with the texts of their examples."""
    watches: list[Watch] = []
    for i, watch in enumerate(config.watches):
        texts, wrong = examples.read(watch, i, folder)
        for problem in wrong:
            found.blame(problem.key, problem.text)
        if not found.problems:
            _prepare(watch)
        watches.append(watch.model_copy(update={"examples": watch.examples.model_copy(update={"texts": texts})}))
    return tuple(watches)


def _prepare(watch: Watch) -> None:
    """Make what a watch without mistakes looks for, places of its own included, before threads poll."""
    if watch.countries or watch.places or watch.themes:
        from tocsin.flagging.home import home_of

        home_of(watch)


def _learnt(config: Config, archive: Path, watches: tuple[Watch, ...], folder: Path) -> dict[str, Any]:
    """The watches with the weights that the desk trained, where there are any.

    Raises:
        ConfigError: The file is there, and holds no weights: no article could be judged.
    """
    weights = folder / config.weights.expanduser() if config.weights else archive.parent / "weights.json"
    if not weights.exists():
        return {"watches": watches, "weights": weights}
    try:
        whole = {"intercept", "weights"} <= set(json.loads(weights.read_bytes()))
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigError(str(weights), f"the weights of the scorer cannot be read ({exc}); remove the file") from None
    if not whole:
        raise ConfigError(str(weights), "holds no weights of the scorer; remove it: tocsin train --use makes another")
    return {"watches": tuple(w.model_copy(update={"weights": weights}) for w in watches), "weights": weights}


def _checked(found: Document) -> Config | None:
    """The file as a ``Config``, or None; what is wrong is added to the document's problems."""
    wrong: list[Problem] = []
    config = None
    try:
        config = Config.model_validate(found.data)
    except ValidationError as exc:
        wrong += [wording.explain(error, found.filled) for error in exc.errors(include_url=False)]
    unknown = {error.key for error in wrong if error.text.startswith("unknown key")}
    found.problems = [p for p in found.problems if not any(p.key[: len(key)] == key for key in unknown)]
    known = {problem.key for problem in found.problems}  # one mistake, told once
    for problem in [*wrong, *across.mistakes(found.data)]:
        if problem.key not in known:
            known.add(problem.key)
            found.blame(problem.key, problem.text)
    return config


def _vet_channels(found: Document, vet: Vet) -> None:
    """Let each kind check the keys of its channels; one that is off lacks a secret and cannot be checked."""
    alerts = found.data.get("alerts")
    blocks = alerts.get("channels") if isinstance(alerts, dict) else None
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        if name in found.unset or not isinstance(block, dict) or not isinstance(block.get("kind"), str):
            continue
        try:
            vet(name, ChannelSpec.model_validate({k: v for k, v in block.items() if k not in SHARED}))
        except ConfigError as exc:
            inner = exc.subject.removeprefix(f"alerts.channels.{name}").strip(".")
            found.blame(("alerts", "channels", name, *(inner.split(".") if inner else ())), exc.detail)


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

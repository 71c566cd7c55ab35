"""What every watch thinks of an article; the lexica are loaded once for all threads."""

from __future__ import annotations

import threading

from tocsin import flagging
from tocsin.config import Config
from tocsin.model import Article, Assessment

_LOADING = threading.Lock()
_loaded: set[str] = set()


def _load(watches: tuple[str, ...], config: Config) -> None:
    """Read, once a process, what judging needs: lexica, gazetteer, weights."""
    if _loaded.issuperset(watches):
        return
    for watch in config.watches:
        flagging.assess("Two soldiers killed in Baghdad", "", language="en", published=None, watch=watch)
    _loaded.update(watches)


def assess(article: Article, config: Config) -> tuple[Assessment, ...]:
    """What each watch thinks of an article."""
    with _LOADING:  # held for the first article alone: eight threads that each load the lexica take eight times as much
        _load(tuple(watch.id for watch in config.watches), config)
    return tuple(
        flagging.assess(
            article.title, article.text, language=article.language, published=article.published, watch=watch
        )
        for watch in config.watches
    )

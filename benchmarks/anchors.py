"""Other extractors, each behind one function: HTML and address in, a dict with ``text`` and perhaps more out.

Only trafilatura is a dependency. The others are found when ``pip install -r benchmarks/anchors.txt`` put them
into the environment that runs the benchmark; what is not there is left out.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

Reader = Callable[[str, str], dict[str, Any]]
_FAILURES = (ValueError, TypeError, AttributeError, IndexError, KeyError, LookupError, ImportError, RecursionError)


def available() -> list[str]:
    """The extractors whose package is installed."""
    return [name for name, (package, _) in _READERS.items() if importlib.util.find_spec(package)]


def reader(name: str) -> Reader:
    """The function of that extractor; a page that it cannot read gives an empty text."""
    read = _READERS[name][1]

    def careful(html: str, url: str) -> dict[str, Any]:
        try:
            return read(html, url)
        except _FAILURES:
            return {"text": ""}

    return careful


def _trafilatura(**options: Any) -> Reader:
    def read(html: str, url: str) -> dict[str, Any]:
        import trafilatura

        return {"text": trafilatura.extract(html, url=url, include_comments=False, **options)}

    return read


def _trafilatura_whole(html: str, url: str) -> dict[str, Any]:
    """The same work as ours: text and metadata."""
    import trafilatura

    found = trafilatura.bare_extraction(html, url=url, include_comments=False, with_metadata=True)
    if found is None:
        return {"text": "", "title": "", "published": None, "authors": []}
    authors = [name for name in (found.author or "").split("; ") if name]
    return {"text": found.text, "title": found.title, "published": found.date, "authors": authors}


def _resiliparse(html: str, _url: str) -> dict[str, Any]:
    from resiliparse.extract.html2text import extract_plain_text

    return {"text": extract_plain_text(html, main_content=True, alt_texts=False)}


def _readability(html: str, _url: str) -> dict[str, Any]:
    from lxml.html import fromstring
    from readability import Document

    document = Document(html)
    summary = fromstring(document.summary())
    return {"text": "\n".join(" ".join(t.split()) for t in summary.itertext()), "title": document.short_title()}


def _newspaper(html: str, url: str) -> dict[str, Any]:
    from newspaper import Article

    article = Article(url, fetch_images=False)
    article.download(input_html=html)
    article.parse()
    when = article.publish_date.isoformat() if article.publish_date else None
    return {"text": article.text, "title": article.title, "published": when, "authors": article.authors}


def _goose(html: str, _url: str) -> dict[str, Any]:
    from goose3 import Goose

    article = Goose({"enable_image_fetching": False}).extract(raw_html=html)
    return {"text": article.cleaned_text, "title": article.title}


def _justext(html: str, _url: str) -> dict[str, Any]:
    import justext

    paragraphs = justext.justext(html, justext.get_stoplist("English"))
    return {"text": "\n".join(p.text for p in paragraphs if not p.is_boilerplate)}


def _boilerpy(html: str, _url: str) -> dict[str, Any]:
    from boilerpy3.extractors import ArticleExtractor

    return {"text": ArticleExtractor(raise_on_failure=False).get_content(html)}


_READERS: dict[str, tuple[str, Reader]] = {
    "trafilatura default": ("trafilatura", _trafilatura()),
    "trafilatura with metadata": ("trafilatura", _trafilatura_whole),
    "trafilatura precision": ("trafilatura", _trafilatura(favor_precision=True)),
    "trafilatura fast": ("trafilatura", _trafilatura(fast=True)),
    "resiliparse": ("resiliparse", _resiliparse),
    "readability-lxml": ("readability", _readability),
    "newspaper4k": ("newspaper", _newspaper),
    "goose3": ("goose3", _goose),
    "jusText": ("justext", _justext),
    "boilerpy3": ("boilerpy3", _boilerpy),
}

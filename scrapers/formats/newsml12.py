"""NewsML 1.2, as AFP, Belga, ANP, EFE and others send it.

Belga gives every document the same PublicIdentifier, no offset with its times and several stories in one
item; AFP leaves the headline of an alert empty. So a story is a news component with a language and a text
of its own, its identity the component's Duid where the item's is shared, and its headline, where there is
none, the first line of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from scrapers import trees, wire
from scrapers.entries import Entry, FeedDocument, document
from scrapers.trees import attribute_at, find, find_all, words, words_at
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched
from tocsin.text import clean_line

_CONSTANT = "urn:newsml:www.belga.be"  # of every document of this agency
_INITIALS = re.compile(r"<p>\s*[a-z]{2,4}(?:[-/][a-z]{2,4})+\s*</p>\s*$")  # of who wrote it: "asl/tib/pid"
_PARTS = {"title": "headline", "lead": "lead", "body": "body"}


@dataclass(frozen=True, slots=True)
class _Item:
    """What all stories of a NewsItem share."""

    element: etree._Element
    provider: str
    public_id: str
    version: str
    timezone: str | None


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers declare anything; the body tells
    """True for a NewsML 1 document, with or without its version."""
    return trees.root_name(body) == "newsml"


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read every story of every NewsItem; raises ParseError when the XML cannot be read."""
    root = trees.read(feed, fetched.body)
    stories = [(e, number, story) for e in find_all(root, "NewsItem") for number, story in enumerate(_stories(e))]
    return document(feed, fetched.final_url, stories, lambda s: _entry(s[2], _item(s[0], feed), s[1], now), now=now)


def _item(element: etree._Element, feed: Feed) -> _Item:
    identifier = "Identification/NewsIdentifier"
    provider = words_at(element, f"{identifier}/ProviderId")
    parts = (provider, words_at(element, f"{identifier}/DateId"), words_at(element, f"{identifier}/NewsItemId"))
    public = words_at(element, f"{identifier}/PublicIdentifier")
    belga = public == _CONSTANT or "belga" in provider.lower()
    return _Item(
        element=element,
        provider=_agency(element, provider),
        public_id="" if public == _CONSTANT else ":".join(parts) if all(parts) else public,
        version=words_at(element, f"{identifier}/RevisionId"),
        timezone=feed.timezone or ("Europe/Brussels" if belga else None),
    )


def _agency(element: etree._Element, provider_id: str) -> str:
    """The agency's short name: the party where one is named, else the host of its id."""
    party = next((trees.attribute(p, "FormalName") for p in trees.anywhere(element, "Party")), "")
    return party or provider_id.removeprefix("www.").split(".")[0].upper()


def _stories(item: etree._Element) -> Iterator[etree._Element]:
    """The components that are stories: those of the second level that name a language, or the first that has a text."""
    for top in find_all(item, "NewsComponent"):
        inner = [c for c in find_all(top, "NewsComponent") if _language(c) and list(trees.anywhere(c, "DataContent"))]
        yield from inner or [top]


def _entry(story: etree._Element, item: _Item, number: int, now: datetime) -> Entry:
    management = find(item.element, "NewsManagement")
    manage = management if management is not None else item.element
    parts = _parts(story)
    content = parts.get("lead", "") + parts.get("body", "") or _content(story)
    title = words_at(story, "NewsLines/HeadLine") or parts.get("headline", "") or _first_line(content)
    duid = trees.attribute(story, "Duid")
    own = item.public_id and number == 0
    family = item.public_id if own else f"{item.public_id or item.provider}:{duid}" if duid.strip("0") else ""
    return Entry(
        guid=family,
        title=title,
        summary=clean_line(parts.get("lead", "")),
        content=content,
        published=words_at(manage, "FirstCreated"),
        updated=words_at(manage, "ThisRevisionCreated"),
        authors=[words_at(story, "NewsLines/ByLine")],
        language=_language(story) or trees.attribute(item.element, "lang").split("-")[0].lower() or None,
        timezone=item.timezone,
        wire=wire.read(_marks(story, manage, item, family), now=now),
    )


def _marks(story: etree._Element, manage: etree._Element, item: _Item, family: str) -> Marks:
    status = attribute_at(manage, "Status", "FormalName") or words_at(manage, "Status")
    properties = {
        trees.attribute(p, "FormalName").lower(): trees.attribute(p, "Value")
        for p in find_all(story, "AdministrativeMetadata/Property")
    }
    lines = [words_at(line, "NewsLineText") for line in find_all(story, "NewsLines/NewsLine")]
    kinds = [attribute_at(line, "NewsLineType", "FormalName") for line in find_all(story, "NewsLines/NewsLine")]
    return Marks(
        provider=item.provider,
        family=family,
        version=item.version,
        urgency=attribute_at(manage, "Urgency", "FormalName")
        or attribute_at(manage, "Priority", "FormalName")
        or properties.get("priority", ""),
        status=status,
        signals=(
            *kinds,
            *lines,
            attribute_at(manage, "NewsItemType", "FormalName"),
            attribute_at(manage, "Instruction", "FormalName"),
            properties.get("editorialinfo", ""),
            words_at(story, "NewsLines/KeywordLine"),
            words_at(story, "NewsLines/SlugLine"),
        ),
        embargo=words_at(manage, "StatusWillChange/DateAndTime") if status.lower() == "embargoed" else "",
        timezone=item.timezone,
    )


def _parts(story: etree._Element) -> dict[str, str]:
    """Title, lead and body that are components of their own, as Belga sends them: HTML, escaped."""
    found: dict[str, str] = {}
    for component in find_all(story, "NewsComponent"):
        key = _PARTS.get(attribute_at(component, "Role", "FormalName").lower())
        if key:
            data = next(trees.anywhere(component, "DataContent"), None)
            found[key] = words(data) if key == "headline" else trees.markup(data)
    return found


def _content(story: etree._Element) -> str:
    """The text of a story as HTML: the NITF in it, or its DataContent."""
    for wanted in ("body.content", "DataContent"):
        for element in trees.anywhere(story, wanted):
            if html := trees.markup(element).strip():
                return _INITIALS.sub("", html)
    return ""


def _first_line(content: str) -> str:
    return next(filter(None, (clean_line(part) for part in content.replace("</p>", "\n").split("\n"))), "")


def _language(component: etree._Element) -> str:
    said = attribute_at(component, "DescriptiveMetadata/Language", "FormalName") or trees.attribute(component, "lang")
    return said.split("-")[0].lower()

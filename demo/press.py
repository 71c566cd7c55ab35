"""Prints the sample day: stories into pages and feeds, each outlet in its own markup; no sockets here."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from demo.sites import BY_ID, FURNITURE, Outlet, iso
from demo.stories import Story, WireDayData, on_day

_ENGINE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=False,
    keep_trailing_newline=True,
)


def number(story: Story) -> int:
    """The outlet's own number for a story, the same for all its versions."""
    return 100_000 + zlib.crc32(story.slug.encode()) % 900_000


@dataclass(frozen=True)
class Press:
    """Everything needed to print: the stories, their day, and where each outlet stands."""

    data: WireDayData
    base_time: datetime  # aware, UTC
    roots: dict[str, str]  # outlet id -> "http://127.0.1.11:40123"

    def url(self, story: Story) -> str:
        """The canonical address of a story."""
        outlet = BY_ID[story.site]
        return self.roots[outlet.id] + outlet.path(story, self.base_time)

    def link(self, story: Story) -> str:
        """The address of a story as its feed gives it."""
        return BY_ID[story.site].link(self.url(story), number(story))

    def feed_url(self, outlet: Outlet) -> str:
        """The address of an outlet's feed."""
        return self.roots[outlet.id] + outlet.feed_path

    def page(self, story: Story, phase: int) -> str:
        """The page of a story, with what else its site carries at that phase."""
        outlet = BY_ID[story.site]
        view = self._view(story)
        view["paragraphs"] = [self._day(p, story) for p in story.paragraphs]
        view["published"] = iso(self._first(story).published(self.base_time))
        view["updated"] = iso(story.published(self.base_time))
        view["shown"] = outlet.date(story.published(self.base_time))
        view.update(self._structured(story, view, outlet))
        others = [s for s in self.data.listed(outlet.id, phase) if s.slug != story.slug]
        start = number(story) % max(1, len(others))
        related = [self._view(s) for s in (others[start:] + others[:start])[:4]]
        return self._render(outlet.template, outlet, view, related=related)

    def feed(self, outlet: Outlet, phase: int) -> str:
        """An outlet's feed as it stands at a phase."""
        stories = self.data.listed(outlet.id, phase)
        views = [self._view(s) | {"html": self._html(s)} for s in stories]
        if outlet.feed == "feed.json":
            return self._json_feed(outlet, views)
        newest = max((s.published(self.base_time) for s in stories), default=self.base_time)
        return self._render(outlet.feed, outlet, {}, stories=views, newest=iso(newest))

    def maintenance(self, outlet: Outlet) -> str:
        """The page that stands where the feed should be."""
        return self._render("maintenance.html.j2", outlet, {})

    def _render(self, template: str, outlet: Outlet, view: dict[str, Any], **more: Any) -> str:
        return _ENGINE.get_template(template).render(
            outlet=outlet,
            root=self.roots[outlet.id],
            year=self.base_time.year,
            f=FURNITURE[outlet.language],
            **view,
            **more,
        )

    def _day(self, text: str, story: Story) -> str:
        return on_day(text, story.language, self.base_time)

    def _first(self, story: Story) -> Story:
        return next((s for s in self.data.stories if s.id == story.slug), story)

    def _view(self, story: Story) -> dict[str, Any]:
        outlet = BY_ID[story.site]
        url = self.url(story)
        return {
            "story": story,
            "title": self._day(story.title, story),
            "summary": self._day(story.summary, story),
            "byline": story.byline,
            "section": story.section,
            "url": url,
            "link": self.link(story),
            "number": number(story),
            "date": outlet.date(story.published(self.base_time)),
            "first_date": outlet.date(self._first(story).published(self.base_time)),
        }

    def _html(self, story: Story) -> Markup:
        """The running text as a feed carries it, in CDATA."""
        body = "\n".join(str(Markup("<p>{}</p>").format(self._day(p, story))) for p in story.paragraphs)
        return Markup(f"<![CDATA[{body}]]>")  # noqa: S704  (escaped paragraph by paragraph above)

    def _structured(self, story: Story, view: dict[str, Any], outlet: Outlet) -> dict[str, Markup]:
        """Structured data in the three shapes that the outlets use."""
        article = {
            "@type": "NewsArticle",
            "headline": view["title"],
            "description": view["summary"],
            "datePublished": view["published"],
            "dateModified": view["updated"],
            "mainEntityOfPage": view["url"],
            "inLanguage": story.language,
            "articleSection": story.section,
            "author": [{"@type": "Person", "name": story.byline or outlet.name}],
            "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        }
        site = {"@type": "WebSite", "@id": f"{self.roots[outlet.id]}/#website", "name": outlet.name}
        context = {"@context": "https://schema.org"}
        shapes = {
            "json_article": {**context, **article, "articleBody": "\n\n".join(view["paragraphs"])},
            "json_graph": {**context, "@graph": [site, article]},
            "json_paywalled": {**context, **article, "isAccessibleForFree": False},
        }
        return {name: _script(shape) for name, shape in shapes.items()}

    def _json_feed(self, outlet: Outlet, views: list[dict[str, Any]]) -> str:
        items = [
            {
                "id": str(v["number"]),
                "url": v["link"],
                "title": v["title"],
                "summary": v["summary"],
                "date_published": v["first_date"],
                "date_modified": v["date"],
                "authors": [{"name": v["byline"]}],
                "tags": [v["section"]],
                "language": outlet.language,
            }
            for v in views
        ]
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "home_page_url": self.roots[outlet.id] + "/",
            "feed_url": self.feed_url(outlet),
            "language": outlet.language,
            "items": items,
        }
        return json.dumps(feed, ensure_ascii=False, indent=1)


def _script(value: dict[str, Any]) -> Markup:
    """JSON that may stand inside a script element."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("</", "<\\/"))  # noqa: S704

"""Files for a site scraper: selectors and a first case that passes; ``make new-site HOST=www.outlet.example``.

Everything that is written is meant to be changed: the selectors to the site's, the page to its real
markup with invented words. The tests find both by their names.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scrapers import registry
from tocsin import urls

ROOT = Path(__file__).parents[1]

_MODULE = '''"""{host}."""

from scrapers.registry import Css, SiteScraper, site


@site("{host}")
class {name}(SiteScraper):
    """Layout as of {year}."""

    title = Css("h1.headline")
    text = Css("p.lead, .story-body > p, .story-body > h2")
    authors = (Css(".byline a"), Css(".byline"))
    drop = ".inline-teaser, .newsletter-box"
    timezone = "UTC"
'''
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<title>Roadside bomb wounds two near Tarmiya</title>
<meta property="article:published_time" content="2026-07-09T06:18:22+00:00">
</head>
<body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav>
<main>
<h1 class="headline">Roadside bomb wounds two near Tarmiya</h1>
<p class="byline">By <a href="/author/1">Jane Doe</a></p>
<p class="lead">Two policemen were wounded on Thursday when a bomb went off beside their patrol north of Baghdad.</p>
<div class="story-body">
<p>The device had been hidden under a culvert near Tarmiya, a police officer said, and was set off as they passed.</p>
<div class="inline-teaser"><p>Read also: Why the orchards along the Tigris are hard to hold</p></div>
<p>Reinforcements searched the orchards until the evening. Nobody has claimed the attack.</p>
</div>
</main>
<footer>Sign up for our morning newsletter</footer>
</body>
</html>
"""


def main(host: str, year: int, root: Path = ROOT) -> list[Path]:
    """Write the files for a host; what is there already is left alone.

    Raises:
        SystemExit: that is no host, a scraper claims it, or its files are there.
    """
    host = re.sub(r"^https?://|/.*$", "", host.strip().lower()).removeprefix("www.")
    if not re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", host):
        raise SystemExit(f"{host!r} is no host; say: make new-site HOST=www.outlet.example")
    claimed = registry.find(f"https://{host}/")
    if claimed is not None:
        raise SystemExit(f"{host} is read by {claimed.__module__}; add a layout there")
    name = _name(host)
    module = root / "scrapers" / "sites" / f"{name}.py"
    case = root / "tests" / "corpus" / "sites" / name / "first"
    if module.exists() or case.exists():
        raise SystemExit(f"{module.relative_to(root)} is there already")
    klass = "".join(part.capitalize() for part in name.split("_"))
    expect = {
        "url": f"https://www.{host}/world/bomb-tarmiya",
        "title": "Roadside bomb wounds two near Tarmiya",
        "rung": f"site:{klass}",
        "published": "2026-07-09T06:18:22+00:00",
        "authors": ["Jane Doe"],
        "language": "en",
        "origins": [],
        "paragraphs": 3,
        "starts": "Two policemen were wounded",
        "ends": "claimed the attack.",
        "absent": ["Read also", "newsletter"],
    }
    case.mkdir(parents=True)
    module.write_text(_MODULE.format(host=host, name=klass, year=year), encoding="utf-8")
    (case / "page.html").write_text(_PAGE, encoding="utf-8")
    (case / "expect.json").write_text(json.dumps(expect, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [module, case / "page.html", case / "expect.json"]


def _name(host: str) -> str:
    """A module's name for a host: "outlet" for news.outlet.co.uk, a letter in front of "7sur7"."""
    name = urls.registered(host).partition(".")[0].replace("-", "_").strip("_")
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"site_{name}"


if __name__ == "__main__":
    from datetime import UTC, datetime

    for written in main(sys.argv[1] if len(sys.argv) > 1 else "", datetime.now(UTC).year):
        sys.stdout.write(f"wrote {written.relative_to(ROOT)}\n")
    sys.stdout.write(
        "next: put a page of the site into page.html with other words, fit the selectors and expect.json, then\n"
        "      .venv/bin/python -m pytest tests/contract/test_sites.py   (docs/adding-a-site.md)\n"
    )

"""The site builds without network and asks for none, and every link on it leads somewhere."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from loadstream.analysis.reasons import Reason
from loadstream.cli.group import loadstream
from loadstream.lint.catalogue import rules
from loadstream.project.keys import TABLES


class Page(HTMLParser):
    """The links of a page, what it loads by itself, and the places that a link can lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.places |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif given.get("src") or (tag == "link" and given.get("href")):
            self.loaded.append(given.get("src") or given["href"])


def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_link_leads_to_a_page_and_a_place_on_it(site):
    found = pages(site)
    broken, followed = [], 0
    for path, page in found.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or path.name == "404.html":  # its links count from the server's root
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            followed += 1
            lost = not target.is_file() or (
                parts.fragment and unquote(parts.fragment) not in found[target].places
            )
            if lost:
                broken.append((path.relative_to(site).as_posix(), link))
    assert broken == []
    assert followed > 1000


def test_a_page_loads_nothing_from_elsewhere(site):
    for path, page in pages(site).items():
        assert [url for url in page.loaded if urlsplit(url).netloc] == [], path
        for url in page.loaded:
            if path.name != "404.html":
                assert (path.parent / urlsplit(url).path).exists(), (path, url)
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert "url(http" not in text
        assert "@import" not in text


def test_the_code_that_makes_the_site_is_not_on_it(site):
    assert list(site.rglob("*.py")) == []
    assert list(site.rglob("__pycache__")) == []
    assert "setup" not in (site / "index.html").read_text(encoding="utf-8")


def test_each_rule_and_each_reason_has_a_page_in_the_navigation(site):
    home = Page(site / "index.html")
    for rule in rules():
        assert (site / "patterns" / f"{rule.name}.html").is_file()
        assert f"patterns/{rule.name}.html" in home.links
    for reason in Reason:
        assert (site / "refusals" / f"{reason.value}.html").is_file()
        assert f"refusals/{reason.value}.html" in home.links


def test_each_command_and_each_of_its_options_is_in_the_reference(site):
    text = (site / "command-line.html").read_text(encoding="utf-8")
    context = click.Context(loadstream, **loadstream.context_settings)
    for name in loadstream.list_commands(context):
        assert f'id="loadstream-{name}"' in text
        for parameter in loadstream.get_command(context, name).params:
            assert all(
                option in text for option in parameter.opts if parameter.param_type_name == "option"
            )


def test_each_key_of_the_configuration_has_a_place_in_the_reference(site):
    page = Page(site / "configuration.html")
    for table in TABLES:
        assert table.name.strip("[]").replace(".", "") in page.places
        assert {key.name.replace(".", "") for key in table.keys} <= page.places


def test_the_search_finds_the_pages(site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"] for entry in index["docs"]}
    assert {"refusals/multi-pass.html", "configuration.html#exclude"} <= found

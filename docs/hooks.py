"""Hooks of mkdocs: adds the pages that are made from the code, so that nothing is written twice.

What `loadstream explain` prints becomes a page for each rule and each reason; the configuration
and the command line have theirs from the tables and options that the program itself reads.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from generated import commands, configuration, prose, reasons, rules  # noqa: E402

PAGES = {
    **rules.pages(),
    **reasons.pages(),
    "configuration.md": configuration.page(),
    "command-line.md": commands.page(),
    "contributing.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
}
_HIDDEN = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def on_config(config: Any) -> None:
    """Put the generated pages behind the page that begins their section."""
    for section in config.nav:
        for entries in section.values():
            if isinstance(entries, list) and str(entries[0]).endswith("/index.md"):
                folder = entries[0].removesuffix("index.md")
                found = (name for name in PAGES if name.startswith(folder))
                entries.extend(name for name in found if name != entries[0])


def on_files(files: Any, config: Any) -> None:
    """Add the generated pages to those in the folder."""
    from mkdocs.structure.files import File

    for name, text in PAGES.items():
        files.append(File.generated(config, name, content=prose.relative(name, text)))


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Take out the comments: they are what the tests need to run a page."""
    return _HIDDEN.sub("", markdown)

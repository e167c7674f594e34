"""A pattern as a codemod that runs alone, under LibCST's own tool:

    python -m libcst.tool codemod -x loadstream_codemods.filter_collect.FilterCollect FILE

It analyses and edits; `--no-format` leaves out the formatter that the tool runs behind it.
The repository's own driver does not come through here: it has the sites of a file already.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import libcst as cst
from libcst.codemod import CodemodCommand, SkipFile

from loadstream.analysis.plans import Plan, Safety
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites
from loadstream.analysis.source import SourceError, SourceFile, parse
from loadstream_codemods.engine import Edits, transform
from loadstream_codemods.errors import CannotApplyError


class PatternCommand(CodemodCommand):
    """Carries out the safe plans of one code, file by file."""

    CODE: ClassVar[str]
    EDITS: ClassVar[Edits]

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with this pattern's safe sites rewritten."""
        path = Path(self.context.filename or "stdin.py").resolve()
        try:
            source = parse(tree.code, path)
            sites = self.sites(source, Repository(repository_root(path)))
            plans = [
                site.plan
                for site in sites
                if site.plan is not None
                and all(part.code == self.CODE for part in site.plan.each)
                and site.plan.safety is Safety.SAFE
            ]
            return cst.parse_module(self.edited(tree.code, plans), config=tree.config_for_parsing)
        except (SourceError, CannotApplyError) as error:
            raise SkipFile(str(error)) from error

    def sites(self, source: SourceFile, repository: Repository) -> Sequence[Site]:
        """The sites of `source`, those of other codes among them."""
        return find_sites(source, repository)

    def edited(self, text: str, plans: Sequence[Plan]) -> str:
        """`text` with `plans` carried out."""
        return transform(text, plans, self.EDITS)


def repository_root(path: Path) -> Path:
    """The nearest folder above `path` that holds a repository or project, else its own folder."""
    for folder in path.parents:
        if (folder / ".git").exists() or (folder / "pyproject.toml").exists():
            return folder
    return path.parent

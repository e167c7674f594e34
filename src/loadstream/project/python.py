"""The oldest Python that a project runs on, as its pyproject.toml says."""

from __future__ import annotations

import re
from pathlib import Path

from loadstream.project.config import FILE_NAME, document_of

_BOUND = re.compile(r"(?:>=|==|~=|===|>)\s*(\d+)\.(\d+)(?:\.\S*)?")


def least_python(root: Path) -> tuple[int, int] | None:
    """The least version that `requires-python` allows; None where that is not said.

    Raises InputError where the file cannot be read.
    """
    document = document_of(root / FILE_NAME) or {}
    project = document.get("project")
    wanted = project.get("requires-python") if isinstance(project, dict) else None
    if not isinstance(wanted, str):
        return None
    bounds = [_BOUND.fullmatch(one.strip()) for one in wanted.split(",")]
    found = [(int(bound[1]), int(bound[2])) for bound in bounds if bound is not None]
    return max(found, default=None)

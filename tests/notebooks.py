"""Notebooks for tests: cells in, bytes out, and the code of bytes."""

from __future__ import annotations

import json
from typing import Any

from loadstream.analysis.notebook_text import read_notebook

PYTHON = {
    "kernelspec": {"language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cell(source: str | list[str], kind: str = "code", **more: Any) -> dict[str, Any]:
    """One cell; its source as a list of lines unless it is given as a list already."""
    lines = source.splitlines(keepends=True) if isinstance(source, str) else source
    code = {"execution_count": 3, "outputs": [{"name": "stdout", "text": ["json.load\n"]}]}
    head = code if kind == "code" else {}
    return {"cell_type": kind, **head, "metadata": {}, "source": lines, **more}


def notebook(*cells: str | dict[str, Any], **settings: Any) -> bytes:
    """A notebook as Jupyter writes it: one space of indentation, a line feed at the end."""
    document = {
        "cells": [cell(one) if isinstance(one, str) else one for one in cells],
        "metadata": settings.pop("metadata", PYTHON),
        "nbformat": settings.pop("nbformat", 4),
        "nbformat_minor": 5,
    }
    settings = {"indent": 1, "ensure_ascii": False, **settings}
    return (json.dumps(document, **settings) + "\n").encode()


def cells_of(data: bytes) -> list[str]:
    """The texts of a notebook's code cells."""
    return [one.text for one in read_notebook(data).cells]

"""What a case of JSON Lines should give: `json.loads` of one line after the other."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.outcomes import describe

if TYPE_CHECKING:
    from tests.fuzz.cases import Case


def read_lines(
    case: Case, text: str, undecodable: UnicodeDecodeError | None
) -> tuple[list[Any], tuple[tuple[Any, ...], ...]]:
    """The values before the first wrong line, and the endings that are right.

    A stream decodes as it reads. So of a line that is wrong and a later byte that cannot be
    decoded, either may be met first.
    """
    values: list[Any] = []
    endings: list[tuple[Any, ...]] = []
    if case.is_text:
        text = re.sub("\r\n?", "\n", text)
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if undecodable is not None and end == len(text):
            break
        if line.strip(" \t\r"):
            try:
                values.append(json.loads(line))
            except json.JSONDecodeError as error:
                endings.append(describe(json.JSONDecodeError(error.msg, text, start + error.pos)))
                break
            except (ValueError, RecursionError) as error:
                endings.append(describe(error))
                break
        start = end + 1
    if undecodable is not None:
        endings.append(describe(undecodable))
    return values, tuple(endings) or ((),)

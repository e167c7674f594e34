"""The names of one import statement: one comes in, one goes.

Sorted imports stay sorted, one name a line stays one name a line, comments live on.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from loadstream_codemods.places import comments
from loadstream_codemods.whitespace import new_line


def text_of(alias: cst.ImportAlias) -> str:
    """The name and, where it has one, its alias, as they are written."""
    name = alias.evaluated_name
    return f"{name} as {alias.evaluated_alias}" if alias.evaluated_alias else name


def _bound(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name


def is_sorted(aliases: Sequence[cst.ImportAlias]) -> bool:
    """Tell whether somebody keeps the names in order."""
    return _sorted_names([text_of(alias) for alias in aliases])


def _sorted_names(names: Sequence[str]) -> bool:
    return [name.lower() for name in names] == sorted(name.lower() for name in names)


def add_name(
    aliases: list[cst.ImportAlias],
    name: str,
    loader: str | None,
    going: set[str],
    separator: cst.Comma,
    *,
    in_order: bool,
) -> None:
    """Put `name` in its place: that of `loader` if this one goes, its own if they are sorted."""
    new = _alias(name)
    at = next((i for i, alias in enumerate(aliases) if _bound(alias) == loader), len(aliases) - 1)
    swapped = [*map(text_of, aliases[:at]), name, *map(text_of, aliases[at + 1 :])]
    if loader in going and _bound(aliases[at]) == loader:
        commented = bool(comments(aliases[at]))
        if commented or not in_order or _sorted_names(swapped):
            aliases[at] = aliases[at].with_changes(name=new.name, asname=new.asname)
            going.discard(loader or "")
            return
    if in_order:
        at = sum(text_of(alias).lower() <= name.lower() for alias in aliases) - 1
    _insert(aliases, at + 1, new, separator)


def _alias(name: str) -> cst.ImportAlias:
    imported, _, alias = name.partition(" as ")
    return cst.ImportAlias(
        name=cst.Name(imported), asname=cst.AsName(cst.Name(alias)) if alias else None
    )


def _insert(
    aliases: list[cst.ImportAlias], index: int, new: cst.ImportAlias, separator: cst.Comma
) -> None:
    if index < len(aliases):
        aliases.insert(index, new.with_changes(comma=separator))
        return
    last = aliases[-1]
    if isinstance(last.comma, cst.Comma):
        # The last comma holds the way to the closing bracket, and perhaps the last name's comment.
        end = last.comma.whitespace_after
        between = separator
        if isinstance(end, cst.ParenthesizedWhitespace) and isinstance(
            separator.whitespace_after, cst.ParenthesizedWhitespace
        ):
            between = cst.Comma(
                whitespace_after=end.with_changes(last_line=separator.whitespace_after.last_line)
            )
            end = new_line(end.last_line.value)
        aliases[-1] = last.with_changes(comma=between)
        aliases.append(new.with_changes(comma=cst.Comma(whitespace_after=end)))
    else:
        aliases[-1] = last.with_changes(comma=separator)
        aliases.append(new)


def separator_of(aliases: Sequence[cst.ImportAlias], statement: cst.ImportFrom) -> cst.Comma:
    """What stands between two names here, without comments."""
    bracket = statement.lpar
    if len(aliases) == 1 and bracket is not None:
        after = bracket.whitespace_after
        if isinstance(after, cst.ParenthesizedWhitespace):
            return cst.Comma(whitespace_after=new_line(after.last_line.value))
    for alias in aliases[:-1]:
        if isinstance(alias.comma, cst.Comma):
            after = alias.comma.whitespace_after
            if isinstance(after, cst.ParenthesizedWhitespace):
                return cst.Comma(whitespace_after=new_line(after.last_line.value))
            return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def remove_name(aliases: list[cst.ImportAlias], name: str) -> None:
    """Take out the alias that binds `name`, unless a comment of its own holds it."""
    for index, alias in enumerate(aliases):
        if _bound(alias) != name:
            continue
        if comments(alias):  # a linter's pragma has no other place: the name stays
            return
        if index == len(aliases) - 1 and index > 0:
            if comments(aliases[index - 1]):
                return
            aliases[index - 1] = aliases[index - 1].with_changes(comma=alias.comma)
        del aliases[index]
        return


def one_name_a_line(statement: cst.ImportFrom, indent: str) -> cst.ImportFrom:
    """`statement` in brackets, for names too long for one line."""
    assert not isinstance(statement.names, cst.ImportStar)
    *names, last = statement.names
    return statement.with_changes(
        lpar=cst.LeftParen(whitespace_after=new_line(indent)),
        rpar=cst.RightParen(),
        names=[
            *(
                name.with_changes(comma=cst.Comma(whitespace_after=new_line(indent)))
                for name in names
            ),
            last.with_changes(comma=cst.Comma(whitespace_after=new_line(""))),
        ],
    )

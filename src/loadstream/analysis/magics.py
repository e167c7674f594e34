"""What stands in a code cell that is not Python: magics, shell commands, questions.

A line of that kind is left out of what is analysed and stands there as a call that nobody knows,
which reads every name in it, and binds every name that it may bind. Where that cannot be told
(`%run`, `%pylab`, a magic that is not in the lists here) no name of the notebook is certain.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.source import SourceError, tree_of
from loadstream.analysis.trees import walk

_WORD = re.compile(r"[^\W\d]\w*")
_ASSIGNED = re.compile(r"(?P<targets>[\w\s,.\[\]'\"()*]+?)=\s*(?P<magic>[!%].*)", re.DOTALL)

# Line magics that bind no name of the notebook.
_PLAIN = frozenset(
    "alias autoreload bookmark cd colors conda config debug dhist dir env hist history kill_embed "
    "killbgscripts ll load_ext logoff logon logstart logstop ls lsmagic mamba man matplotlib mkdir "
    "mv notebook pdb pdef pdoc pinfo pinfo2 pip popd pprint precision psearch psource pushd pwd "
    "pycat quickref reload_ext rm rmdir set_env sx system tb tensorflow_version unload_ext uv who "
    "who_ls whos xmode".split()
)
# Magics, of a line or of a cell, that run Python which stands in them.
_RUNNING = frozenset("capture memit mprun lprun prun time timeit".split())
# Cell magics whose text another program gets.
_FOREIGN = frozenset(
    "! bash cmd file html HTML javascript js latex markdown perl pypy python python2 python3 ruby "
    "script sh svg SVG system sx writefile".split()
)
# Magics, of a line or of a cell, that bind names which stand in them, and no others.
_NAMING = frozenset("bigquery R sql tensorboard wandb watermark".split())
_OPTIONS = re.compile(r"\A(?:-\w+(?:\s*\d+)?\s+)+")
_DYNAMIC = frozenset("eval exec get_ipython globals locals vars".split())
_ASKED = re.compile(
    r"str\(\s*get_ipython\(\)\s*\)|get_ipython\(\)\.(?:__class__|system\(|getoutput\()"
    r"|get_ipython\(\)\.(?:run_line_magic|magic)\(\s*u?['\"]%?(?P<magic>\w+)"
)


class Hidden(NamedTuple):
    """What a piece of code that is not looked at may do to names; `anything`: whatever it likes."""

    reads: frozenset[str]
    binds: frozenset[str] = frozenset()
    anything: bool = False

    def statement(self, callee: str) -> str:
        """One line of Python that does the same to names."""
        targets = "".join(f"{name} = " for name in sorted(self.binds))
        return f"{targets}{callee}({', '.join(sorted(self.reads))})"


class Mask(NamedTuple):
    """A line of a cell, or the whole cell, that is not Python, and the line that stands for it."""

    original: str
    standing: str


class Readable(NamedTuple):
    """A cell as Python. `uncertain`: what it runs may bind any name of the notebook."""

    text: str
    masks: tuple[Mask, ...] = ()
    uncertain: bool = False


def readable(text: str, callee: str) -> Readable:
    """The cell's text as Python, in which functions named `callee…` stand for the rest.

    Raises SourceError where neither Python nor IPython would run it.
    """
    if text.lstrip().startswith("%%"):
        return _hidden_cell(text, callee, _of_cell(text))
    try:
        tree_of(text)
    except SourceError:
        return _masked(text, callee)
    return Readable(text, uncertain=_asks_for_anything(text))


def _masked(text: str, callee: str) -> Readable:
    lines = text.split("\n")
    masks: list[Mask] = []
    uncertain = _asks_for_anything(text)
    continues, indent = False, ""
    for index, line in enumerate(lines):
        hidden = _of_shell(line) if continues else _of_line(line.strip())
        if hidden is None:
            continue
        indent = indent if continues else line[: len(line) - len(line.lstrip())]
        continues = line.endswith("\\")
        standing = indent + hidden.statement(f"{callee}{len(masks)}")
        masks.append(Mask(line, standing))
        lines[index] = standing
        uncertain = uncertain or hidden.anything
    if not masks:
        tree_of(text)
    new = "\n".join(lines)
    if _holds_all(new, callee, len(masks)):
        return Readable(new, tuple(masks), uncertain)
    words = frozenset(_words(text))
    return _hidden_cell(text, callee, Hidden(words, words, anything=True))


def _holds_all(text: str, callee: str, number: int) -> bool:
    """Whether a text is Python in which all that stands for magics is code, none in a string."""
    try:
        nodes = walk(tree_of(text))
    except SourceError:
        return False
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return sum(name.startswith(callee) for name in names) == number


def _hidden_cell(text: str, callee: str, hidden: Hidden) -> Readable:
    mask = Mask(text, hidden.statement(f"{callee}0"))
    return Readable(mask.standing, (mask,), hidden.anything)


def _of_cell(text: str) -> Hidden:
    head, _, body = text.lstrip().removeprefix("%%").partition("\n")
    name, _, options = head.strip().partition(" ")
    words, given = frozenset(_words(body)) | frozenset(_words(options)), frozenset(_words(options))
    if name in _FOREIGN or name.startswith("!"):
        return Hidden(words, given)
    if name in _NAMING:
        return Hidden(words, words)
    if name in _RUNNING:
        bound = _bound_by(body)
        if bound is not None:
            return Hidden(words, bound | given)
    return Hidden(words, words, anything=True)


def _of_line(line: str) -> Hidden | None:
    """What a line does that is not Python; None where it is."""
    words = frozenset(_words(line))
    if line.startswith("!"):
        return _of_shell(line)
    if line.startswith("?") or re.fullmatch(r"%{0,2}[\w.*]+\?{1,2}", line):
        return Hidden(words)
    if line.startswith("%"):
        return _of_magic(line)
    assigned = _ASSIGNED.fullmatch(line)
    if assigned is None:
        return None
    magic = assigned["magic"]
    inner = _of_shell(magic) if magic.startswith("!") else _of_magic(magic)
    targets = frozenset(_words(assigned["targets"]))
    return Hidden(inner.reads | targets, inner.binds | targets, inner.anything)


def _of_shell(line: str) -> Hidden:
    return Hidden(frozenset(_words(line)))


def _of_magic(line: str) -> Hidden:
    name, _, rest = line.lstrip("%").partition(" ")
    words = frozenset(_words(rest))
    if name in _PLAIN:
        return Hidden(words)
    if name in _NAMING:
        return Hidden(words, words)
    if name in _RUNNING:
        bound = _bound_by(_OPTIONS.sub("", rest.strip()))
        return Hidden(words, bound or frozenset(), anything=bound is None)
    return Hidden(words, words, anything=True)


def _bound_by(code: str) -> frozenset[str] | None:
    """The names that a piece of Python may bind, in any scope; None where that is not known."""
    try:
        tree = tree_of(code)
    except SourceError:
        return None
    names: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            if node.name == "*":
                return None
            names.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping):
            names |= set(_words(getattr(node, "name", None) or getattr(node, "rest", None) or ""))
    return None if _DYNAMIC & set(_words(code)) else frozenset(names)


def _asks_for_anything(text: str) -> bool:
    """Whether a cell asks the shell for something that may bind any name."""
    if "get_ipython" not in text:
        return False
    for found in _ASKED.finditer(text):
        if found["magic"] is not None and found["magic"] not in _PLAIN | _RUNNING:
            return True
    left = _ASKED.sub("", text)
    return re.search(r"\bget_ipython\s*\(", left) is not None


def _words(text: str) -> Iterator[str]:
    found: list[str] = _WORD.findall(text)
    return (word for word in found if word.isidentifier() and not keyword.iskeyword(word))

"""LS108 stream-twin: a loader gets a streaming twin, because its callers could stream.

What it does
    Puts a function `stream_x` behind a loader that does nothing but load a file and return it (or
    the value of a key), whatever the loader is called; behind a method, static and class methods
    too, a method of the same class. The loader is not touched. It is offered only where at least
    one call of the loader, anywhere in the repository, reads the result in one pass; the same run
    moves the calls in the files it is given, each by its own rule (LS101 to LS106).

    `load_rows`, `get_rows`, `read_rows`, `fetch_rows`, `parse_rows`, `open_rows` and
    `load_rows_eager` get `stream_rows`, `load` gets `stream`, `questions` gets `stream_questions`,
    `_load_rows` gets `_stream_rows`.

Why
    The call cannot stream by itself: the file is opened in the loader. A twin with the same
    parameters keeps that in one place, and callers that need a list go on calling the loader.

Before
    def load_rows(path):
        with open(path) as f:
            return json.load(f)["rows"]

After
    def load_rows(path):
        with open(path) as f:
            return json.load(f)["rows"]


    def stream_rows(path, *, filter_func=None):
        \"\"\"Stream what `load_rows` returns, one element at a time.

        Yields:
            Each element, in order, for which `filter_func` is true (None: each); memory
            holds one of them at a time.
        \"\"\"
        with open(path) as f:
            yield from stream_json(f, "$.rows", filter_func=filter_func)

On request
    `loadstream rewrite --deprecate` also marks the loaders deprecated, in the files it is given,
    that have a streamer beside them then, be it new, by their names, or configured. `lint` never
    asks for it. The mark is `@deprecated("use stream_rows()")` where the file imports `deprecated`
    from warnings or typing_extensions, or where the project's requires-python begins at 3.13;
    elsewhere it is a statement at the head of the body:

        warnings.warn(
            "load_rows() is deprecated: use stream_rows()", DeprecationWarning, stacklevel=2
        )

    A mark is no reason to keep a caller: a call that moves from a marked loader to its streamer
    warns no more, which is what the mark is for. It stays where a `with` around it, such as
    `pytest.warns(…)`, looks for warnings. A loader is not marked if it is decorated, if the
    streamer calls it or does not certainly do the same, or if it has `# loadstream: keep[LS108]`.

Safety
    Nothing calls the new function before a call is moved to it. A loader that is decorated,
    prints, handles errors or checks what it loaded gets no twin. The name must be free: in the
    file, or in the class and all that it inherits from or that inherit from it, which must be
    known, not override the loader, and make up no attributes; and nothing may ask an object for
    that name already. `load_json` gets `iter_json`:
    stream_json is what the runtime's own function is called. It is unsafe only where all the
    calls that could move are unsafe to move. Where the loader's file is not among the given
    paths, its callers stay (`no-stream`).

    A later run knows the two by their names where these are `load_x` and `stream_x`, `iter_x` or
    `iter_load_x`. Other names say nothing: such a pair counts only where the loader is plain and
    the streamer is what this rule writes for it, but for its docstring and annotations.
"""

from __future__ import annotations

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.modules import Definition
from loadstream.analysis.plans import Caller, Plan, Safety, StreamCall, StreamTwin
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.spans import Position, Span
from loadstream.analysis.twins import Twin
from loadstream.analysis.uses import Use

CODE = "LS108"
NAME = "stream-twin"

_LOADER = 'def load_rows(path):\n    with open(path) as f:\n        return json.load(f)["rows"]\n'
_TWIN = '''

def stream_rows(path, *, filter_func=None):
    """Stream what `load_rows` returns, one element at a time.

    Yields:
        Each element, in order, for which `filter_func` is true (None: each); memory
        holds one of them at a time.
    """
    with open(path) as f:
        yield from stream_json(f, "$.rows", filter_func=filter_func)
'''

CASES: tuple[Case, ...] = (
    Rewrite(
        f"{_LOADER}\n\nprint([s for s in load_rows('d.json') if s['a']])\n",
        f"{_LOADER}{_TWIN}\n\nprint(list(stream_rows('d.json', filter_func=lambda s: s['a'])))\n",
    ),
    Rewrite(
        f"{_LOADER}\n\ntry:\n    for s in load_rows('d.json'):\n        print(s)\n"
        "except ValueError:\n    print('broken')\n",
        f"{_LOADER}{_TWIN}\n\ntry:\n    for s in stream_rows('d.json'):\n        print(s)\n"
        "except ValueError:\n    print('broken')\n",
        unsafe=True,
    ),
    Keep(f"{_LOADER}\n\nprint(load_rows('d.json')[0])\n", "random-access"),
    Keep(
        "def load_rows(path):\n    print(path)\n    with open(path) as f:\n"
        "        return json.load(f)\n\n\nprint(sum(load_rows('d.json')))\n",
        "",
    ),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """None: a loader is no use of one; see `plan_of`."""
    del use
    return None


def plan_of(twin: Twin, callers: tuple[Caller, ...], safety: Safety) -> Plan:
    """The plan that puts `twin` behind its loader."""
    lines, function = twin.loader.module.source.lines, twin.loader.function
    anchor = lines.span(function)
    name = name_of(twin.loader)
    stream = StreamCall(name, twin.name, (), "filter_func")
    return Plan(
        CODE, safety, stream, name, anchor, (), twin.imports, StreamTwin(twin.text, callers)
    )


def name_of(loader: Definition) -> Span:
    """The place of the loader's name in its `def`."""
    lines = loader.module.source.lines
    start = lines.span(loader.function).start
    head = lines.text(Span(start, lines.span(loader.function.body[0]).start))
    column = start.column + head.index(loader.name, len("def"))
    return Span(Position(start.line, column), Position(start.line, column + len(loader.name)))

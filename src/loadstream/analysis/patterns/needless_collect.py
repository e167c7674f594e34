"""LS204 needless-collect: a stream is collected into a list that is read once.

What it does
    Drops the `list()` around a stream whose elements are then read in one pass: a loop, a
    comprehension, or a reduction such as sum, max or set. `len(list(stream_x()))` counts as it
    goes. A comprehension that only copies a stream is reported.

Why
    The list holds every element at once, which is what the stream was to spare.

Before
    sessions = list(stream_sessions())
    for session in sessions:
        analyze(session)

After
    for session in stream_sessions():
        analyze(session)

Safety
    As for LS104: what runs between the two must leave the data alone, the same handlers must be
    around both, and where a handler is around the loop the rewrite is unsafe (`partial-effects`).
    Kept too is a streamer that prints, writes, or gives what the program holds in memory
    (`loader-effects`): the list may be there so that the loop can change what is iterated. A
    method's stream stays collected for the same reason, and a filtered one because its list may
    be small and is what somebody asked for.
"""

from __future__ import annotations

import ast

from loadstream.analysis.callees import resolve
from loadstream.analysis.cases import Case, Keep, Report, Rewrite
from loadstream.analysis.effects import SEEN, markers
from loadstream.analysis.loads import Kind
from loadstream.analysis.modules import Definition
from loadstream.analysis.passes import ComprehensionPass, ReductionPass
from loadstream.analysis.patterns import single_pass
from loadstream.analysis.patterns.filter_collect import keeps_everything
from loadstream.analysis.plans import Count, Plan, report_of
from loadstream.analysis.predicates import is_builtin, make_plan
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

CODE = "LS204"
NAME = "needless-collect"

_CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
# Calls that give a module's variable a value that stays what it is.
_MAKING_CONSTANTS = frozenset(
    "Path PurePath abspath absolute bool compile dirname expanduser float frozenset get getLogger "
    "getenv int join joinpath realpath resolve str with_name with_suffix".split()
)

CASES: tuple[Case, ...] = (
    Rewrite(
        "rows = list(stream_x())\nfor s in rows:\n    print(s['a'])",
        "for s in stream_x():\n    print(s['a'])",
    ),
    Rewrite(
        "for i, s in enumerate(list(stream_x())):\n    print(i, s)",
        "for i, s in enumerate(stream_x()):\n    print(i, s)",
    ),
    Rewrite(
        "print([s['a'] for s in list(stream_x())])",
        "print([s['a'] for s in stream_x()])",
    ),
    Rewrite(
        "rows = list(stream_x())\nprint(sum(s['a'] for s in rows))",
        "print(sum(s['a'] for s in stream_x()))",
    ),
    Rewrite("print(max(list(stream_x()), key=str))", "print(max(stream_x(), key=str))"),
    Rewrite("print(len(list(stream_x())))", "print(sum(1 for _ in stream_x()))"),
    Rewrite(
        "print([s for s in list(stream_x()) if (n := s['a'])])",
        "print([s for s in stream_x() if (n := s['a'])])",
    ),
    Rewrite(
        "try:\n    for s in list(stream_x()):\n        print(s['a'])\nexcept Exception:\n"
        "    print('x')",
        "try:\n    for s in stream_x():\n        print(s['a'])\nexcept Exception:\n    print('x')",
        unsafe=True,
    ),
    Report("print([s for s in stream_x()])"),
    Report("rows = list(stream_x())\nprint([s for s in rows])"),
    Keep("rows = list(stream_x())\nprint(rows)", "escapes"),
    Keep("rows = list(stream_x())\nprint(sum(rows), max(rows))", "multi-pass"),
    Keep("for s in list(stream_x(filter_func=bool)):\n    print(s)", ""),
    Keep(
        "try:\n    rows = list(stream_x())\nexcept ValueError:\n    raise\nfor s in rows:\n"
        "    print(s)",
        "handler-scope",
    ),
    Keep("out = []\nfor s in list(stream_x()):\n    out.append(s)\nprint(out)", "keeps-everything"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for one pass over an unfiltered stream that was collected first."""
    how, stream = use.how, use.load.stream
    if use.load.kind is Kind.LOADED or stream is None:
        return None
    if isinstance(how, ComprehensionPass) and not how.wrapped and keeps_everything(how.node):
        fact = f"`{stream.callee}()` is only copied into a list: iterate it, or write `list()`"
        return report_of(CODE, use.span(how.node), fact, stream)
    if use.load.kind is not Kind.COLLECTED:
        return None
    if refusal := streamer_effects(use):
        return (refusal,)
    if isinstance(how, ReductionPass) and how.name == "len":
        return make_plan(CODE, use, Count(0, None)) if is_builtin("sum", use) else None
    return single_pass.decide(CODE, use)


def streamer_effects(use: Use) -> Refusal | None:
    """What the streamer does besides reading a file, so that it matters when it runs."""
    callee = resolve(use.load.call.func, use.module, use.repository)
    if callee is None:
        fact = f"it is not known what {use.load.streamer} does"
        return Refusal(Reason.UNRESOLVED, fact, use.span(use.load.call))
    streamer = callee.definition
    signs = markers(streamer, use.repository) & SEEN
    if signs or _reads_memory(streamer, use.repository):
        what = " and ".join(sorted(signs)) or "gives what the program holds"
        return Refusal(Reason.LOADER_EFFECTS, f"{streamer.name} {what}")
    return None


def _reads_memory(streamer: Definition, repository: Repository) -> bool:
    """Whether a streamer, or a function that it calls, reads what the program may change."""
    pending, seen = [streamer], set[ast.AST]()
    while pending:
        definition = pending.pop()
        if definition.function in seen:
            continue
        seen.add(definition.function)
        scopes = definition.module.scopes
        for node in walk(definition.function):
            if not isinstance(node, ast.Name) or not scopes.scope_of[node].home(node.id).is_module:
                continue
            if any(
                _is_changeable(b.node, definition) for b in scopes.bindings(scopes.module, node.id)
            ):
                return True
            callee = repository.definition(definition.module, node.id)
            if callee is not None:
                pending.append(callee)
    return False


def _is_changeable(binding: ast.AST, definition: Definition) -> bool:
    """Whether a variable of a module is given a container, None, or what a call made."""
    statement = definition.module.scopes.parents[binding]
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return isinstance(binding, ast.Name)  # a loop's variable, a part of a tuple
    if statement.value is None:
        return False
    return any(
        isinstance(node, _CONTAINERS)
        or (isinstance(node, ast.Constant) and node.value is None)
        or (isinstance(node, ast.Call) and not _makes_constant(node))
        for node in walk(statement.value)
    )


def _makes_constant(call: ast.Call) -> bool:
    callee = call.func
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    return name in _MAKING_CONSTANTS

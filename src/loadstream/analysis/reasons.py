"""Every reason for which a load is kept: its slug, which is stable, and its page.

The slugs are a contract: they stand in reports, in JSON output and in people's notes.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from loadstream.analysis.spans import Span


class Reason(Enum):
    """A fact that refuses a pattern. The value is the slug; `page` says what it means."""

    page: str

    def __new__(cls, slug: str, page: str) -> Reason:
        """Make a member whose value is the slug and whose page is the text after it."""
        member = object.__new__(cls)
        member._value_ = slug
        member.page = page
        return member

    MULTI_PASS = (
        "multi-pass",
        "The loaded value is traversed more than once. A stream can be read once: the second pass\n"
        "would find nothing. (One pass in each branch of an if is one pass.) Filters that follow\n"
        "each other can share one pass (LS109); they then take turns at each element, so that\n"
        "another exception may come first: where that cannot be excluded the rewrite is unsafe,\n"
        "and --unsafe applies it. Way on: bring the filters together, or stream twice with two\n"
        "calls if the data is large, or leave the load, which is the right thing when all of it\n"
        "is needed again.",
    )
    RANDOM_ACCESS = (
        "random-access",
        "An element is taken by its index or key. A stream has only a next element. Way on: if\n"
        "one early element is wanted, take it with next(); otherwise leave the load.",
    )
    NEEDS_LIST = (
        "needs-list",
        "Something is done to the value that only a list can do: len() beside another use, a\n"
        "slice, reversed(), .sort(), a test for truth, `in`, a comparison, a change in place, a\n"
        "copy. Way on: see whether that use can go; otherwise leave the load.",
    )
    MUTATED_REUSE = (
        "mutated-reuse",
        "The loaded value is changed in place, or its elements are in a pass, and then it is used\n"
        "again, most often dumped back. A stream keeps nothing that could be changed and used\n"
        "again. Way on: write each element out in the pass that changes it, to another file.",
    )
    SORTED_KEYS = (
        "sorted-keys",
        "`for k in sorted(doc): doc[k]` visits the keys of an object in an order that the file\n"
        "does not have. A stream has only the file's order. Way on: if the order does not matter,\n"
        "leave sorted() out; if it does, sort what is left after filtering.",
    )
    PROJECTION = (
        "projection",
        'Only one value inside the document is taken, as in `json.load(f)["version"]`, and\n'
        "nothing is traversed. There is no pass that a stream could serve. Way on: none needed,\n"
        "unless the file is large: then read its keys with stream_items and stop there.",
    )
    ESCAPES = (
        "escapes",
        "The value leaves the place that can be seen: it is returned, stored, yielded, passed to\n"
        "a function or imported by another file. Whoever receives it may read it twice. Way on:\n"
        "filter where it is loaded, or move the receiver to a stream by hand.",
    )
    ESCAPES_WITH = (
        "escapes-with",
        "The value is used after the `with` block has closed its file, and the pass cannot be put\n"
        "into a block of its own: it stands in a condition, or the block does other things too.\n"
        "Way on: move the pass into the block.",
    )
    HANDLE_SHARED = (
        "handle-shared",
        "The open file is used for something else beside the load: another read, seek(), its\n"
        "name. A stream reads the file bit by bit and would see or cause another position. Way\n"
        "on: open the file a second time for the other use.",
    )
    HEADER_AND_ARRAY = (
        "header-and-array",
        "Besides the array that is traversed, other keys of the same document are read. A stream\n"
        "passes them by. Way on: read the header in a pass of its own (stream_items), or keep\n"
        "the load.",
    )
    JSON_HOOKS = (
        "json-hooks",
        "json.load is given more than the file: object_hook, parse_float, cls and the like change\n"
        "the values. A stream gives what plain json.load gives. Way on: apply the hook to each\n"
        "element of the stream.",
    )
    PROGRESS = (
        "progress",
        "A progress bar takes its total from the length of the list. Around a stream it counts\n"
        "without a total, so what it prints changes. The rewrite is therefore unsafe: --unsafe\n"
        "applies it. Way on: give the bar total=… if you know it.",
    )
    IDENTITY = (
        "identity",
        "The pass asks for id(). Elements of a list all live at the same time, each with an id of\n"
        "its own; those of a stream are dropped, and a later one may get the id of an earlier.\n"
        "Way on: tell elements apart by a key of theirs.",
    )
    EARLY_STOP = (
        "early-stop",
        "`[…][0]` evaluates its conditions for every element and raises IndexError where there is\n"
        "none; next() stops at the first and raises StopIteration. The rewrite is therefore\n"
        "unsafe: --unsafe applies it.",
    )
    MAYBE_LIST = (
        "maybe-list",
        "`for k in doc: doc[k]` walks over an object, but a list of integers would do as well,\n"
        "and a stream of items refuses a list. The rewrite is therefore unsafe: --unsafe applies\n"
        "it. Way on: write `for k, v in doc.items():`.",
    )
    FOLDED_GUARD = (
        "folded-guard",
        'An `if "rows" in doc:` or `if rows:` has nothing but the loop in it. The stream needs no\n'
        "such guard: a missing key or an empty array gives no element. But the guard also passed\n"
        "over values of another kind in silence, such as null; the stream raises there.\n"
        'The rewrite is therefore unsafe: --unsafe applies it. Way on: `doc.get("rows", [])`.',
    )
    CLOSURE = (
        "closure",
        "A nested function or lambda reads the variable. It may run at any time, any number of\n"
        "times. Way on: pass the filtered result to it instead.",
    )
    REBOUND = (
        "rebound",
        "The variable is bound again, only under a condition, changed in place or deleted, so\n"
        "that it cannot be told from the text alone which value a use reads. Way on: give each\n"
        "load a name of its own, and read it in the block where it is loaded.",
    )
    UNUSED = (
        "unused",
        "Nothing in this file reads what is loaded. Way on: delete the load if its effects are\n"
        "not wanted.",
    )
    IN_LOOP = (
        "in-loop",
        "The value is loaded once and traversed inside a loop, that is, again and again. Way on:\n"
        "build a dict by key before the loop, or leave the load.",
    )
    NESTED = (
        "nested",
        "The load stands in a second `for` of a comprehension, so the file is loaded again for\n"
        "each element of the first. Way on: load before the comprehension if the data is the same\n"
        "each time; otherwise write the first `for` as a loop, with one pass in it.",
    )
    HANDLER_SCOPE = (
        "handler-scope",
        "The load stands inside a try (or a with that suppresses errors) and the pass outside it.\n"
        "A stream meets a broken file in the pass, where that handler no longer helps. Way on:\n"
        "move the pass into the try, or handle errors around both.",
    )
    PARTIAL_EFFECTS = (
        "partial-effects",
        "A handler encloses the pass. If the file is broken in the middle, the old program came\n"
        "to the handler before the first element, the new one comes to it with the first\n"
        "elements already processed. The rewrite is therefore unsafe: --unsafe applies it. So it\n"
        "is where nothing is processed but the handler tells exceptions apart: what an element\n"
        "raises may come before the break.\n"
        "A handler around a call of the function that holds the pass counts where the repository\n"
        "shows it and the pass does something outside of its function; one that is given the\n"
        "function to call (a thread, a framework) is not seen. With `strict = true` in the\n"
        "configuration a pass that does anything before its end is kept wherever it stands.",
    )
    EFFECTS_BETWEEN = (
        "effects-between",
        "Between the load and the pass runs code that cannot be shown to leave the data alone.\n"
        "The load kept the data as it was before that code; a stream would read it after. Where\n"
        'a part is taken (`rows = doc["rows"]`), it is enough that the code may raise or be\n'
        "seen: a missing key would be missed after it. Way on: load directly before the pass.",
    )
    MAYBE_UNREAD = (
        "maybe-unread",
        "A part of the document is taken, and on some way through the code no pass follows. The\n"
        "load raises KeyError there for a missing key; a stream that is never read would not.\n"
        "Way on: take the part where it is traversed.",
    )
    WRITES_SOURCE = (
        "writes-source",
        "The program writes the data that it reads, before or during the pass. A stream would\n"
        "read a file that changes under it. Way on: write to another file and rename it at the\n"
        "end, then stream by hand.",
    )
    ARGUMENTS_CHANGE = (
        "arguments-change",
        "The loader's arguments are computed, or a name in them is bound again before the pass,\n"
        "so the call cannot move to the place of the pass. Way on: load directly before the pass.",
    )
    TARGET_LIVE = (
        "target-live",
        "The loop's variable, or a name set in the loop's body, is read after the loop. With the\n"
        "condition moved into the filter it would hold another value there. Way on: set a\n"
        "variable of its own inside the loop.",
    )
    TARGET_SHAPE = (
        "target-shape",
        "The loop's target is not one plain name, so there is no parameter to give the predicate.",
    )
    WALRUS = (
        "walrus",
        "The condition assigns with `:=`. In a predicate that name would be the predicate's own.",
    )
    AWAIT = ("await", "The condition awaits. A filter function cannot.")
    YIELD = ("yield", "The condition yields. A filter function cannot do so for its caller.")
    FRAME = (
        "frame",
        "The code looks at its own frame or names: locals(), globals(), vars(), dir(), eval,\n"
        "exec, super() without arguments, __class__, or it stands directly in a class body.\n"
        "Moving a condition or removing a variable would be seen.",
    )
    LATE_BINDING = (
        "late-binding",
        "A name in the condition may be unbound, or bound to something else, at the time when a\n"
        "predicate would read it. Way on: bind the name before the loop.",
    )
    SELF_REFERENCE = (
        "self-reference",
        "The condition reads the list that the loop fills (or a loader's streamer would call\n"
        "itself). The result depends on what was kept so far; a predicate cannot see it.",
    )
    STOP_ITERATION = (
        "stop-iteration",
        "The condition calls next() or names StopIteration. Raised inside a stream's filter that\n"
        "exception means something else.",
    )
    INNER_TRY = (
        "inner-try",
        "The loop stands in a try whose handler could see the partly filled list. A predicate\n"
        "would leave it unfilled.",
    )
    LOOP_ELSE = ("loop-else", "The loop has an else clause, which this pattern does not keep.")
    POSITIONAL = (
        "positional",
        "The elements are numbered or paired (enumerate, zip). A filter before that would shift\n"
        "the positions; only what is iterated may be swapped.",
    )
    KEYWORD_UNPACKING = (
        "keyword-unpacking",
        "The loader is called with *args or **kwargs; which parameters they fill is not known.",
    )
    SIGNATURE_MISMATCH = (
        "signature-mismatch",
        "The loader's arguments do not map onto the streamer's by name, or their defaults differ.\n"
        "Way on: give the streamer the same parameters.",
    )
    CACHED_LOADER = (
        "cached-loader",
        "The loader is decorated or keeps what it loaded, so that every call gives the same\n"
        "object. A stream would read the file each time and miss changes made to that object.",
    )
    LOADER_EFFECTS = (
        "loader-effects",
        "The loader does more than load and its streamer does not do the same: it prints or logs,\n"
        "sorts, handles errors, or looks whether the file is there. Way on: give the streamer\n"
        "the same behaviour.",
    )
    UNRESOLVED = (
        "unresolved",
        "It cannot be told which function is called, or the streamer's name is not free or not\n"
        "importable here. Way on: import the loader by name, once, from the module that has both.",
    )
    NO_STREAM = (
        "no-stream",
        "The loader has no streaming twin. Way on: write stream_x() beside load_x(), with\n"
        "loadstream.stream_json and a filter_func parameter, if its data is large.",
    )
    PATCHED = (
        "patched",
        "Another file replaces the loader in this module or in its own, as mock.patch and\n"
        "monkeypatch.setattr do. After a rewrite it would replace a function that is no longer\n"
        "called. Way on: let that file replace the streamer too, then rewrite by hand.",
    )
    NOTEBOOK_GLOBAL = (
        "notebook-global",
        "In a notebook the value has a name outside of functions. A cell that is run later or\n"
        "again, or a person at the prompt, may read that name. A rewrite within one cell takes it\n"
        "away, so it needs --unsafe; across two cells there is none, and no condition moves where\n"
        "the loop's own names would end with other values. Way on: load in place\n"
        "(`for row in json.load(open(path)):`) or in a function.",
    )
    SMALL_DATA = (
        "small-data",
        "The pair's data is known (data = … in its configuration) and smaller than min-size, so\n"
        "that a stream would save next to nothing. Way on: lower min-size or leave it out.",
    )
    COMMENT_LOST = (
        "comment-lost",
        "A comment stands where the rewrite has no place for it. Way on: move the comment.",
    )
    NOT_EDITABLE = (
        "not-editable",
        "The rewrite is sound but could not be written down where the code stands. Please report\n"
        "it; until then, move the load by hand.",
    )
    NOT_VERIFIED = (
        "not-verified",
        "`rewrite --verify` ran the old and the new code and did not see them agree: they differ,\n"
        "or nothing runs the file. Way on: look at the difference, which has a command to see it\n"
        "again, or name a check in [[tool.loadstream.checks]] that runs the file.",
    )
    KEEPS_EVERYTHING = (
        "keeps-everything",
        "The pass only copies every element into a list, or adds all of them to one (`.extend()`,\n"
        "`+=`), so a stream would save next to nothing. Way on: filter or aggregate in the pass;\n"
        "otherwise the load is as good.",
    )
    SUPPRESSED = (
        "suppressed",
        "A comment asks for it: `# loadstream: keep` or, for one code only,\n"
        "`# loadstream: keep[LS102]`, with a reason behind it if you like, in the load's\n"
        "statement or on a line of its own directly above. Without it the load would be rewritten\n"
        "or its use reported. Way on: delete the comment.",
    )


class Refusal(NamedTuple):
    """One reason, where it was seen, and the fact in words: "`rows` is read again at line 40"."""

    reason: Reason
    fact: str
    span: Span | None = None

    @property
    def words(self) -> str:
        """The fact with the line where it was seen, if that is known."""
        if self.span is None:
            return self.fact
        place = f"line {self.span.start.line}"
        return self.fact if re.search(rf"\b{place}\b", self.fact) else f"{self.fact} at {place}"


def too_large(span: Span) -> Refusal:
    """That a file is `is_too_large`, said of a site in it."""
    fact = "the file holds too much data of its own to be edited: move that into a file"
    return Refusal(Reason.NOT_EDITABLE, fact, span)

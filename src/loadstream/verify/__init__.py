"""Verify: runs the old and the new code apart, compares everything observable, and measures.

run.py is the flow: git.py says what changed, selection.py what is run, workspace.py keeps both
sides apart, runner.py and child.py run one side once, variants.py makes inputs, compare.py finds
the differences, shrink.py makes them small, measure.py measures; changed_lines.py and reached.py
say which of the changed lines have run; model.py holds what came out.
same.py compares two functions in a test's own process. A name is imported when it is first asked
for, so that a test that needs only `assert_same` does not pay for the rest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from loadstream.verify.candidate import Judged, verify_candidate
    from loadstream.verify.checks import Budget, Call, Check, Script, check_from_config
    from loadstream.verify.model import Report, Verdict, VerifyError
    from loadstream.verify.report import to_json, write_report
    from loadstream.verify.run import compare_callables, replay, verify_revisions
    from loadstream.verify.same import assert_same
    from loadstream.verify.saved_test import assert_replay
    from loadstream.verify.settings import Settings

__all__ = [
    "Budget",
    "Call",
    "Check",
    "Judged",
    "Report",
    "Script",
    "Settings",
    "Verdict",
    "VerifyError",
    "assert_replay",
    "assert_same",
    "check_from_config",
    "compare_callables",
    "replay",
    "to_json",
    "verify_candidate",
    "verify_revisions",
    "write_report",
]

_HOME = {
    "Budget": "checks",
    "Call": "checks",
    "Check": "checks",
    "Judged": "candidate",
    "Report": "model",
    "Script": "checks",
    "Settings": "settings",
    "Verdict": "model",
    "VerifyError": "model",
    "assert_replay": "saved_test",
    "assert_same": "same",
    "check_from_config": "checks",
    "compare_callables": "run",
    "replay": "run",
    "to_json": "report",
    "verify_candidate": "candidate",
    "verify_revisions": "run",
    "write_report": "report",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value

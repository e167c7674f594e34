"""Verify: runs the old and the new code apart, compares everything observable, and measures.

run.py is the flow: git.py says what changed, selection.py what is run, workspace.py keeps both
sides apart, runner.py and child.py run one side once, variants.py makes inputs, compare.py finds
the differences, shrink.py makes them small, measure.py measures; changed_lines.py and reached.py
say which of the changed lines have run; model.py holds what came out.
"""

from loadstream.verify.checks import Budget, Call, Check, Script, check_from_config
from loadstream.verify.model import Report, Verdict, VerifyError
from loadstream.verify.report import to_json, write_report
from loadstream.verify.run import compare_callables, replay, verify_revisions

__all__ = [
    "Budget",
    "Call",
    "Check",
    "Report",
    "Script",
    "Verdict",
    "VerifyError",
    "check_from_config",
    "compare_callables",
    "replay",
    "to_json",
    "verify_revisions",
    "write_report",
]

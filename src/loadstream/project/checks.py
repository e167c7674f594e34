"""`[[tool.loadstream.checks]]`: that their keys are known, so that every command says which is not.

What the values mean, and whether they are of use, is for `verify` to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from loadstream.project.errors import InputError, nearest
from loadstream.project.places import place
from loadstream.project.setting import Setting

TABLE = "[[tool.loadstream.checks]]"
KEYS = ("name", "run", "call", "pytest", "args", "kwargs", "data", "timeout", "budget", "ignore")
BUDGET_KEYS = ("peak-memory", "time")


def checks(setting: Setting) -> tuple[Mapping[str, object], ...]:
    """The tables as they stand. Raises InputError for an unknown key."""
    tables = setting.tables()
    for table in tables:
        for key, value in table.items():
            if key not in KEYS:
                hint = nearest(key, KEYS) or f"; known: {', '.join(KEYS)}"
                where = place(setting.file, TABLE, key, value)
                raise InputError(f'{where}: {TABLE} has no key "{key}"{hint}')
        budget = table.get("budget")
        for key, value in budget.items() if isinstance(budget, dict) else ():
            if key not in BUDGET_KEYS:
                hint = nearest(key, BUDGET_KEYS) or f"; known: {', '.join(BUDGET_KEYS)}"
                where = place(setting.file, TABLE, f"budget.{key}", value)
                raise InputError(f'{where}: {TABLE} budget has no key "{key}"{hint}')
    return tables

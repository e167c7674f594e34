"""What every key of the configuration means: the source of its reference page.

The readers (config.py, pairs.py, verify/checks.py) say what is accepted. A test holds that each key
that they read stands here and that each example here is accepted by them. No command imports this.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `default` is TOML, empty where there is none; `example` is TOML under the heading.

    A key of a table within a table has its name with dots, as TOML has it.
    """

    name: str
    type: str
    default: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the configuration by its heading, such as `[[tool.loadstream.pairs]]`."""

    name: str
    meaning: str
    keys: tuple[Key, ...]


_PAIR = 'load = "shop.data.get_orders"\nstream = "shop.data.each_order"\n'
_RUN = 'run = "report.py"\n'
_CALL = 'call = "shop.report:totals"\n'

_LOADSTREAM = Table(
    "[tool.loadstream]",
    "What holds for every command. Paths are seen from the folder of the file.",
    (
        Key(
            "exclude",
            "list of patterns",
            "[]",
            "Files and folders that are left out, as in a .gitignore: a name anywhere, or a path "
            "from the folder of the file. What is named on the command line is looked at all the "
            "same.",
            'exclude = ["vendor/", "*_pb2.py"]',
        ),
        Key(
            "include",
            "list of patterns",
            "[]",
            "Files that are taken from folders besides those of Python by their names (`*.py`, "
            "`*.ipynb`).",
            'include = ["bin/*", "*.pyw"]',
        ),
        Key(
            "force-exclude",
            "boolean",
            "false",
            "Lets `exclude` hold for files that are named on the command line, too. pre-commit "
            "names every file. The same as `--force-exclude`.",
            "force-exclude = true",
        ),
        Key(
            "select",
            "list of codes",
            "[]",
            "Only these: codes, their beginnings (`LS1`) or names. Empty means all. `--select` on "
            "the command line takes the place of this and of `ignore`.",
            'select = ["LS1", "filter-after-stream"]',
        ),
        Key(
            "ignore",
            "list of codes",
            "[]",
            "Leave these out. `--ignore` on the command line adds to it.",
            'ignore = ["LS108"]',
        ),
        Key(
            "per-file-ignores",
            "table of patterns",
            "{}",
            "Codes left out in the files that a pattern matches; patterns as in `exclude`.",
            'per-file-ignores = { "tests/" = ["LS1"], "legacy.py" = ["LS104"] }',
        ),
        Key(
            "min-size",
            "size with a unit",
            "",
            "A pair whose data is known (`data` of the pair) and smaller than this is kept: "
            "`small-data`. Units are B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB "
            "(of 1024).",
            'min-size = "1 MB"',
        ),
        Key(
            "strict",
            "boolean",
            "false",
            "Refuses rewrites after which a broken data file would be noticed later than before: "
            "after the first elements have been worked on. See `partial-effects`.",
            "strict = true",
        ),
        Key(
            "pairs",
            "list of tables",
            "[]",
            "Loaders and streamers that belong together and whose names do not say so.",
            "pairs = [{ load = 'shop.data.get_orders', stream = 'shop.data.each_order' }]",
        ),
        Key(
            "checks",
            "list of tables",
            "[]",
            "What `loadstream verify` runs on both sides. Without it: every script, and every "
            "function that needs no arguments, that the change touches.",
            "checks = [{ run = 'report.py --month 2026-01' }]",
        ),
    ),
)

_PAIRS = Table(
    "[[tool.loadstream.pairs]]",
    "One loader and its streamer. Needed only where the names do not say it: `load_x` with "
    "`stream_x`, `iter_x` or `iter_load_x` beside it is a pair by itself. A name that does not "
    "exist in the repository ends the command with status 2.",
    (
        Key(
            "load",
            "dotted name",
            "",
            "The loader: `module.function` or `module.Class.method`. Needed.",
            _PAIR,
        ),
        Key(
            "stream",
            "dotted name",
            "",
            "Its streamer: gives the same elements, in the same order, one at a time. Needed.",
            _PAIR,
        ),
        Key(
            "filter-parameter",
            "name",
            "",
            "The parameter of the streamer that takes the predicate. Without it, it is found by "
            "its usual names.",
            _PAIR + 'filter-parameter = "where"',
        ),
        Key(
            "data",
            "path or glob",
            "",
            "The file that is loaded: lets `min-size` know how large it is.",
            _PAIR + 'data = "data/orders*.json"',
        ),
        Key(
            "arguments",
            "table",
            "{}",
            "How arguments map, where they differ: for a parameter of the loader its name in the "
            "streamer, or for each constant that is given to it what the streamer gets instead. A "
            "default counts as given; a value that is not in the map keeps the load.",
            _PAIR + 'arguments = { path = "file", source = { raw = { enriched = false } } }',
        ),
    ),
)

_CHECKS = Table(
    "[[tool.loadstream.checks]]",
    "One thing that `loadstream verify` runs on both sides. It has exactly one of `run`, `call` "
    "and `pytest`.",
    (
        Key(
            "name",
            "string",
            "",
            "What the check is called in reports and for `--check`. Without it: what it runs.",
            _RUN + 'name = "january"',
        ),
        Key(
            "run",
            "command line",
            "",
            "A script of the tree with its arguments, or `-m module`.",
            'run = "report.py --month 2026-01"',
        ),
        Key(
            "call",
            "string",
            "",
            "A function, as `package.module:function`.",
            _CALL,
        ),
        Key(
            "pytest",
            "string",
            "",
            "Arguments of pytest: your tests are run on both sides, and compared test by test.",
            'pytest = "tests/ -k orders"',
        ),
        Key(
            "args",
            "list",
            "[]",
            "Positional arguments for `call`: texts, numbers, booleans, lists and tables.",
            _CALL + 'args = ["2026-01"]',
        ),
        Key(
            "kwargs",
            "table",
            "{}",
            "Keyword arguments for `call`, likewise.",
            _CALL + 'kwargs = { month = "2026-01" }',
        ),
        Key(
            "data",
            "list of globs",
            "[]",
            "Files that made-up data replaces, tracked by git or not, besides those that the old "
            "side is seen to read.",
            _RUN + 'data = ["data/*.json"]',
        ),
        Key(
            "timeout",
            "number of seconds",
            "",
            "For one run of one side. Without it: what `--timeout` says.",
            _RUN + "timeout = 120",
        ),
        Key(
            "budget.peak-memory",
            "multiple of the old side's",
            "",
            "The most that the new side may need at its peak. More makes `verify` exit with 1.",
            _RUN + 'budget.peak-memory = "0.5x"',
        ),
        Key(
            "budget.time",
            "multiple of the old side's",
            "",
            "The longest that the new side may take. More is said in the report and fails nothing.",
            _RUN + 'budget.time = "2x"',
        ),
        Key(
            "ignore",
            "list of regular expressions and globs",
            "[]",
            "Text in output that may differ, and files that may.",
            _RUN + 'ignore = ["took \\\\d+ ms", "logs/*"]',
        ),
    ),
)

TABLES = (_LOADSTREAM, _PAIRS, _CHECKS)

"""`loadstream bench`: what streaming costs and saves, measured on this machine.

Data sets (datasets.py) are read by approaches (approaches.py), each run in a fresh interpreter of
its own (child.py, started by processes.py); run.py plans the rounds, model.py holds what came out,
and render.py and files.py show it. Names are imported when asked for: a measured child imports
this package too, and should carry nothing that it does not use.
"""

__all__ = ["BenchError", "BenchResults", "render_text", "run_bench"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from loadstream.bench.model import BenchError, BenchResults
    from loadstream.bench.render import render_text
    from loadstream.bench.run import run_bench

_HOME = {
    "BenchError": "model",
    "BenchResults": "model",
    "render_text": "render",
    "run_bench": "run",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value

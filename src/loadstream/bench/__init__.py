"""`loadstream bench`: what streaming costs and saves, measured on this machine.

Approaches (approaches.py) run one by one in fresh interpreters (child.py), on generated data or on
the user's own file at several sizes (datasets.py); run.py plans the rounds, model.py holds what
came out, and render.py and files.py show it.
"""

from loadstream.bench.model import BenchError, BenchResults
from loadstream.bench.render import render_text
from loadstream.bench.run import run_bench

__all__ = ["BenchError", "BenchResults", "render_text", "run_bench"]

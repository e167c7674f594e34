"""`loadstream demo`: the whole job on a sample repository, step by step, as one would show it.

sample.py finds the sample repository, prepare.py makes a working copy with data and history,
commands.py runs the commands that are shown, story.py tells them in order, outcome.py has the
table at the end.
"""

"""Variables that hold a load: which reads see its value, and which may see another."""

from __future__ import annotations

import pytest

from tests.analysis.programs import programs

ACCEPTED = programs(
    """
# LS101: bound to what the pass gives
rows = load_x()
rows = [s for s in rows if s['a']]
print(rows)

# LS104; LS104: two loads, one after the other
rows = load_x()
for s in rows:
    use(s)
rows = load_x()
for s in rows:
    use(s)

# LS104: bound to something else afterwards
rows = load_x()
for s in rows:
    use(s)
rows = 3
print(rows)

# LS104: bound to something else before
rows = []
rows = load_x()
for s in rows:
    use(s)

# LS104; LS101: a load and a pass in each branch
if ready:
    rows = load_x()
    for s in rows:
        use(s)
else:
    rows = load_x()
    print(sum(s['a'] for s in rows))

# LS104: bound in each turn
for rows in [1, 2]:
    rows = load_x()
    for s in rows:
        use(s)

# LS104: a turn that goes on without the pass
for i in range(3):
    rows = load_x()
    if not i:
        continue
    for s in rows:
        use(s)

# LS104: another name
rows = load_x()
others = rows
for s in others:
    use(s)

# LS104: an annotation
rows: list = load_x()
for s in rows:
    use(s)

# LS104: the same name in another function
def work():
    rows = load_x()
    for s in rows:
        use(s)
def other(rows):
    return rows[0]
"""
)
REFUSED = programs(
    """
# rebound: bound only under a condition
rows = []
if ready:
    rows = load_x()
for s in rows:
    use(s)

# rebound: one of two values
if ready:
    rows = load_x()
else:
    rows = []
for s in rows:
    use(s)

# rebound: bound by the last turn only
for i in range(3):
    rows = load_x()
for s in rows:
    use(s)

# rebound: changed by +=
rows = load_x()
rows += [1]
for s in rows:
    use(s)

# rebound: deleted
rows = load_x()
for s in rows:
    use(s)
del rows

# rebound: bound by its own loop
rows = load_x()
for rows in rows:
    use(rows)

# rebound: bound by a block
rows = load_x()
with open('x') as rows:
    for s in rows:
        use(s)

# rebound: bound by an import
rows = load_x()
import rows
for s in rows:
    use(s)

# rebound: bound by a case
rows = load_x()
match given:
    case [rows]:
        pass
for s in rows:
    use(s)

# rebound: read in the turn before
while True:
    for s in rows:
        use(s)
    rows = load_x()

# escapes: a global
def work():
    global rows
    rows = load_x()
    for s in rows:
        use(s)

# rebound, closure: a variable of the enclosing function
def work():
    rows = None
    def load():
        nonlocal rows
        rows = load_x()
    for s in rows:
        use(s)

# escapes: an attribute of a class
class C:
    rows = load_x()
    for s in rows:
        use(s)

# escapes: an attribute of an object
self.rows = load_x()
for s in self.rows:
    use(s)

# escapes: two names at once
rows = others = load_x()
for s in rows:
    use(s)

# escapes: a tuple of names
rows, n = load_x(), 1
for s in rows:
    use(s)

# escapes: a walrus
if rows := load_x():
    for s in rows:
        use(s)

# needs-list: one of two expressions
rows = load_x() or []
for s in rows:
    use(s)

# unused: another name that nothing reads
rows = load_x()
others = rows
for s in rows:
    use(s)

# unused: nothing reads it
rows = load_x()

# closure, escapes: a function gives it away
def work():
    rows = load_x()
    def later():
        return rows
    for s in rows:
        use(s)

# handler-scope, rebound: a handler that covers only the load
try:
    rows = load_x()
except OSError:
    rows = []
for s in rows:
    use(s)

# handler-scope, rebound: a handler that leaves
try:
    rows = load_x()
except ValueError:
    sys.exit(1)
for s in rows:
    use(s)

# handler-scope, rebound: errors that are suppressed
with suppress(ValueError):
    rows = load_x()
for s in rows:
    use(s)
"""
)


@pytest.mark.parametrize(("expected", "program"), ACCEPTED)
def test_the_read_certainly_sees_the_load(expected, program, verdict):
    assert verdict(program) == expected


@pytest.mark.parametrize(("expected", "program"), REFUSED)
def test_a_read_may_see_something_else(expected, program, verdict):
    assert verdict(program) == expected

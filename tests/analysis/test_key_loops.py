"""Loops over keys that look their values up: which are loops over the pairs of an object."""

from __future__ import annotations

import pytest

from tests.analysis.programs import programs

# The loop stands behind `d = json.load(f)`, in the block of f.
LOOPS = programs(
    """
# LS107: each use is a lookup
for k in d.keys():
    use(k, d[k], d[k]['a'])

# LS107: the keys alone
for k in d.keys():
    use(k)

# LS104: the keys or elements of whatever it is
for k in d:
    use(k)

# LS107 unsafe: maybe-list: lookups in what may be a list
for k in d:
    use(d[k])

# LS107: a value that is changed
for k in d.keys():
    d[k]['n'] = 1
    use(d[k])

# LS107: a lookup in a comprehension
for k in d.keys():
    use([x + d[k] for x in xs])

# LS107: another value by the same key
for k in d.keys():
    use(others[k], d[k])

# LS107: the last key after the loop
for k in d.keys():
    use(d[k])
print(k)

# LS107: a part
items = d['items']
for k in items.keys():
    use(items[k])

# random-access: another key
for k in d.keys():
    use(d[k + 'x'])

# random-access: a key bound again
for k in d.keys():
    k = k.lower()
    use(d[k])

# random-access: a loop inside that binds the key
for k in d.keys():
    for k in ks:
        use(d[k])

# random-access: a comprehension inside that binds the key
for k in d.keys():
    use([d[k] for k in ks])

# closure, random-access: a lookup that runs later
for k in d.keys():
    later.append(lambda: d[k])

# random-access: a lookup after the loop
for k in d.keys():
    use(d[k])
print(d[k])

# random-access, header-and-array: a lookup in the else
for k in d.keys():
    use(d[k])
else:
    print(d['a'])

# random-access: a lookup beside the values
for k, v in d.items():
    use(d[k])

# needs-list: a lookup by get
for k in d.keys():
    use(d.get(k))

# needs-list: a value that is set
for k in d.keys():
    d[k] = 1

# needs-list: a value that is added to
for k in d.keys():
    d[k] += 1

# in-loop, random-access: the length beside lookups
for k in d.keys():
    use(len(d), d[k])

# sorted-keys: in the order of the keys
for k in sorted(d):
    use(d[k])

# sorted-keys: in the order of the keys, by name
for k in sorted(d.keys()):
    use(d[k])

# sorted-keys: in the order of the keys, in a comprehension
use([d[k] for k in sorted(d)])

# random-access: a list of the keys
for k in list(d.keys()):
    use(d[k])

# random-access: numbered keys
for i, k in enumerate(d.keys()):
    use(d[k])

# random-access: a comprehension
use([d[k] for k in d])

# needs-list, random-access: from the last key
for k in reversed(d):
    use(d[k])
"""
)


@pytest.mark.parametrize(("expected", "loop"), LOOPS)
def test_a_loop_over_keys(expected, loop, verdict):
    body = "".join(f"    {line}\n" for line in loop.splitlines())
    assert verdict(f"with open('d.json') as f:\n    d = json.load(f)\n{body}") == expected


def test_the_loop_may_stand_behind_the_block(verdict):
    program = "with open('d.json') as f:\n    d = json.load(f)\nfor k in d.keys():\n    use(d[k])\n"
    assert verdict(program) == "LS107"


def test_a_pair_streams_elements_not_items(verdict):
    assert verdict("d = load_x()\nfor k in d.keys():\n    use(d[k])\n") == (
        "needs-list, random-access"
    )

"""Caveats: bars without a total, handlers around a pass, the first of a list."""

from __future__ import annotations

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from tests.analysis.programs import programs

BARS = programs(
    """
# LS104 unsafe: progress: a bar
from tqdm import tqdm
for s in tqdm(load_x()):
    use(s)

# LS104: a bar that is told the total
from tqdm import tqdm
for s in tqdm(load_x(), total=5):
    use(s)

# LS104 unsafe: progress: a bar with a title
from tqdm import tqdm
for s in tqdm(load_x(), desc='rows'):
    use(s)

# LS104 unsafe: progress: a bar of the module
import tqdm
for s in tqdm.tqdm(load_x()):
    use(s)

# LS104 unsafe: progress: a bar of a submodule
import tqdm.auto
for s in tqdm.auto.tqdm(load_x()):
    use(s)

# LS104 unsafe: progress: a notebook's bar
from tqdm.notebook import tqdm
for s in tqdm(load_x()):
    use(s)

# LS104 unsafe: progress: another package's bar
from rich.progress import track
for s in track(load_x()):
    use(s)

# LS104: another package's bar that is told the total
from rich.progress import track
for s in track(load_x(), total=5):
    use(s)

# LS104: a bar around numbers, which had no total
from tqdm import tqdm
for i, s in tqdm(enumerate(load_x())):
    use(s)

# LS104 unsafe: progress: numbers around a bar
from tqdm import tqdm
for i, s in enumerate(tqdm(load_x())):
    use(s)

# LS104: a bar around numbers that is told the total
from tqdm import tqdm
for i, s in tqdm(enumerate(load_x()), total=5):
    use(s)

# LS104 unsafe: progress: a bar in a comprehension
from tqdm import tqdm
print([s['a'] for s in tqdm(load_x()) if s['b']])

# escapes: a bar of the user's own
from mine import track
for s in track(load_x()):
    use(s)
"""
)
HANDLERS = programs(
    """
# LS104 unsafe: partial-effects: of a broken file
try:
    for s in load_x():
        use(s)
except ValueError:
    print('broken')

# LS104 unsafe: partial-effects: of everything
try:
    for s in load_x():
        use(s)
except:
    print('broken')

# LS104 unsafe: partial-effects: that raises again
try:
    for s in load_x():
        use(s)
except Exception:
    raise

# LS104 unsafe: partial-effects: of a missing key, which a broken stream raises too
try:
    for s in load_x():
        use(s)
except (KeyError, ZeroDivisionError):
    print('no')

# LS104: of what no pass raises
try:
    for s in load_x():
        use(s)
except (KeyboardInterrupt, StopIteration):
    print('no')

# LS104 unsafe: partial-effects: of what only an element raises
try:
    for s in load_x():
        use(s)
except (ZeroDivisionError, AttributeError):
    print('no')

# LS104: of a file that is not there
try:
    for s in load_x():
        print(s)
except (FileNotFoundError, PermissionError):
    print('no file')

# LS104 unsafe: partial-effects: of a file that is not there, where the pass opens others
try:
    for s in load_x():
        print(open(s['path']).read())
except FileNotFoundError:
    print('no file')

# LS104 unsafe: partial-effects: of a file that is not there, where the pass calls what may open
try:
    for s in load_x():
        use(s)
except FileNotFoundError:
    print('no file')

# LS104 unsafe: partial-effects: of anything that a file raises
try:
    for s in load_x():
        print(s)
except OSError:
    print('no file')

# LS104: that is no handler
try:
    for s in load_x():
        use(s)
finally:
    print('end')

# LS104 unsafe: partial-effects: that suppresses
with contextlib.suppress(KeyError):
    for s in load_x():
        use(s)

# LS104: inside the loop
for s in load_x():
    try:
        use(s)
    except ValueError:
        pass

# LS104: in the handler of something else
try:
    use(0)
except ValueError:
    for s in load_x():
        use(s)

# LS104: in the else
try:
    use(0)
except ValueError:
    print('no')
else:
    for s in load_x():
        use(s)

# LS101: around a result that comes whole or not at all
try:
    print(sum(s['a'] for s in load_x()))
except Exception:
    print('broken')

# LS101: around such a result, all the same in whatever it takes
with contextlib.suppress(Exception):
    print(sum(s['a'] for s in load_x()))

# LS101 unsafe: partial-effects: that tells what an element raises from a broken file
try:
    print(sum(s['a'] for s in load_x()))
except ValueError:
    print('broken')

# LS101 unsafe: partial-effects: of two kinds
try:
    print(sum(s['a'] for s in load_x()))
except ValueError:
    print('broken')
except Exception:
    print('wrong')

# LS101 unsafe: partial-effects: that names what it takes
try:
    print(sum(s['a'] for s in load_x()))
except Exception as error:
    print(error)

# LS101 unsafe: partial-effects: that hands on what it takes
try:
    print(sum(s['a'] for s in load_x()))
except Exception:
    raise

# LS101 unsafe: partial-effects: that logs what it takes
try:
    print(sum(s['a'] for s in load_x()))
except Exception:
    logging.exception('broken')

# LS101 unsafe: partial-effects: around a condition that prints
try:
    print(sum(1 for s in load_x() if print(s)))
except ValueError:
    print('broken')

# LS101 unsafe: partial-effects: around a pass that may stop early
try:
    print(any(s['a'] for s in load_x()))
except ValueError:
    print('broken')

# LS104 unsafe: partial-effects: around elements that are paired with fewer
try:
    print([s for s, i in zip(load_x(), range(2))])
except ValueError:
    print('broken')

# LS105: around a search, of what only the search raises
try:
    print(next(s['a'] for s in load_x() if s['b']))
except StopIteration:
    print('none')
"""
)
FIRSTS = programs(
    """
# LS105 unsafe: early-stop: the first
print([s for s in load_x() if s['a']][0])

# LS101: the last
print([s for s in load_x() if s['a']][-1])

# LS101: the second
print([s for s in load_x() if s['a']][1])

# LS101: the first few
print([s for s in load_x() if s['a']][:1])

# LS105: the next
print(next(s for s in load_x() if s['a']))
"""
)


@pytest.mark.parametrize(("expected", "program"), BARS)
def test_a_progress_bar(expected, program, verdict):
    assert verdict(program) == expected


@pytest.mark.parametrize(("expected", "program"), HANDLERS)
def test_a_handler(expected, program, verdict):
    assert verdict(program) == expected


@pytest.mark.parametrize(("expected", "program"), FIRSTS)
def test_one_of_a_list(expected, program, verdict):
    assert verdict(program) == expected


@pytest.mark.parametrize(
    ("pass_", "kept"),
    [
        ("for row in json.load(f):\n        print(row)", True),
        ("total = sum(r['n'] for r in json.load(f))", False),
        ("ids = [seen.add(r['n']) for r in json.load(f)]", True),
    ],
)
def test_strict_keeps_what_does_something_before_a_broken_file_is_noticed(tmp_path, pass_, kept):
    text = f"import json\nseen = set()\nwith open('d.json') as f:\n    {pass_}\n"
    repository = Repository(tmp_path, Settings(strict=True))
    (site,) = find_sites(parse(text, tmp_path / "script.py"), repository)
    assert (site.plan is None) is kept
    assert {r.reason.value for r in site.refusals} == ({"partial-effects"} if kept else set())

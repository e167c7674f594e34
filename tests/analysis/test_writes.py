"""Passes that write: which of them may write the file that is read."""

from __future__ import annotations

import textwrap

import pytest

# What stands in a loop over `open('d.json')`.
IN_THE_LOOP = {
    "with open('d.json', 'w') as g: g.write(s)": "writes-source",
    "with open('./d.json', 'w') as g: g.write(s)": "writes-source",
    "open('D.json', 'a').write(s)": "writes-source",
    "open('d.json', 'r+').write(s)": "writes-source",
    "open('d.json', mode).write(s)": "writes-source",
    "gzip.open('d.json', 'wb').write(s)": "writes-source",
    "open('data/d.json', 'w').write(s)": "writes-source",
    "Path('d.json').write_text(s)": "writes-source",
    "Path('d.json').open('w').write(s)": "writes-source",
    "Path('d.json').unlink()": "writes-source",
    "Path('d.json').touch()": "writes-source",
    "Path('e.json').replace('d.json')": "writes-source",
    "os.remove('d.json')": "writes-source",
    "os.replace('new', 'd.json')": "writes-source",
    "os.rename('d.json', 'e.json')": "writes-source",
    "os.truncate('d.json', 0)": "writes-source",
    "shutil.copy('e.json', 'd.json')": "writes-source",
    "shutil.copyfile('e.json', 'd.json')": "writes-source",
    "shutil.move('e.json', 'd.json')": "writes-source",
    "save(s, 'd.json')": "writes-source",
    "save(s, path='d.json')": "writes-source",
    "save_here(s)": "writes-source",
    "open(target, 'w').write(s)": "LS104 unsafe: writes-source",
    "save(s, target)": "LS104 unsafe: writes-source",
    "open('e.json', 'w').write(s)": "LS104",
    "open('d.json').read()": "LS104",
    "Path('d.txt').write_text(s)": "LS104",
    "os.remove('d.csv')": "LS104",
    "save(s, 'e.txt')": "LS104",
    "print(s)": "LS104",
}
# Where the path is given from outside: what is opened, and what is written in the loop.
GIVEN = {
    ("a", "a"): "writes-source",
    ("a", "b"): "LS104 unsafe: writes-source",
    ("a", "'out.json'"): "LS104 unsafe: writes-source",
    ("a", "'out.csv'"): "LS104",
    ("f'{a}.json'", "f'{a}.json'"): "writes-source",
    ("a + '.json'", "a + '.csv'"): "LS104",
    ("a / 'd.json'", "a / 'e.json'"): "LS104",
    ("a / 'd.json'", "b / 'd.json'"): "LS104 unsafe: writes-source",
}
SAVE = """\
import os
import shutil
def save(rows, path):
    with open(path, 'w') as g:
        json.dump(rows, g)
def save_here(rows):
    save(rows, 'd.json')
"""


@pytest.mark.parametrize(("statement", "expected"), IN_THE_LOOP.items())
def test_a_loop_that_reads_one_file(statement, expected, verdict):
    program = f"{SAVE}with open('d.json') as f:\n    for s in json.load(f):\n        {statement}\n"
    assert verdict(program) == expected


@pytest.mark.parametrize(("statement", "expected"), IN_THE_LOOP.items())
def test_a_loop_that_reads_one_file_by_the_name_of_a_constant(statement, expected, verdict):
    program = (
        f"{SAVE}SOURCE = 'd.json'\nwith open(SOURCE) as f:\n    for s in json.load(f):\n"
        f"        {statement}\n"
    )
    assert verdict(program) == expected


@pytest.mark.parametrize(("paths", "expected"), GIVEN.items())
def test_a_loop_over_a_path_that_is_given(paths, expected, verdict):
    program = f"""
    def work(a, b):
        with open({paths[0]}) as f:
            for s in json.load(f):
                with open({paths[1]}, 'w') as g:
                    g.write(s)
    """
    assert verdict(textwrap.dedent(program)) == expected


def test_standard_input_is_no_file_that_could_be_written(verdict):
    assert verdict("for s in json.load(sys.stdin):\n    open('d.json', 'w').write(s)\n") == "LS104"


def test_what_is_written_between_the_load_and_the_pass_counts(verdict):
    program = """
    with open('d.json') as f:
        data = json.load(f)
    with open('d.json', 'w') as g:
        for s in data:
            g.write(s)
    """
    assert verdict(textwrap.dedent(program)) == "writes-source"


def test_what_is_written_after_the_pass_does_not_count(verdict):
    program = """
    with open('d.json') as f:
        data = json.load(f)
    for s in data:
        print(s)
    with open('d.json', 'w') as g:
        g.write('[]')
    """
    assert verdict(textwrap.dedent(program)) == "LS104"


def test_a_condition_that_removes_the_file(verdict):
    program = (
        "with open('d.json') as f:\n    print([s for s in json.load(f) if os.remove('d.json')])"
    )
    assert verdict(program) == "writes-source"


def test_a_path_whose_text_is_replaced_is_not_replaced_itself(verdict):
    program = """\
    def work(path):
        with open(path) as f:
            for s in json.load(f):
                print(s, path.replace('.json', '.txt'))
    work('d.json')
    """
    assert verdict(textwrap.dedent(program)) == "LS104"
    moving = program.replace("path.replace('.json', '.txt')", "os.replace('other', path)")
    assert verdict(textwrap.dedent(moving)) == "writes-source"

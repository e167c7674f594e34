import io
import pickle

from loadstream.rewrite.fixes_child import answer_all

TEXT = "import json\n\nfor row in json.load(open('a', encoding='utf-8')):\n    print(row)\n"


def answers(root, *files):
    out = io.BytesIO()
    answer_all((str(root), None, files), out)
    out.seek(0)
    found = []
    while out.tell() < len(out.getvalue()):
        found.append(pickle.load(out))
    return found


def test_each_file_has_one_answer_in_order(tmp_path):
    (tmp_path / "a.py").write_text(TEXT)
    names = ["a.py", "gone.py", "given.py", "broken.py"]
    given = {"given.py": TEXT.encode(), "broken.py": b"def f(:\n"}
    files = [(name, str(tmp_path / name), given.get(name)) for name in names]
    found = answers(tmp_path, *files)
    assert [name for name, _ in found] == names
    assert [len(fixes) for _, fixes in found] == [1, 0, 1, 0]


def test_a_fix_is_plain_values_counted_from_1(tmp_path):
    [(_, fixes)] = answers(tmp_path, ("a.py", str(tmp_path / "a.py"), TEXT.encode()))
    [(place, edits)] = fixes.items()
    assert place == (None, 3, 12, "LS104")
    lines = TEXT.split("\n")
    for _, line, column, end_line, end_column, text in edits:
        assert isinstance(text, str)
        assert 1 <= line <= end_line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
        assert 1 <= end_column <= len(lines[end_line - 1]) + 1

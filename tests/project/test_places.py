from pathlib import Path

import pytest

from loadstream.project.places import place

TEXT = """\
# exclude = ["a"]
[project]
name = "exclude"
exclude = ["a"]

[tool.loadstream]  # ours
text = '''
exclude = ["a"]
'''
exclude = [
    "a",
    "b",
]
"strict" = 1
per-file-ignores = { "x" = ["LS1"], "y" = [
    "LS2"
] }

[[tool.loadstream.pairs]]
load = "m.a"
[[tool.loadstream.pairs]]
load = "m.b"
arguments = { path = 3 }
[tool.loadstream.exlude]
a = 1
[[tool.loadstream.cheks]]
b = 1
"""


@pytest.mark.parametrize(
    ("table", "key", "value", "line"),
    [
        ("[tool.loadstream]", "exclude", ["a", "b"], 10),
        ("[tool.loadstream]", "exclude", "b", 12),
        ("[tool.loadstream]", "strict", 1, 14),
        ("[tool.loadstream]", "per-file-ignores.y", "LS2", 16),
        ("[tool.loadstream.per-file-ignores]", "x", ["LS1"], 15),
        ("[[tool.loadstream.pairs]]", "load", "m.b", 22),
        ("[[tool.loadstream.pairs]]", "arguments.path", 3, 23),
        ("[tool.loadstream]", "per-file-ignores", "y", 15),
        ("[tool.loadstream]", "exlude", {"a": 1}, 24),
        ("[tool.loadstream]", "cheks", [{"b": 1}], 26),
        ("[tool.loadstream]", "nowhere", 1, None),
        ("[tool.loadstream]", "strict", 2, None),
    ],
)
def test_a_setting_is_found_at_its_line(tmp_path, monkeypatch, table, key, value, line):
    monkeypatch.chdir(tmp_path)
    Path("p.toml").write_text(TEXT)
    assert place(Path("p.toml"), table, key, value) == (f"p.toml:{line}" if line else "p.toml")


def test_a_file_that_is_gone_has_no_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place(Path("gone.toml"), "[tool.loadstream]", "strict", 1) == "gone.toml"

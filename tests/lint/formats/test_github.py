from loadstream.lint.formats import github
from loadstream.lint.report import Report


def test_each_sort_has_its_level(report):
    levels = [line.split(" ")[0] for line in github.render(report()).splitlines()]
    assert levels == ["::warning", "::warning", "::warning", "::error", "::notice", "::notice"]


def test_the_place_is_in_the_properties(report, finding):
    (line,) = github.render(report(finding())).splitlines()
    assert line == (
        "::warning file=a.py,line=3,endLine=3,col=5,endColumn=15,title=loadstream (LS101)"
        "::a.py:3:5: LS101 `load_rows()` is loaded whole"
    )


def test_columns_are_left_out_of_what_spans_lines(report, finding):
    line = github.render(report(finding(end_line=4)))
    assert "col=" not in line
    assert "endLine=4" in line


def test_characters_with_a_meaning_are_escaped(report, finding):
    line = github.render(report(finding(path="a,b:c%.py", message="50%\nnext"))).rstrip("\n")
    assert "file=a%2Cb%3Ac%25.py," in line
    assert line.endswith("50%25%0Anext")
    assert "\n" not in line


def test_a_command_is_read_back_as_what_was_meant(report, finding):
    """As the runner reads it: properties divided by commas, then the escapes undone."""
    path, message = "odd,%0A:dir/a b.py", "100%: a,b::c\r\nnext %25"
    (line,) = github.render(report(finding(path=path, message=message))).splitlines()
    head, _, data = line.removeprefix("::").partition("::")
    level, _, listed = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in listed.split(","))
    assert level == "warning"
    assert undone(properties["file"], ":", ",") == path
    assert undone(properties["title"], ":", ",") == "loadstream (LS101)"
    assert undone(data) == f"{path}:3:5: LS101 {message}"


def undone(text, *also):
    for character in ("\r", "\n", *also, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def test_nothing_found_says_nothing(result):
    assert github.render(Report(result, ())) == ""

from loadstream.lint.formats import github


def test_each_sort_has_its_level(result):
    levels = [line.split(" ")[0] for line in github.render(result, result.findings).splitlines()]
    assert levels == ["::warning", "::warning", "::warning", "::error", "::notice", "::notice"]


def test_the_place_is_in_the_properties(result, finding):
    (line,) = github.render(result, (finding(),)).splitlines()
    assert line == (
        "::warning file=a.py,line=3,endLine=3,col=5,endColumn=15,title=loadstream (LS101)"
        "::a.py:3:5: LS101 `load_rows()` is loaded whole"
    )


def test_columns_are_left_out_of_what_spans_lines(result, finding):
    line = github.render(result, (finding(end_line=4),))
    assert "col=" not in line
    assert "endLine=4" in line


def test_characters_with_a_meaning_are_escaped(result, finding):
    line = github.render(result, (finding(path="a,b:c%.py", message="50%\nnext"),)).rstrip("\n")
    assert "file=a%2Cb%3Ac%25.py," in line
    assert line.endswith("50%25%0Anext")
    assert "\n" not in line

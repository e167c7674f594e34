from xml.etree import ElementTree

from loadstream.charts.lines import STYLE, Axis, Line, line_chart

SVG = "{http://www.w3.org/2000/svg}"
X = Axis("records", lambda value: f"{value:g}")
Y = Axis("memory", lambda value: f"{value:g} B")


def drawn(*lines: Line, **options: str) -> ElementTree.Element:
    text = line_chart(lines, X, Y, identity="c", title="a < b", description="d & e", **options)
    return ElementTree.fromstring(text)


def test_the_chart_is_xml_with_a_title_and_a_description_for_screen_readers():
    chart = drawn(Line("old <1>", ((0, 1), (1, 2)), 1))
    assert chart.get("role") == "img"
    labels = [
        chart.find(f".//*[@id='{name}']").text for name in chart.get("aria-labelledby").split()
    ]
    assert labels == ["a < b", "d & e"]
    assert "old <1>" in [text.text for text in chart.iter(f"{SVG}text")]


def test_every_line_is_drawn_inside_the_plot_in_its_own_colour_class():
    chart = drawn(Line("a", ((0, 0), (10, 40)), 1), Line("b", ((0, 5), (5, 5)), 2))
    paths = [p.get("d") for p in chart.iter(f"{SVG}path") if p.get("class") == "line"]
    curves = [d for d in paths if "L" in d]
    assert len(curves) == 2
    for curve in curves:
        for place in curve[1:].split(" L"):
            x, y = map(float, place.split())
            assert 0 <= x <= 520
            assert 0 <= y <= 260
    classes = {group.get("class") for group in chart.iter(f"{SVG}g")}
    assert classes == {"series-1", "series-2"}


def test_a_single_point_is_a_dot_and_a_line_without_points_is_left_out():
    chart = drawn(Line("a", ((1, 1),), 1), Line("empty", (), 2))
    assert len(list(chart.iter(f"{SVG}circle"))) == 1
    assert "empty" not in [text.text for text in chart.iter(f"{SVG}text")]


def test_marks_are_round_in_the_unit_of_the_axis():
    axis = Axis("memory", lambda value: f"{value / 1024:g} KB", unit=1024.0)
    text = line_chart(
        (Line("a", ((0, 0), (1, 3000)), 1),), X, axis, identity="c", title="t", description="d"
    )
    assert ">2 KB<" in text


def test_a_file_of_its_own_carries_its_colours_for_light_and_dark():
    chart = drawn(Line("a", ((0, 1), (1, 2)), 1), style=STYLE)
    assert "prefers-color-scheme" in chart.find(f"{SVG}style").text

from xml.etree import ElementTree

from loadstream.lint.formats import junit
from loadstream.lint.report import Report

# What the schemas of Jenkins, GitLab and pytest agree on.
ALLOWED = {
    "testsuites": (set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"classname", "name"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
}


def parsed(report):
    root = ElementTree.fromstring(junit.render(report).encode())
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children
    [suite] = root
    return suite


def test_each_finding_is_a_case_of_its_sort(report):
    suite = parsed(report())
    sorts = [[child.tag for child in case] for case in suite]
    assert sorts == [["failure"]] * 3 + [["error"]] + [["skipped"]] * 2
    counts = {"tests": "6", "failures": "3", "errors": "1", "skipped": "2"}
    assert {name: suite.get(name) for name in counts} == counts


def test_a_case_says_where_and_what(report, finding):
    [case] = parsed(report(finding(message="`a < b` & c")))
    assert case.get("classname") == "loadstream.a.py"
    assert case.get("name") == "LS101 filter-collect at 3:5"
    assert case[0].attrib == {"message": "`a < b` & c", "type": "LS101"}
    assert case[0].text == "a.py:3:5: LS101 `a < b` & c"


def test_a_cell_of_a_notebook_is_in_the_name(report, finding):
    [case] = parsed(report(finding(path="n.ipynb", cell=4)))
    assert case.get("name") == "LS101 filter-collect at cell 4:3:5"


def test_no_finding_is_a_case_that_passes(result):
    [case] = parsed(Report(result, ()))
    assert list(case) == []


def test_what_xml_cannot_hold_is_written_as_python_would(report, finding):
    [case] = parsed(report(finding(path="a\x1b\udcff.py", message="\x00\ufffe")))
    assert case.get("classname") == r"loadstream.a\x1b\udcff.py"
    assert case[0].get("message") == r"\x00\ufffe"

from loadstream.lint.fingerprints import fingerprint, numbered
from loadstream.lint.texts import Texts


def of(finding, text, **place):
    return fingerprint(finding(**place), Texts({"a.py": text.encode()}))


def test_place_and_layout_do_not_count(finding):
    first = of(finding, "x = load_rows()\n", line=1, end_line=1)
    assert of(finding, "\n\n\t x  =  load_rows() \n", line=3, end_line=3) == first


def test_code_and_content_count(finding):
    first = of(finding, "x = load_rows()\n", line=1, end_line=1)
    assert of(finding, "y = load_rows()\n", line=1, end_line=1) != first
    assert of(finding, "x = load_rows()\n", line=1, end_line=1, code="LS104") != first


def test_all_lines_of_the_place_count(finding):
    first = of(finding, "x = load(\n  1)\n", line=1, end_line=2)
    assert of(finding, "x = load(\n  2)\n", line=1, end_line=2) != first


def test_a_file_that_cannot_be_read_is_known_by_its_message(finding):
    def unread(message):
        return fingerprint(finding(message=message), Texts({"a.py": b"\xff"}))

    assert unread("one") == unread("one") != unread("other")
    assert unread("\udcff")


def test_equal_findings_are_numbered_by_file(finding):
    texts = Texts(dict.fromkeys(("a.py", "b.py"), b"x = f()\nx = f()\n"))
    places = [("a.py", 1), ("a.py", 2), ("b.py", 1)]
    found = [finding(path=path, line=line, end_line=line) for path, line in places]
    assert [number for _, _, number in numbered(found, texts)] == [1, 2, 1]

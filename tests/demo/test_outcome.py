from loadstream.demo.outcome import kept_table, site_table, unverified


def check(name, verdict, sites, old=None, new=None):
    sides = {"old": old, "new": new}
    return {
        "name": name,
        "verdict": verdict,
        "sites": [{"path": path, "line": line, "code": code} for path, line, code in sites],
        "measurements": {k: v and {"growth_bytes": v} for k, v in sides.items()},
    }


def test_each_site_is_a_row_with_memory_and_verdict():
    report = {
        "checks": [
            check("a.py", "equal", [("a.py", 3, "LS101"), ("a.py", 9, "LS104")], 20 << 20, 2 << 20),
            check("b.py", "different", [("b.py", 1, "LS106")]),
        ]
    }
    assert [line.split() for line in site_table(report).splitlines()[2:]] == [
        ["a.py:3", "LS101", "20.0", "MB", "→", "2.0", "MB", "(0.10×)", "equal"],
        ["a.py:9", "LS104", "20.0", "MB", "→", "2.0", "MB", "(0.10×)", "equal"],
        ["b.py:1", "LS106", "not", "measured", "different"],
    ]


def finding(path, line, code, fix=None, reasons=(), rule=""):
    return {
        "path": path,
        "line": line,
        "code": code,
        "rule": rule,
        "fix": fix,
        "reasons": list(reasons),
    }


def test_what_stays_is_a_row_with_all_its_reasons():
    findings = [
        finding("a.py", 3, "LS300", reasons=("multi-pass", "escapes")),
        finding("b.py", 4, "LS101", fix="safe"),
        finding("c.py", 5, "LS203", rule="consumed-stream"),
    ]
    assert [" ".join(line.split()) for line in kept_table(findings).splitlines()[2:]] == [
        "a.py:3 multi-pass, escapes",
        "c.py:5 consumed-stream (LS203), to mend by hand",
    ]


def test_nothing_that_stays_is_no_table():
    assert kept_table([]) == ""


def test_a_site_that_no_check_shows_equal_is_named():
    findings = [finding("a.py", line, "LS101", fix="safe") for line in (1, 2, 3)]
    findings.append(finding("b.py", 9, "LS300"))
    report = {
        "checks": [
            check("a.py", "equal", [("a.py", 1, "LS101")]),
            check("a.py:f", "different", [("a.py", 2, "LS101")]),
        ]
    }
    assert unverified(findings, report) == ["a.py:2", "a.py:3"]

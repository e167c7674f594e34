from loadstream.demo.outcome import kept_table, site_table


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


def test_kept_loads_are_rows_with_all_their_reasons():
    findings = [
        {"path": "a.py", "line": 3, "code": "LS300", "reasons": ["multi-pass", "escapes"]},
        {"path": "b.py", "line": 4, "code": "LS101", "reasons": []},
    ]
    assert [line.split() for line in kept_table(findings).splitlines()[2:]] == [
        ["a.py:3", "multi-pass,", "escapes"]
    ]


def test_nothing_kept_is_no_table():
    assert kept_table([]) == ""

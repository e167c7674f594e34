from loadstream.project.errors import nearest


def test_the_nearest_name_is_offered():
    assert nearest("multipass", ["multi-pass", "walrus"]) == '; did you mean "multi-pass"?'


def test_case_does_not_matter():
    assert nearest("ls10l", ["LS101", "LS300"]) == '; did you mean "LS101"?'


def test_nothing_is_offered_for_what_is_like_nothing():
    assert nearest("zzz", ["multi-pass"]) == ""

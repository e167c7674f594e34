import dataclasses

from loadstream.bench.fit import fit_growth
from loadstream.bench.render import render_text


def test_the_table_shows_memory_time_and_ratio_of_each_approach(results):
    text = render_text(dataclasses.replace(results, fits=fit_growth(results.sizes)))
    row = next(line for line in text.splitlines() if "title of loadstream" in line)
    assert row.split()[3:] == ["100", "2.0", "MB", "2.0", "MB", "50", "ms", "0.50×", "0.50–1.00×"]
    assert "Growth" in text
    assert "209,715" in text
    assert "title of orjson at 1x was not run: not installed." in text


def test_the_table_fits_a_terminal(results):
    lines = render_text(results).splitlines()
    assert max(map(len, lines)) <= 100


def test_one_size_has_no_growth_table(results):
    text = render_text(dataclasses.replace(results, sizes=results.sizes[:1]))
    assert "Growth" not in text

"""numpy's and pandas' objects are compared by dtype, shape, labels and elements, NaN equal to NaN.

Each part needs its library and is passed over without it; the dev extra brings both.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest

from loadstream.verify import encode as module
from loadstream.verify.compare_values import Opaque, nodes
from loadstream.verify.encode import Encoder


def places(old: Any, new: Any) -> list[str]:
    """Where two values differ, as the parent sees it: after a way through JSON."""
    first, second = (json.loads(json.dumps(Encoder().encode(value))) for value in (old, new))
    found = list(nodes("result", first, second))
    assert not any(isinstance(each, Opaque) for each in found)
    return [each.place for each in found]


def opaque(value: Any) -> bool:
    node = Encoder().encode(value)
    return any(isinstance(each, Opaque) for each in nodes("result", node, node))


class TestNumpy:
    @pytest.fixture
    def np(self) -> Any:
        return pytest.importorskip("numpy", reason="compares numpy's own objects")

    @pytest.mark.parametrize(
        "code",
        [
            "np.arange(6).reshape(2, 3)",
            "np.array([1.5, np.nan, -0.0])",
            "np.array(3.0)",
            "np.array([])",
            "np.array([1 + 2j, complex(np.nan, 1)])",
            "np.array([True, False])",
            "np.array(['a', 'bc'])",
            "np.array([b'a'])",
            "np.array([1, 'a', None, [2]], dtype=object)",
            "np.array(['2020-01-01', 'NaT'], dtype='M8[ns]')",
            "np.array([1, 'NaT'], dtype='m8[s]')",
            "np.array([1, 2], dtype=np.longdouble)",
            "np.array([2**64 - 1], dtype='u8')",
            "np.array([(1, 2.0, '2020-01-01')], dtype=[('a', 'i4'), ('b', 'f8'), ('c', 'M8[D]')])",
            "np.rec.array([(1, 2)], dtype='i4,i4')",
            "np.ma.masked_array([1, 2, 3], [0, 1, 0])",
            "np.ma.masked_array([(1, 2)], mask=[(0, 1)], dtype=[('a', 'i4'), ('b', 'f8')])",
            "np.ma.masked",
            "np.float64(np.nan)",
            "np.float32(0.1)",
            "np.longdouble(1) / 3",
            "np.bool_(True)",
            "np.str_('x')",
            "np.datetime64('NaT', 's')",
            "np.timedelta64(3, 's')",
            "np.void(b'ab')",
            "np.array([(1, 2)], dtype='i4,i4')[0]",
            "np.dtype('i4')",
            "iter(np.arange(3))",
        ],
    )
    def test_the_same_made_twice_is_the_same(self, np: Any, code: str) -> None:
        assert places(eval(code, {"np": np}), eval(code, {"np": np})) == []

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("np.array([1, 2])", "np.array([1, 3])", "result[1]"),
            ("np.array([[1, 2]])", "np.array([[1, 3]])", "result[0][1]"),
            ("np.array([0.0])", "np.array([-0.0])", "result[0]"),
            ("np.array([1.0])", "np.array([np.nan])", "result[0]"),
            ("np.array([1, 2])", "np.array([[1, 2]])", "len(result.shape)"),
            ("np.zeros((0, 2))", "np.zeros((0, 3))", "result.shape[1]"),
            ("np.array([1], dtype='i4')", "np.array([1], dtype='i8')", "result.dtype"),
            ("np.array([1], dtype='f4')", "np.array([1], dtype='f8')", "result.dtype"),
            ("np.array([1], dtype='<i4')", "np.array([1], dtype='>i4')", "result.dtype"),
            ("np.array([1], dtype='i8')", "np.array([1], dtype=object)", "result.dtype"),
            ("np.array([1])", "[1]", "result"),
            ("np.float64(1)", "1.0", "result"),
            ("np.float64(1)", "np.float32(1)", "result"),
            ("np.int64(1)", "1", "result"),
            ("np.bool_(True)", "True", "result"),
            ("np.str_('a')", "'a'", "result"),
            ("np.float64(0.0)", "np.float64(-0.0)", "result"),
            ("np.longdouble(1) / 3", "np.longdouble(1 / 3)", "result"),
            ("np.datetime64('2020-01-01')", "np.datetime64('2020-01-01T00')", "result"),
            ("np.array(['2020-01-01T00:00:00.000000001'], 'M8[ns]')",
             "np.array(['2020-01-01T00:00:00.000000002'], 'M8[ns]')", "result[0]"),
            ("np.array([1], 'm8[s]')", "np.array([1], 'm8[ms]')", "result.dtype"),
            ("np.array([(1, 2)], 'i4,i4')", "np.array([(1, 3)], 'i4,i4')", 'result["f1"][0]'),
            ("np.array([(1, 2)], [('a', 'i4'), ('b', 'i4')])",
             "np.array([(1, 2)], [('a', 'i4'), ('c', 'i4')])", 'result["b"]'),
            ("np.ma.masked_array([1, 2], [0, 1])", "np.ma.masked_array([1, 2], [0, 0])",
             "result.mask[1]"),
            ("np.ma.masked_array([1, 2], [0, 1])", "np.ma.masked_array([3, 2], [0, 1])",
             "result[0]"),
            ("np.ma.masked_array([1])", "np.array([1])", "result"),
            ("np.array([1, [2]], dtype=object)", "np.array([1, [3]], dtype=object)",
             "result[1][0]"),
        ],
    )  # fmt: skip
    def test_what_differs_is_found_at_its_place(
        self, np: Any, old: str, new: str, expected: str
    ) -> None:
        assert expected in places(eval(old, {"np": np}), eval(new, {"np": np}))

    def test_what_a_mask_hides_is_no_difference(self, np: Any) -> None:
        one, other = (np.ma.masked_array([1, hidden], [0, 1]) for hidden in (2, 3))
        assert places(one, other) == []
        assert places(np.ma.masked_array([1]), np.ma.masked_array([1], [0])) == []

    def test_an_array_in_another_order_of_memory_is_the_same(self, np: Any) -> None:
        assert places(np.ones((2, 3)), np.asfortranarray(np.ones((2, 3)))) == []
        assert places(np.arange(6)[::2], np.array([0, 2, 4])) == []

    def test_a_matrix_is_no_array_and_ends(self, np: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            one = np.matrix([[1, 2]])
        assert places(one, one) == []
        assert places(one, np.array([[1, 2]])) == ["result"]

    def test_an_array_that_holds_itself_ends(self, np: Any) -> None:
        array = np.array([None], dtype=object)
        array[0] = array
        assert places(array, array) == []

    def test_a_subclass_is_compared_with_its_attributes(self, np: Any) -> None:
        class Named(np.ndarray):  # type: ignore[misc]
            pass

        one, other = (np.array([1]).view(Named) for _ in range(2))
        one.label, other.label = "a", "b"
        assert places(one, other) == ["result.label"]

    def test_a_generator_of_random_numbers_has_no_equality(self, np: Any) -> None:
        assert opaque(np.random.default_rng(1))

    def test_a_large_array_is_refused_before_it_is_copied(
        self, np: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MAX_NODES", 100)
        huge = np.broadcast_to(np.zeros(1), (1 << 40,))
        with pytest.raises(module.TooLargeError):
            Encoder().encode({"a": huge})


class TestPandas:
    @pytest.fixture
    def pd(self) -> Any:
        return pytest.importorskip("pandas", reason="compares pandas' own objects")

    @pytest.mark.parametrize(
        "code",
        [
            "pd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
            "pd.DataFrame([[1, 2.5]], columns=['a', 'a'])",
            "pd.DataFrame()",
            "pd.DataFrame({'a': [1]}, index=pd.MultiIndex.from_tuples([(1, 'a')]))",
            "pd.Series([1.0, float('nan')], name='n')",
            "pd.Series(['a', 'b'], dtype='category')",
            "pd.Series([1, None], dtype='Int64')",
            "pd.Series(['a', None], dtype='string')",
            "pd.Series(pd.arrays.SparseArray([0, 0, 1]))",
            "pd.Series(['2020-01-01', None], dtype='datetime64[ns]')",
            "pd.Index(['a'], name='k')",
            "pd.MultiIndex.from_tuples([(1, 'a')], names=['p', 'q'])",
            "pd.date_range('2020', periods=3, tz='UTC')",
            "pd.interval_range(0, 3)",
            "pd.Categorical(['a'], ordered=True)",
            "pd.CategoricalDtype(['a'])",
            "pd.Timestamp('2020-01-01', tz='UTC')",
            "pd.Timedelta('1s')",
            "pd.Period('2020-01', 'M')",
            "pd.Interval(0, 1)",
            "[pd.NA, pd.NaT]",
            "pd.DateOffset(months=1)",
        ],
    )
    def test_the_same_made_twice_is_the_same(self, pd: Any, code: str) -> None:
        assert places(eval(code, {"pd": pd}), eval(code, {"pd": pd})) == []

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("pd.DataFrame({'a': [1, 2]})", "pd.DataFrame({'a': [1, 3]})", 'result["a"][1]'),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1.0]})", 'result["a"].dtype'),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1]}, dtype='int8')",
             'result["a"].dtype'),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1]}, dtype='Int64')",
             'result["a"].dtype'),
            ("pd.DataFrame({'a': [1], 'b': [2]})", "pd.DataFrame({'b': [2], 'a': [1]})",
             "order of the keys of result"),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1]}, index=[1])",
             "result.index[0]"),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1]}, index=[0.0])",
             "result.index.dtype[0]"),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'b': [1]})", 'result["a"]'),
            ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1, 2]})", 'len(result["a"])'),
            ("pd.DataFrame(index=[1])", "pd.DataFrame(index=[1, 2])", "len(result.index)"),
            ("pd.DataFrame([[1, 2]], columns=['a', 'a'])",
             "pd.DataFrame([[1, 3]], columns=['a', 'a'])", "result[1][0]"),
            ("pd.DataFrame({'a': [None]}, dtype=object)",
             "pd.DataFrame({'a': [float('nan')]}, dtype=object)", 'result["a"][0]'),
            ("pd.Series([1], name='a')", "pd.Series([1], name='b')", "result.name"),
            ("pd.Series([1])", "pd.DataFrame({0: [1]})", "result"),
            ("pd.Series([1], index=['a'])", "pd.Series([1], index=['b'])", "result.index[0]"),
            ("pd.Series(['a'], dtype='category')",
             "pd.Series(['a'], dtype=pd.CategoricalDtype(['a', 'b']))",
             "len(result.dtype.categories)"),
            ("pd.Categorical(['a'])", "pd.Categorical(['a'], ordered=True)",
             "result.dtype.ordered"),
            ("pd.Index([1], name='a')", "pd.Index([1], name='b')", "result.names[0]"),
            ("pd.date_range('2020', periods=2)",
             "pd.DatetimeIndex(list(pd.date_range('2020', periods=2)))", "result.freq"),
            ("pd.Timestamp('2020-01-01')", "pd.Timestamp('2020-01-01', tz='UTC')", "result"),
            ("pd.Timestamp('2020-01-01')", "pd.Timestamp('2020-01-01').to_pydatetime()",
             "result"),
            ("pd.NA", "pd.NaT", "result"),
            ("pd.NA", "None", "result"),
        ],
    )  # fmt: skip
    def test_what_differs_is_found_at_its_place(
        self, pd: Any, old: str, new: str, expected: str
    ) -> None:
        assert expected in places(eval(old, {"pd": pd}), eval(new, {"pd": pd}))

    def test_a_range_is_the_index_that_it_stands_for(self, pd: Any) -> None:
        assert places(pd.RangeIndex(3), pd.Index([0, 1, 2])) == []

    def test_a_frame_of_the_users_is_compared_with_what_it_adds(self, pd: Any) -> None:
        class Frame(pd.DataFrame):  # type: ignore[misc]
            _metadata = ("source",)

        one, other = Frame({"a": [1]}), Frame({"a": [1]})
        one.source, other.source = "x", "y"
        assert places(one, other) == ["result.source"]

    def test_what_is_attached_to_a_frame_counts(self, pd: Any) -> None:
        one, other = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})
        one.attrs, other.attrs = {"k": 1}, {"k": 2}
        assert places(one, other) == ['result.attrs["k"]']

    def test_groups_have_no_equality(self, pd: Any) -> None:
        assert opaque(pd.DataFrame({"a": [1]}).groupby("a"))


def test_neither_library_is_imported_for_the_users_value() -> None:
    code = (
        "import runpy, sys\n"
        f"encode = runpy.run_path({module.__file__!r})\n"
        "encode['Encoder']().encode([1, {2: {3}}, 1j, Exception(), type('A', (), {})()])\n"
        "heavy = {'numpy', 'pandas', 'dataclasses', 'hashlib', 'pathlib', 'decimal', 'datetime'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"

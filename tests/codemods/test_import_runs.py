"""`from loadstream import …` comes where a careful person would put it; `json` goes when unused."""

from __future__ import annotations

from textwrap import indent

import pytest

from loadstream.analysis.plans import RuntimeImport
from loadstream_codemods.apply import apply

USE = "print(max(json.load(f)))\n"
NEW = "print(max(stream_json(f)))\n"
PASS = {"source": "json.load(f)", "bindings": (), "moved_with": None}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import json\n\n", "from loadstream import stream_json\n\n"),
        ("'''Doc.'''\n\nimport json\n\n", "'''Doc.'''\n\nfrom loadstream import stream_json\n\n"),
        ("#!/bin/py\nimport json\n\n", "#!/bin/py\nfrom loadstream import stream_json\n\n"),
        ("# std\nimport json\n\n", "# std\nfrom loadstream import stream_json\n\n"),
        ("import json\nimport sys\n\n", "import sys\n\nfrom loadstream import stream_json\n\n"),
        ("import json, sys\n\n", "import sys\n\nfrom loadstream import stream_json\n\n"),
        (
            "from __future__ import annotations\n\nimport json\n\n\n",
            "from __future__ import annotations\n\nfrom loadstream import stream_json\n\n\n",
        ),
        (
            "import json\nimport sys\n\nfrom . import a\n\n",
            "import sys\n\nfrom loadstream import stream_json\n\nfrom . import a\n\n",
        ),
        (
            "import json\n\nfrom . import a\n\n",
            "from loadstream import stream_json\n\nfrom . import a\n\n",
        ),
        (  # among the from imports of others
            "import json\nimport sys\n\n"
            "import numpy as np\nfrom attrs import a\nfrom tqdm import b\n\nfrom .c import d\n\n",
            "import sys\n\nimport numpy as np\nfrom attrs import a\n"
            "from loadstream import stream_json\nfrom tqdm import b\n\nfrom .c import d\n\n",
        ),
        (
            "import json\n\nimport numpy as np\n\n",
            "import numpy as np\nfrom loadstream import stream_json\n\n",
        ),
        (  # first of its section
            "import json\nimport sys\n\nfrom tqdm import b\n\n",
            "import sys\n\nfrom loadstream import stream_json\nfrom tqdm import b\n\n",
        ),
        (  # last of its section, with the project's own behind it
            "import json\nimport sys\n\nfrom apis import b\n\nfrom ours import c\n\n",
            "import sys\n\nfrom apis import b\nfrom loadstream import stream_json\n\n"
            "from ours import c\n\n",
        ),
        (  # a section with a heading is not entered at its head
            "import json\nimport sys\n\n# ours\nfrom tqdm import b\n\n",
            "import sys\n\nfrom loadstream import stream_json\n\n# ours\nfrom tqdm import b\n\n",
        ),
        (
            "import json\n\n# others\nimport numpy\nfrom tqdm import b\n\n",
            "# others\nimport numpy\nfrom loadstream import stream_json\nfrom tqdm import b\n\n",
        ),
        (  # unsorted: at the end
            "import json\n\nfrom tqdm import b\nfrom attrs import a\n\n",
            "from tqdm import b\nfrom attrs import a\nfrom loadstream import stream_json\n\n",
        ),
        (  # one order for both kinds
            "import json\n\nfrom attrs import a\nimport numpy\nfrom tqdm import b\n\n",
            "from attrs import a\nfrom loadstream import stream_json\nimport numpy\n"
            "from tqdm import b\n\n",
        ),
        (  # a block without sections
            "import json\nimport sys\nimport numpy\nfrom tqdm import b\n\n",
            "import sys\nimport numpy\nfrom loadstream import stream_json\nfrom tqdm import b\n\n",
        ),
        (
            "import numpy\nimport json\nimport sys\n\n",
            "import numpy\nimport sys\nfrom loadstream import stream_json\n\n",
        ),
        (
            "import sys\nimport json\nfrom .a import b\n\n",
            "import sys\nfrom loadstream import stream_json\nfrom .a import b\n\n",
        ),
        ("import json\nimport sys\n", "import sys\nfrom loadstream import stream_json\n"),
        (  # never above the run's first line
            "import sys\nsys.path.insert(0, 'lib')\nfrom tqdm import b\nimport json\n\n",
            "import sys\nsys.path.insert(0, 'lib')\nfrom tqdm import b\n"
            "from loadstream import stream_json\n\n",
        ),
        (
            "import sys\nsys.path.insert(0, 'lib')\nimport json  # noqa: E402\n\n",
            "import sys\nsys.path.insert(0, 'lib')\n"
            "from loadstream import stream_json  # noqa: E402\n\n",
        ),
        ("a = 1; import json; b = 2\n", "a = 1; from loadstream import stream_json; b = 2\n"),
        ("import json; import sys\n", "import sys\nfrom loadstream import stream_json\n"),
        ("if 1: import json\n", "if 1: from loadstream import stream_json\n"),
        (
            "try:\n    import json\nfinally:\n    pass\n",
            "try:\n    from loadstream import stream_json\nfinally:\n    pass\n",
        ),
    ],
)
def test_the_new_import_stands_where_a_careful_person_puts_it(check_json, old, new):
    check_json(old + USE, new + NEW, **PASS)


def test_the_old_import_stays_while_something_uses_it(check_json):
    check_json(
        f"import json\nimport sys\n\n{USE}json.dump(1, sys.stdout)\n",
        "import json\nimport sys\n\nfrom loadstream import stream_json\n\n"
        f"{NEW}json.dump(1, sys.stdout)\n",
        **PASS,
    )
    check_json(
        f"import json\n{USE}json.dump(1, g)\n",
        f"import json\nfrom loadstream import stream_json\n{NEW}json.dump(1, g)\n",
        **PASS,
    )
    check_json(
        f"import json  # data\n\n{USE}",
        f"import json  # data\n\nfrom loadstream import stream_json\n\n{NEW}",
        **PASS,
    )
    check_json(
        f"import json\n\n{USE}",
        f"import json\n\nfrom loadstream import stream_json\n\n{NEW}",
        **PASS,
        remove=None,
    )


@pytest.mark.parametrize(
    ("mention", "stays"),
    [
        ("print('rows.json', 'json', open('data/json.load'))", False),
        ("print(f(json=1), a.json)", False),
        ("# json.load", False),
        ("def g(a: 'json.JSONDecoder'): pass", True),
        ("def g(a: 'list[json]'): pass", True),
        ("patch('here.json.load')", True),
        ("__all__ = ['json']", True),
        ("__all__ += ['json']", True),
        ("print(eval('len(json)'), 'json')", True),
        ("def g():\n    '''\n    >>> json.dumps(1)\n    '''", True),
        ("def g():\n    try: pass\n    except json.JSONDecodeError: pass", True),
        ("def g():\n    global json", True),
        ("class A:\n    decoder = json", True),
    ],
)
def test_what_is_a_use_of_json_and_what_only_looks_like_it(check_json, mention, stays):
    check_json(
        f"import json\n\n\n{USE}{mention}\n",
        ("import json\n\n" if stays else "")
        + f"from loadstream import stream_json\n\n\n{NEW}{mention}\n",
        **PASS,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import json\n", "from loadstream import stream_json\n"),
        ("import sys\nimport json\n\n", "import sys\n\nfrom loadstream import stream_json\n\n"),
        ("import json, sys\n", "import sys\nfrom loadstream import stream_json\n"),
    ],
)
def test_an_import_inside_a_function_is_answered_there(check_json, old, new):
    for rest in ("", "def h():\n    import json\n    json.dump(1, g)\n"):
        check_json(
            f"def g(f):\n{indent(old + USE, '    ')}{rest}",
            f"def g(f):\n{indent(new + NEW, '    ')}{rest}",
            **PASS,
        )


def test_a_lone_import_inside_a_function_that_stays_is_followed_without_a_blank_line(check_json):
    check_json(
        f"def g(f):\n    import json\n\n    {USE}    return json\n",
        f"def g(f):\n    import json\n    from loadstream import stream_json\n\n    {NEW}"
        "    return json\n",
        **PASS,
    )


def test_an_import_in_a_class_stays_for_it_may_be_read_as_an_attribute(check_json):
    check_json(
        f"class A:\n    import json\n    {USE}",
        f"class A:\n    import json\n    from loadstream import stream_json\n    {NEW}",
        **PASS,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from json import load\n", ""),
        ("from json import dump, load\n", "from json import dump\n"),
        ("from json import (\n    dump,\n    load,\n)\n", "from json import (\n    dump,\n)\n"),
        ("from json import load as read\n", ""),
    ],
)
def test_the_function_that_was_imported_goes_as_well(check_json, old, new):
    name = "read" if "read" in old else "load"
    check_json(
        f"{old}\nprint(max({name}(f)))\n",
        (f"{new}\n" if new else "") + f"from loadstream import stream_json\n\n{NEW}",
        source=f"{name}(f)",
        call=f"{name}(f)",
        bindings=(),
        moved_with=None,
        statement="from json",
        remove=name,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from loadstream import Dataset\n", "from loadstream import Dataset, stream_json\n"),
        (
            "from loadstream import (\n    a,\n    z,  # z\n)\n",
            "from loadstream import (\n    a,\n    stream_json,\n    z,  # z\n)\n",
        ),
    ],
)
def test_a_name_comes_into_the_import_that_is_there(check_json, old, new):
    check_json(
        f"import json\n\n{old}\n{USE}",
        f"{new}\n{NEW}",
        **PASS,
        beside="from loadstream",
    )


def test_nothing_is_imported_that_is_imported_already(check_json):
    check_json(
        f"import json\n\nfrom loadstream import stream_json\n\n{USE}",
        f"from loadstream import stream_json\n\n{NEW}",
        **PASS,
        add=None,
    )


def test_several_plans_share_one_import(json_plan):
    text = (
        "import json\nimport os\n\nfrom m import load_x\n\n"
        "print(max(json.load(a)))\nprint(max(json.load(b)))\nprint(max(json.load(c)))\n"
    )
    plans = [
        json_plan(
            text,
            **{**PASS, "source": f"json.load({name})"},
            call=f"json.load({name})",
            arguments=(name,),
            callee=callee,
        )
        for name, callee in zip(
            "abc", ("stream_values", "stream_json", "stream_values"), strict=True
        )
    ]
    assert apply(text, plans) == (
        "import os\n\nfrom loadstream import stream_json, stream_values\nfrom m import load_x\n\n"
        "print(max(stream_values(a)))\nprint(max(stream_json(b)))\nprint(max(stream_values(c)))\n"
    )


def test_two_imports_of_one_run_give_one_new_import(json_plan):
    text = "import json\nfrom json import load\n\nprint(max(json.load(f)), max(load(g)))\n"
    first = json_plan(text, **PASS)
    second = json_plan(
        text,
        **{**PASS, "source": "load(g)"},
        call="load(g)",
        arguments=("g",),
        statement="from json",
        remove="load",
    )
    assert apply(text, [first, second]) == (
        "from loadstream import stream_json\n\nprint(max(stream_json(f)), max(stream_json(g)))\n"
    )


def test_changes_of_both_kinds_go_together(plan, json_plan):
    text = "import json\n\nfrom m import load_x\n\nprint(max(load_x()), max(json.load(f)))\n"
    assert apply(text, [plan(text, "pass"), json_plan(text, **PASS)]) == (
        "from loadstream import stream_json\nfrom m import stream_x\n\n"
        "print(max(stream_x()), max(stream_json(f)))\n"
    )


def test_an_import_whose_line_loses_a_statement_is_still_found(plan, json_plan):
    text = "from m import load_x; xs = load_x()\nprint(max(xs))\n"
    assert apply(text, [plan(text, "pass")]) == "from m import stream_x\nprint(max(stream_x()))\n"
    text = "import json; data = json.load(f)\nprint(max(data))\n"
    assert apply(text, [json_plan(text, moved_with=None)]) == (
        "from loadstream import stream_json\nprint(max(stream_json(f)))\n"
    )


def test_line_ends_of_the_new_line_are_the_files(json_plan):
    text = "import json\r\nimport os\r\n\r\nprint(max(json.load(f)))\r\n"
    assert apply(text, [json_plan(text, **PASS)]) == (
        "import os\r\n\r\nfrom loadstream import stream_json\r\n\r\nprint(max(stream_json(f)))\r\n"
    )


def test_many_names_stand_in_brackets(json_plan):
    text = f"import json\n\n{USE}"
    site = json_plan(text, **PASS)
    assert isinstance(site.imports, RuntimeImport)
    long = site._replace(imports=site.imports._replace(add="stream_" + "x" * 70))
    assert apply(text, [long]).startswith("from loadstream import (\n    stream_xxx")

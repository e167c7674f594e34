"""Openings: which handles are files that only the load reads."""

from __future__ import annotations

import textwrap

import pytest

FILES = [
    "open('d.json')",
    "open('d.json', 'r')",
    "open('d.json', 'rb')",
    "open('d.json', mode='rt')",
    "open('d.json', encoding='utf-8')",
    "open('d.json', encoding='utf-8', errors='replace')",
    "open('d.json', buffering=1)",
    "open(file='d.json')",
    "open(path)",
    "open(0)",
    "Path('d.json').open()",
    "Path('d.json').open('rb')",
    "path.open(encoding='utf-8')",
    "(folder / 'd.json').open()",
    "io.open('d.json')",
    "codecs.open('d.json', 'r', 'utf-8')",
    "gzip.open('d.json.gz')",
    "gzip.open('d.json.gz', 'rt')",
    "bz2.open('d.json.bz2')",
    "lzma.open('d.json.xz', 'rt')",
    "archive.open('d.json')",
    "fsspec.open('d.json')",
]
# Those that write, whose mode is not known, and what is no file.
OTHERS = [
    "open('d.json', 'w')",
    "open('d.json', 'r+')",
    "open('d.json', 'a+')",
    "open('d.json', mode)",
    "open(*given)",
    "open('d.json', **given)",
    "open('d.json') if path else open('e.json')",
    "os.open('d.json', 0)",
    "os.fdopen(3)",
    "webbrowser.open('d.json')",
    "contextlib.closing(open('d.json'))",
    "tempfile.TemporaryFile()",
    "io.StringIO(text)",
    "urllib.request.urlopen(address)",
    "requests.get(address).raw",
    "opened('d.json')",
]
WAYS = {
    "with": "with {} as f:\n    for s in json.load(f):\n        use(s)\n",
    "with around the load only": "with {} as f:\n    d = json.load(f)\nfor s in d:\n    use(s)\n",
    "assigned": "f = {}\nfor s in json.load(f):\n    use(s)\n",
    "assigned and closed": "f = {}\nd = json.load(f)\nf.close()\nfor s in d:\n    use(s)\n",
    "in place": "for s in json.load({}):\n    use(s)\n",
    "text": "for s in json.loads({}.read()):\n    use(s)\n",
}

ACCEPTED = {
    "a_block_of_two_files": """
    with open('d.json') as f, open('e.txt', 'w') as g:
        for s in json.load(f):
            g.write(s)
    """,
    "the_second_file_of_a_block": """
    with open('d.json') as f, open('e.json') as g:
        for s in json.load(g):
            use(s)
    """,
    "blocks_that_bind_the_same_name": """
    with open('d.json') as f:
        with open('e.json') as f:
            for s in json.load(f):
                use(s)
    """,
    "a_block_in_an_asynchronous_one": """
    async def work():
        async with lock:
            with open('d.json') as f:
                for s in json.load(f):
                    use(s)
    """,
    "the_text_of_the_handle": """
    with open('d.json') as f:
        for s in json.loads(f.read()):
            use(s)
    """,
    "the_text_of_a_path": """
    for s in json.loads(Path('d.json').read_text(encoding='utf-8')):
        use(s)
    """,
    "the_bytes_of_a_path": """
    for s in json.loads(Path('d.json').read_bytes()):
        use(s)
    """,
    "a_member_of_an_archive": """
    with zipfile.ZipFile('a.zip').open('d.json') as f:
        for s in json.load(f):
            use(s)
    """,
    "standard_input_among_loops": """
    for k in range(2):
        use(k)
    for s in json.load(sys.stdin):
        use(s)
    """,
    "files_of_iopath": """
    from iopath.common.file_io import PathManager
    with PathManager.open(path, "r") as f:
        for s in json.load(f):
            use(s)
    """,
    "files_of_iopath_of_another_project": """
    from fvcore.common.file_io import g_pathmgr
    with g_pathmgr.open(path) as f:
        data = json.load(f)
    for s in data:
        use(s)
    """,
    "files_of_fsspec": """
    import fsspec
    with fsspec.open(path) as f:
        for s in json.load(f):
            use(s)
    """,
    "standard_input": """
    for s in json.load(sys.stdin):
        use(s)
    """,
    "standard_input_as_bytes": """
    for s in json.load(sys.stdin.buffer):
        use(s)
    """,
    "one_file_in_each_turn_of_a_loop": """
    for path in paths:
        with open(path) as f:
            for s in json.load(f):
                use(s)
    """,
    "one_handle_in_each_turn_of_a_loop": """
    for path in paths:
        f = open(path)
        for s in json.load(f):
            use(s)
    """,
    "a_name_that_another_function_uses_too": """
    def one():
        with open('d.json') as f:
            for s in json.load(f):
                use(s)
    def other(f):
        return f.read()
    """,
}
REFUSED = {
    "standard_input_in_a_loop": (
        "handle-shared",
        """
    for k in range(2):
        for s in json.load(sys.stdin):
            use(s)
    """,
    ),
    "standard_input_in_a_function_that_is_called_twice": (
        "handle-shared",
        """
    def work():
        for s in json.load(sys.stdin):
            use(s)
    work()
    work()
    """,
    ),
    "standard_input_of_something_else": (
        "unresolved",
        """
    sys = make()
    for s in json.load(sys.stdin):
        use(s)
    """,
    ),
    "a_path_manager_of_the_users_own": (
        "unresolved",
        """
    PathManager = make()
    with PathManager.open(path) as f:
        for s in json.load(f):
            use(s)
    """,
    ),
    "an_opener_of_the_users_own": (
        "unresolved",
        """
    from mine import Opener
    with Opener.open(path) as f:
        for s in json.load(f):
            use(s)
    """,
    ),
    "another_read_of_the_handle": (
        "handle-shared",
        """
    with open('d.json') as f:
        next(f)
        for s in json.load(f):
            use(s)
    """,
    ),
    "the_handles_name": (
        "handle-shared",
        """
    with open('d.json') as f:
        for s in json.load(f):
            use(s, f.name)
    """,
    ),
    "a_look_at_the_closed_handle": (
        "handle-shared",
        """
    with open('d.json') as f:
        for s in json.load(f):
            use(s)
    print(f.closed)
    """,
    ),
    "a_handle_closed_by_a_finally": (
        "handle-shared",
        """
    try:
        f = open('d.json')
        for s in json.load(f):
            use(s)
    finally:
        f.close()
    """,
    ),
    "a_handle_given": (
        "unresolved",
        """
    def work(f):
        for s in json.load(f):
            use(s)
    """,
    ),
    "a_handle_of_the_enclosing_function": (
        "unresolved",
        """
    with open('d.json') as f:
        def show():
            for s in json.load(f):
                use(s)
    """,
    ),
    "a_handle_in_a_lambda": (
        "unresolved",
        """
    with open('d.json') as f:
        show = lambda: sum(s['a'] for s in json.load(f))
    """,
    ),
    "an_asynchronous_block": (
        "unresolved",
        """
    async def work():
        async with open('d.json') as f:
            for s in json.load(f):
                use(s)
    """,
    ),
    "a_handle_opened_outside_of_the_branch": (
        "unresolved",
        """
    f = open('d.json')
    if ready:
        for s in json.load(f):
            use(s)
    """,
    ),
    "a_handle_bound_twice": (
        "unresolved",
        """
    f = open('d.json')
    f = open('e.json')
    for s in json.load(f):
        use(s)
    """,
    ),
    "another_name_for_the_handle": (
        "unresolved",
        """
    with open('d.json') as f:
        g = f
        for s in json.load(g):
            use(s)
    """,
    ),
    "an_attribute": (
        "unresolved",
        """
    with open('d.json') as self.f:
        for s in json.load(self.f):
            use(s)
    """,
    ),
    "an_open_of_the_module": (
        "unresolved",
        """
    def open(path):
        return path
    with open('d.json') as f:
        for s in json.load(f):
            use(s)
    """,
    ),
    "a_handle_of_a_walrus": (
        "unresolved",
        """
    if (f := open('d.json')):
        for s in json.load(f):
            use(s)
    """,
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("opening", FILES)
def test_a_file_that_is_read(opening, way, verdict):
    assert verdict(WAYS[way].format(opening)) == "LS104"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "text"])
@pytest.mark.parametrize("opening", OTHERS)
def test_what_is_not_known_to_be_a_file(opening, way, verdict):
    assert verdict(WAYS[way].format(opening)).split(", ")[0] == "unresolved"


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name, verdict):
    assert verdict(textwrap.dedent(ACCEPTED[name])) == "LS104"


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, verdict):
    slug, program = REFUSED[name]
    assert verdict(textwrap.dedent(program)) == slug


@pytest.mark.parametrize("text", ["text", "f.read(100)", "line.strip()", "response.text", "b'[]'"])
def test_text_that_is_not_the_whole_of_a_file_is_no_load(text, verdict):
    assert (
        verdict(f"with open('d.json') as f:\n    for s in json.loads({text}):\n        use(s)\n")
        == ""
    )

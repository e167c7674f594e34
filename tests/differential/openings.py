"""How generated programs open a file and load its document, and what stands around that.

Places in the templates: `<path>` the file, `<f>` the handle, `<d>` the document's variable,
`<between>` what runs after the load, `<use>` the pass, `<after>` what comes behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

PATHS = [
    (4.0, "'rows.json'"),
    (3.0, "SOURCE"),
    (1.0, "Path('rows.json')"),
    (1.0, "Path(SOURCE)"),
    (0.6, "os.path.join(HERE, 'rows.json')"),
    (0.4, "HOME / 'rows.json'"),
    (0.4, "f'{STEM}.json'"),
    (0.3, "sys.argv[1]"),
    (0.3, "where()"),
]


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to load. `inline` is the document's expression where it has no variable.

    `module`: names that the template reads from modules that it imports by itself.
    """

    template: str
    inline: str = ""
    imports: str = ""


_WITH = """\
with open(<path>) as <f>:
    <d> = json.load(<f>)
    <between>
    <use>
<after>"""
_THEN = """\
with open(<path>) as <f>:
    <d> = json.load(<f>)
<between>
<use>
<after>"""

OPENINGS = [
    (6.0, Opening(_WITH)),
    (6.0, Opening(_THEN)),
    (1.5, Opening(_WITH.replace(") as", ", encoding='utf-8') as"))),
    (1.5, Opening(_THEN.replace(") as", ", 'r', encoding='utf-8') as"))),
    (0.5, Opening(_THEN.replace(") as", ", 'rb') as"))),
    (0.4, Opening(_THEN.replace(") as", ", encoding='utf-8-sig') as"))),
    (0.4, Opening(_THEN.replace(") as", ", encoding='latin-1', errors='ignore') as"))),
    (2.0, Opening("with open(<path>) as <f>:\n    <use>\n<after>", "json.load(<f>)")),
    (0.5, Opening("with open(<path>) as <f>:\n    <use>\n<after>", "json.loads(<f>.read())")),
    (1.5, Opening("<use>\n<after>", "json.load(open(<path>))")),
    (0.5, Opening("<use>\n<after>", "json.loads(Path(<path>).read_text())")),
    (1.5, Opening("<d> = json.load(open(<path>))\n<between>\n<use>\n<after>")),
    (1.0, Opening("<d> = json.load(open(<path>, encoding='utf-8'))\n<between>\n<use>\n<after>")),
    (1.0, Opening("<d> = json.loads(Path(<path>).read_text())\n<between>\n<use>\n<after>")),
    (0.6, Opening("<d> = json.loads(Path(<path>).read_bytes())\n<between>\n<use>\n<after>")),
    (0.6, Opening("<d> = json.loads(open(<path>).read())\n<between>\n<use>\n<after>")),
    (1.0, Opening(_THEN.replace("json.load(<f>)", "json.loads(<f>.read())"))),
    (0.6, Opening(_WITH.replace("json.load(<f>)", "json.loads(<f>.read())"))),
    (0.4, Opening(_THEN.replace("json.load(<f>)", "json.loads(<f>.read().strip())"))),
    (0.4, Opening(_THEN.replace("json.load(<f>)", "json.loads(''.join(<f>))"))),
    (1.0, Opening(_WITH.replace("open(<path>)", "Path(<path>).open()"))),
    (1.0, Opening(_THEN.replace("open(<path>)", "Path(<path>).open(encoding='utf-8')"))),
    (0.5, Opening(_THEN.replace("open(<path>)", "io.open(<path>)"), imports="import io")),
    (
        0.4,
        Opening(
            _THEN.replace("open(<path>)", "codecs.open(<path>, 'r', 'utf-8')"),
            imports="import codecs",
        ),
    ),
    (0.8, Opening(_WITH.replace("open(<path>)", "gzip.open('rows.json.gz', 'rt')"))),
    (0.8, Opening(_THEN.replace("open(<path>)", "gzip.open('rows.json.gz')"))),
    (0.3, Opening("<use>\n<after>", "json.load(gzip.open('rows.json.gz'))")),
    (
        1.5,
        Opening("<f> = open(<path>)\n<d> = json.load(<f>)\n<f>.close()\n<between>\n<use>\n<after>"),
    ),
    (
        1.0,
        Opening("<f> = open(<path>)\n<d> = json.load(<f>)\n<between>\n<use>\n<f>.close()\n<after>"),
    ),
    (0.7, Opening("<f> = open(<path>)\n<d> = json.load(<f>)\n<between>\n<use>\n<after>")),
    (0.5, Opening("<f> = open(<path>)\n<use>\n<f>.close()\n<after>", "json.load(<f>)")),
    (
        0.6,
        Opening(
            "<f> = open(<path>)\ntry:\n    <d> = json.load(<f>)\n    <use>\nfinally:\n"
            "    <f>.close()\n<after>"
        ),
    ),
    (
        0.6,
        Opening(
            "<f> = open(<path>)\ntry:\n    <d> = json.load(<f>)\nfinally:\n    <f>.close()\n"
            "<between>\n<use>\n<after>"
        ),
    ),
    (0.5, Opening("text = Path(<path>).read_text()\n<d> = json.loads(text)\n<use>\n<after>")),
    (
        0.3,
        Opening(
            "with open(<path>) as <f>:\n    text = <f>.read()\n<d> = json.loads(text)\n<use>\n"
            "print(len(text))\n<after>"
        ),
    ),
    (0.7, Opening("with open(<path>) as <f>: <d> = json.load(<f>)\n<between>\n<use>\n<after>")),
    (
        0.6,
        Opening(
            "with open(<path>) as <f>, open('out.txt', 'w') as sink:\n    <d> = json.load(<f>)\n"
            "    <use>\n    print('end', file=sink)\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with open('out.txt', 'w') as sink, open(<path>) as <f>:\n    <d> = json.load(<f>)\n"
            "<between>\n<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with open(<path>) as <f>, open('other.json') as second:\n    <d> = json.load(<f>)\n"
            "    other = json.load(second)\n<use>\nprint([o for o in other])\n<after>"
        ),
    ),
    # The block does more than load.
    (
        0.6,
        Opening(
            "with open(<path>) as <f>:\n    print('reading')\n    <d> = json.load(<f>)\n"
            "<use>\n<after>"
        ),
    ),
    (
        0.6,
        Opening(
            "with open(<path>) as <f>:\n    <d> = json.load(<f>)\n    <between>\n<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with open(<path>) as <f>:\n    seen = 0\n    <d> = json.load(<f>)\n    seen += 1\n"
            "with open('out.txt', 'w') as sink:\n    sink.write(str(seen))\n    <use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(_THEN.replace("<use>", "with open('out.txt', 'a') as sink:\n    <use>")),
    ),
    (0.3, Opening(_THEN.replace("<use>", "if limit:\n    <use>"))),
    # A guard around the pass.
    (0.4, Opening(_THEN.replace("<use>", "if 'items' in <d>:\n    <use>"))),
    (0.3, Opening(_WITH.replace("    <use>", "    if <d>:\n        <use>"))),
    (0.2, Opening(_THEN.replace("<use>", "if len(<d>) > 0:\n    <use>"))),
    # The handle is used for more than the load.
    (0.3, Opening(_WITH + "\nprint(<f>.name[-4:], <f>.closed)")),
    (0.3, Opening(_THEN + "\nprint(<f>.closed)")),
    (
        0.3,
        Opening(
            "with open(<path>) as <f>:\n    <d> = json.load(<f>)\n    <f>.seek(0)\n    <use>\n"
            "    print(len(<f>.read()))\n<after>"
        ),
    ),
    (
        0.3,
        Opening(
            "with open(<path>) as <f>:\n    print(<f>.read(1))\n    <f>.seek(0)\n"
            "    <d> = json.load(<f>)\n    <use>\n<after>"
        ),
    ),
    (
        0.3,
        Opening(
            "with open(<path>) as <f>:\n    <d> = json.load(<f>)\n    <f>.seek(0)\n"
            "    again = json.load(<f>)\n    <use>\nprint(again)\n<after>"
        ),
    ),
    (0.2, Opening("with open(<path>) as <f>:\n    <use>\n    print(<f>.tell())", "json.load(<f>)")),
    # The document's variable is bound in another way.
    (0.3, Opening(_THEN.replace("<d> = ", "<d> = whole = ") + "\nprint(whole)")),
    (0.3, Opening(_THEN.replace("<d> = ", "<d>: list = "))),
    (0.3, Opening(_WITH.replace("<d> = ", "<d>, whole = 0, "), "whole")),
    (0.3, Opening("with open(<path>) as <f>:\n    print((<d> := json.load(<f>)))\n<use>\n<after>")),
    (0.3, Opening("<d> = None\n" + _THEN)),
    (0.3, Opening("<d> = []\nif limit:\n    <d> = json.load(open(<path>))\n<use>\n<after>")),
    (
        0.4,
        Opening(
            "if os.path.exists(<path>):\n    with open(<path>) as <f>:\n"
            "        <d> = json.load(<f>)\nelse:\n    <d> = []\n<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "if not os.path.exists(<path>):\n    raise SystemExit('missing')\n" + _THEN,
        ),
    ),
    (
        0.4,
        Opening(
            "if limit:\n    <d> = json.load(open(<path>))\nelse:\n"
            "    <d> = json.load(open('other.json'))\n<use>\n<after>"
        ),
    ),
    (0.4, Opening("<d> = json.load(open(<path>)) if limit else []\n<use>\n<after>")),
    (
        0.4,
        Opening(
            "with open(<path>) as <f>:\n    print('reading')\n    <d> = json.load(<f>)\n"
            "    <f>.close()\n    <use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "for name in (<path>, 'other.json'):\n    with open(name) as <f>:\n"
            "        <d> = json.load(<f>)\n    if not <d>:\n        continue\n    <use>\n<after>"
        ),
    ),
    (0.5, Opening("for name in (<path>,):\n    <d> = json.load(open(name))\n<use>\n<after>")),
    (0.6, Opening("<d> = json.load(sys.stdin)\n<between>\n<use>\n<after>")),
    (0.3, Opening("<use>\n<after>", "json.load(sys.stdin)")),
    (0.3, Opening(_THEN.replace("open(<path>)", "open(<path>, newline='')"))),
    (0.3, Opening(_THEN.replace("open(<path>)", "open(file=<path>, mode='r')"))),
    (0.3, Opening(_WITH.replace("open(<path>)", "open(<path>, 'rt', 1, 'utf-8')"))),
    (
        0.3,
        Opening("def load_it():\n    return json.load(open(<path>))\n<use>", "load_it()"),
    ),
    (
        0.4,
        Opening(
            "def give():\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
            "        return [<el> <clause>]\nprint(give())"
        ),
    ),
    (
        0.4,
        Opening(
            "def give():\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
            "    for <target> in <e>:\n        if <c>:\n            return <el>\nprint(give())"
        ),
    ),
    (
        0.4,
        Opening(
            "def give():\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
            "    for <target> in <e>:\n        yield <el>\nfor x in give():\n    print(x)"
        ),
    ),
    (
        0.3,
        Opening(
            "def give():\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
            "        yield from (<el> <clause>)\nprint(next(give(), None))"
        ),
    ),
    (
        0.3,
        Opening(
            "def give():\n    global <d>\n    with open(<path>) as <f>:\n"
            "        <d> = json.load(<f>)\ngive()\n<use>\n<after>"
        ),
    ),
    (
        0.3,
        Opening("def give(<d>=json.load(open(<path>))):\n    <use>\ngive()\ngive()\n<after>"),
    ),
    # Handles that somebody else holds, and files that go away.
    (
        0.4,
        Opening(
            "def give(<f>):\n    <d> = json.load(<f>)\n    <use>\nwith open(<path>) as opened:\n"
            "    give(opened)\n    print(opened.read())\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "def give(<f>):\n    for <target> in <e>:\n        if <c>:\n            return <el>\n"
            "with open(<path>) as opened:\n    print(give(opened))\n    print(opened.read())",
            "json.load(<f>)",
        ),
    ),
    (0.3, Opening("<f> = io.StringIO(Path(<path>).read_text())\n<use>\n<after>", "json.load(<f>)")),
    (
        0.3,
        Opening(
            "with open(<path>) as <f>:\n    for line in <f>:\n        <d> = json.loads(line)\n"
            "        <use>\n<after>"
        ),
    ),
    (
        0.3,
        Opening(
            "with open(<path>) as <f>:\n    text = <f>.read()\n    if text:\n"
            "        <d> = json.loads(text)\n        <use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with inside('sub'):\n    with open('rows.json') as <f>:\n"
            "        <d> = json.load(<f>)\n<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with TemporaryDirectory() as home:\n    copy(<path>, home)\n"
            "    with open(home + '/rows.json') as <f>:\n        <d> = json.load(<f>)\n"
            "<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with ZipFile('rows.zip', 'w') as box:\n    box.write('rows.json')\n"
            "with ZipFile('rows.zip') as box:\n    with box.open('rows.json') as <f>:\n"
            "        <d> = json.load(<f>)\n    <use>\nos.remove('rows.zip')\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "with ZipFile('rows.zip', 'w') as box:\n    box.write('rows.json')\n"
            "with ZipFile('rows.zip') as box, box.open('rows.json') as <f>:\n"
            "    <d> = json.load(<f>)\nos.remove('rows.zip')\n<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "settings = {'path': <path>}\n<d> = json.load(open(settings['path']))\n"
            "settings['path'] = 'other.json'\n<use>\n<after>"
        ),
    ),
    (
        0.3,
        Opening(
            "settings = {'path': <path>}\nwith open(settings['path']) as <f>:\n"
            "    <d> = json.load(<f>)\nsettings.update(path='other.json')\n<use>\n<after>"
        ),
    ),
    (
        0.3,
        Opening(
            "names = [<path>, 'other.json']\nwith open(names.pop(0)) as <f>:\n"
            "    <d> = json.load(<f>)\nprint(len(names))\n<use>\n<after>"
        ),
    ),
    (
        0.4,
        Opening(
            "class Reader:\n    path = 'rows.json'\n    def read(self):\n"
            "        with open(self.path) as <f>:\n            <d> = json.load(<f>)\n"
            "        self.path = 'other.json'\n        <use>\nreader = Reader()\nreader.read()\n"
            "reader.read()"
        ),
    ),
    # Options of json.load that change what the elements are.
    (0.2, Opening(_THEN.replace("json.load(<f>)", "json.load(<f>, parse_float=str)"))),
    (0.2, Opening(_THEN.replace("json.load(<f>)", "json.load(<f>, object_hook=hooked)"))),
    # Loaders of the program's own.
    (1.2, Opening("<d> = load_rows(<path>)\n<between>\n<use>\n<after>")),
    (0.8, Opening("<use>\n<after>", "load_rows(<path>)")),
    (0.5, Opening("<use>\n<after>", "load_items(<path>)")),
    (0.4, Opening("<d> = load_cached(str(<path>))\n<between>\n<use>\n<after>")),
    (0.4, Opening("<use>\n<after>", "load_checked(<path>)")),
]

# `<program>` stands for all of the above, `<setup>` for the variables that it changes.
CONTEXTS = [
    (6.0, "<setup>\n<program>"),
    (
        6.0,
        "def main():\n    <setup>\n    <program>\nmain()",
    ),
    (
        1.5,
        "def main():\n    <setup>\n    <program>\nif __name__ == '__main__':\n    main()",
    ),
    (1.0, "<setup>\nif limit:\n    <program>"),
    (0.7, "<setup>\nfor turn in range(2):\n    <program>"),
    (
        0.8,
        "class Job:\n    def run(self, n=1):\n        <setup>\n        <program>\n"
        "        return n\nprint(Job().run())",
    ),
    (0.3, "class Job:\n    <setup>\n    <program>"),
    (
        0.5,
        "def outer(limit=1):\n    def inner():\n        <setup>\n        <program>\n"
        "    inner()\nouter()",
    ),
    (
        0.5,
        "def counted():\n    <setup>\n    yield 'begin'\n    <program>\n    yield 'end'\n"
        "for part in counted():\n    print(part)",
    ),
    (0.4, "<setup>\ntry:\n    <program>\nfinally:\n    print('finally')"),
    (
        0.3,
        "def main():\n    <setup>\n    try:\n        <program>\n    finally:\n"
        "        print('done', out)\nmain()",
    ),
    (0.3, "async def main():\n    <setup>\n    <program>\nasyncio.run(main())"),
    (0.3, "<setup>\nwith suppress(KeyError):\n    <program>"),
    (0.3, "<setup>\nif limit:\n    pass\nelif total:\n    pass\nelse:\n    pass\n<program>"),
]

# With a parameter, over several files, and under handlers: these bring an opening of their own.
FILES = [
    (
        2.0,
        "def work(path):\n    <setup>\n    <program>\n    return path\nwork('rows.json')",
    ),
    (
        1.0,
        "def work(path='rows.json', again=False):\n    <setup>\n    <program>\n"
        "work()\nwork('other.json')",
    ),
    (
        1.0,
        "<setup>\nfor path in ['rows.json', 'other.json']:\n    <program>",
    ),
    (
        0.7,
        "<setup>\nfor path in sorted(Path('.').glob('*.json')):\n    <program>",
    ),
    (
        0.5,
        "class Store:\n    def __init__(self, path):\n        self.path = path\n"
        "        self.kept = None\n    def work(self):\n        path = self.path\n"
        "        <setup>\n        <program>\nstore = Store('rows.json')\nstore.work()\n"
        "print(store.kept)",
    ),
    (
        0.3,
        "<setup>\npath = 'rows.json'\ndef move():\n    global path\n    path = 'other.json'\n"
        "<program>",
    ),
]

HANDLERS = ["Exception", "ValueError", "json.JSONDecodeError", "(OSError, ValueError)", "KeyError"]

HANDLED = [
    (
        2.0,
        "try:\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
        "except <handler>:\n    <d> = []\n<use>\n<after>",
    ),
    (
        1.5,
        "try:\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n    <use>\n"
        "except <handler> as error:\n    print('caught', type(error).__name__)\n<after>",
    ),
    (
        1.0,
        "try:\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
        "        <use>\nexcept <handler>:\n    print('bad', out, total)\n<after>",
    ),
    (
        1.0,
        "try:\n    <f> = open(<path>)\n    <d> = json.load(<f>)\nexcept <handler>:\n"
        "    print('bad')\nelse:\n    <use>\n<after>",
    ),
    (
        1.0,
        "with open(<path>) as <f>:\n    try:\n        <d> = json.load(<f>)\n"
        "    except <handler>:\n        <d> = {}\n    <use>\n<after>",
    ),
    (
        1.0,
        "with open(<path>) as <f>:\n    <d> = json.load(<f>)\n"
        "try:\n    <use>\nexcept <handler> as error:\n    print('caught', repr(error))\n<after>",
    ),
    (
        0.7,
        "try:\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
        "except <handler>:\n    raise SystemExit('cannot read')\n<use>\n<after>",
    ),
    (
        0.7,
        "try:\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
        "finally:\n    print('read')\n<use>\n<after>",
    ),
    (
        0.5,
        "with suppress(<handler>):\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
        "    <use>\n<after>",
    ),
    (
        0.7,
        "try:\n    <d> = json.load(open(<path>))\n    result = [<el> <clause>]\n"
        "except <handler>:\n    result = None\nprint(result)\n<after>",
    ),
    (
        0.7,
        "try:\n    with open(<path>) as <f>:\n"
        "        result = {str(<el>) for <target> in <inline>}\n"
        "except <handler>:\n    result = set()\nprint(sorted(result))\n<after>",
    ),
    (
        0.5,
        "result = 'none'\ntry:\n    with open(<path>) as <f>:\n        <d> = json.load(<f>)\n"
        "        result = sum(1 <clause>)\nexcept <handler>:\n    pass\nprint(result)\n<after>",
    ),
    (
        0.4,
        "def attempt():\n    try:\n        with open(<path>) as <f>:\n"
        "            <d> = json.load(<f>)\n        return [<el> <clause>]\n"
        "    except <handler>:\n        return 'bad'\nprint(attempt())",
    ),
    (
        0.4,
        "def attempt():\n    try:\n        <d> = json.loads(Path(<path>).read_text())\n"
        "    except <handler>:\n        return 'bad'\n    for <target> in <e>:\n"
        "        if <c>:\n            return <row>\n    return None\nprint(attempt())",
    ),
]

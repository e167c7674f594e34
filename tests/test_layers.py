"""The arrows between the packages, and what a command may weigh."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TREES = {"loadstream": ROOT / "src" / "loadstream", "loadstream_codemods": ROOT / "codemods"}

# What a package may import beside itself and the standard library.
MAY_IMPORT = {
    "loadstream.runtime": {
        "jiter",
        "msgspec",
        "ijson",
        "fsspec",
        "dask",
        "cloudpickle",
        "typing_extensions",
    },  # the last: types only
    "loadstream.analysis": set(),
    "loadstream_codemods": {"loadstream.analysis", "libcst"},
    "loadstream.rewrite": {
        "loadstream.analysis",
        "loadstream.machine",
        "loadstream_codemods",
        "libcst",
    },
    "loadstream.charts": set(),
    "loadstream.machine": {"loadstream.charts", "ahocorasick_rs"},
    "loadstream.verify": {
        "loadstream.runtime",
        "loadstream.charts",
        "loadstream.machine",
        "ijson",
    },
    "loadstream.bench": {
        "loadstream.runtime",
        "loadstream.charts",
        "loadstream.machine",
        "loadstream.verify",
        "ijson",
    },
    "loadstream.project": {"tomli"},
    "loadstream.lint": {"loadstream.analysis", "loadstream.machine", "loadstream.project"},
    "loadstream.setup": {"loadstream.analysis", "loadstream.project"},
    "loadstream.lsp": {
        "loadstream.analysis",
        "loadstream.project",
        "loadstream.lint",
        "loadstream.rewrite",
        "pygls",
        "lsprotocol",
    },
    "loadstream.demo": {"loadstream.project", "loadstream.charts"},
}
VERSION = "loadstream"  # `from loadstream import __version__` is open to all


def sources(package: str) -> list[Path]:
    tree = TREES[package.split(".")[0]]
    folder = tree.joinpath(*package.split(".")[1:]) if "." in package else tree / package
    found = sorted(folder.rglob("*.py"))
    assert found, f"{package} has no source"
    return found


def imports(path: Path) -> set[str]:
    """Every module that the file names in an import, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            found.add(node.module)
    return found


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package):
    allowed = {package, *MAY_IMPORT[package]}
    wrong = {
        f"{path.name}: {module}"
        for path in sources(package)
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and module != VERSION
        and not any(is_within(module, one) for one in allowed)
    }
    assert wrong == set()


def test_every_package_has_its_place_in_the_table():
    folders = {
        path.name for path in TREES["loadstream"].iterdir() if (path / "__init__.py").exists()
    }
    assert {f"loadstream.{name}" for name in folders} == {
        "loadstream.cli",
        *(package for package in MAY_IMPORT if package.startswith("loadstream.")),
    }


def test_the_top_package_takes_only_the_runtime():
    for path in (TREES["loadstream"] / "__init__.py",):
        assert all(
            is_within(module, "loadstream.runtime")
            or module.split(".")[0] in sys.stdlib_module_names
            for module in imports(path)
        )


def modules_after(code: str, folder: Path) -> set[str]:
    """The top-level and second-level modules that a fresh interpreter has after `code`."""
    report = "import sys; print(*sys.modules, sep='\\n', file=sys.stderr)"
    program = f"import atexit\natexit.register(lambda: exec({report!r}))\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    names = done.stderr.split()
    assert "sys" in names
    return {".".join(name.split(".")[:2]) for name in names} | {n.split(".")[0] for n in names}


def command(*arguments: str) -> str:
    return (
        f"import sys; sys.argv = ['loadstream', *{arguments!r}]\n"
        "from loadstream.cli import main; main()"
    )


def test_importing_loadstream_is_cheap(tmp_path):
    loaded = modules_after("import loadstream", tmp_path)
    assert loaded.isdisjoint(
        {"click", "libcst", "msgspec", "ijson", "typing_extensions", "loadstream.analysis"}
    )


def test_asking_for_help_imports_no_command_s_weight(tmp_path):
    loaded = modules_after(command("--help"), tmp_path)
    assert loaded.isdisjoint(
        {
            "libcst",
            "msgspec",
            "pygls",
            "loadstream.analysis",
            "loadstream.verify",
            "loadstream.bench",
        }
    )


@pytest.mark.parametrize("use", ["sum(1 for r in load_x())", "load_x()[0]", "None"])
def test_lint_never_imports_libcst(tmp_path, use):
    (tmp_path / "data.py").write_text(
        "import json\n"
        "from loadstream import stream_json\n\n"
        "def load_x():\n"
        "    with open('x.json', encoding='utf-8') as f:\n"
        "        return json.load(f)\n\n"
        "def stream_x(filter_func=None):\n"
        "    return stream_json('x.json', filter_func=filter_func)\n"
    )
    (tmp_path / "script.py").write_text(f"from data import load_x\n\nprint({use})\n")
    loaded = modules_after(command("lint", "--show-kept", "--show-fixes", "."), tmp_path)
    assert "loadstream.analysis" in loaded
    assert loaded.isdisjoint({"libcst", "loadstream_codemods", "loadstream.verify", "msgspec"})

"""Runs one side once, in a fresh interpreter of its own, with a job folder as its argument.

Started by runner.py; nothing else calls it. `job.json` in the folder says what to run;
`result.json` is what came out, `opened.log` which files were opened, line by line as it happens,
so that both survive whatever the code does next. Only the standard library is imported.
"""

# ruff: noqa: PTH118, PTH120, PTH123
# Importing pathlib would add to the user's memory and to the time of every run.
from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import types
from typing import Any

# As they are before the code under test can put something in their place.
_open, _replace, _dumps = open, os.replace, json.dumps


def main() -> None:
    """Do the job of the folder that the command line names."""
    folder = sys.argv[1]
    with open(os.path.join(folder, "job.json"), encoding="utf-8") as handle:
        job = json.load(handle)
    Side(job, folder).run()


def _part(name: str, folder: str = "") -> Any:
    """A file near this one: loadstream itself must not be imported into the user's process."""
    place = os.path.join(os.path.dirname(__file__), folder, name + ".py")
    spec = importlib.util.spec_from_file_location("_loadstream_" + name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Side:
    """One run of one side: the place, the import path, the target and what is seen of it."""

    def __init__(self, job: dict[str, Any], folder: str) -> None:
        self.job = job
        self.folder = folder
        self.tree: str = job["tree"]
        self.encode = _part("encode")
        self.replacements = tuple((path, name) for path, name in job["replacements"])
        self.result: dict[str, Any] = {}

    def run(self) -> None:
        """Run the target and leave `result.json`; end as the interpreter itself would."""
        os.chdir(os.path.join(self.tree, self.job["directory"]))
        self._set_import_path()
        lines = self._noted_lines()
        audit = _part("child_audit") if self.job["audit"] else None
        if audit is not None:
            audit.watch(self.job, os.path.join(self.folder, "opened.log"))
        counter = self._counter()
        code = self._run_script() if self.job["script"] is not None else self._run_call()
        if counter is not None:
            self.result["filtered"] = counter.stop()
        if audit is not None:
            audit.pause()
        if lines is not None:
            lines.finish()
        self.result["escaped"] = self._modules_of_the_original()
        path = os.path.join(self.folder, "result.json")
        with _open(path + ".part", "w", encoding="utf-8") as handle:
            handle.write(_dumps(self.result))
        _replace(path + ".part", path)
        if audit is not None:
            # What the code does at the interpreter's end is as much its own as the rest.
            audit.resume()
        sys.exit(code)

    def _counter(self) -> Any:
        if not self.job["predicates"] or self.job["measure"] is not None:
            return None
        places = {
            (os.path.join(self.tree, path), line): f"{path}:{line}"
            for path, line in self.job["predicates"]
        }
        return _part("child_predicates").Counter(places, at_any_cost=self.job["count"])

    def _noted_lines(self) -> Any:
        if not self.job["lines"] or self.job["measure"] is not None:
            return None
        wanted = {
            os.path.join(self.tree, path): (path, frozenset(lines))
            for path, lines in self.job["lines"]
        }
        log = os.path.join(self.folder, "lines.log")
        return _part("child_lines").Lines(wanted, log, at_any_cost=self.job["count"])

    def _set_import_path(self) -> None:
        original, tree = self.job["original"], self.tree
        kept = []
        for entry in sys.path:
            if not entry:
                continue
            installed = "site-packages" in entry or _inside(entry, sys.prefix)
            if _inside(entry, original) and not installed:
                kept.append(tree + entry[len(original) :])
            else:
                kept.append(entry)
        sys.path[:] = [os.path.join(tree, part) for part in self.job["path"]] + kept
        # Editable installs map packages to folders of the original tree.
        for finder in sys.meta_path:
            module = sys.modules.get(getattr(finder, "__module__", None) or "")
            mapping = getattr(module, "MAPPING", None)
            if isinstance(mapping, dict):
                for name, place in mapping.items():
                    if isinstance(place, str) and _inside(place, original):
                        mapping[name] = tree + place[len(original) :]

    def _modules_of_the_original(self) -> list[str]:
        original, home = self.job["original"], self.job["workspace"]
        found = []
        for module in list(sys.modules.values()):
            place = getattr(module, "__file__", None)
            if (
                isinstance(place, str)
                and _inside(place, original)
                and not _inside(place, home)
                and not _inside(place, sys.prefix)
                and "site-packages" not in place
            ):
                found.append(place)
        return found

    # scripts

    def _run_script(self) -> int:
        script = self.job["script"]
        if script["module"] == "pytest":
            return self._run_tests(script["args"])
        main = types.ModuleType("__main__")
        names = main.__dict__
        place: list[str] = []

        def find() -> None:
            if script["module"] is not None:
                found, names["__package__"] = self._find_module(script["module"])
                place.append(found)
            else:
                place.append(os.path.join(self.tree, script["path"]))

        code = self._guarded(find, measured=False)
        if not place:
            return code
        [source_path] = place
        names["__file__"] = source_path
        names["__builtins__"] = __builtins__
        sys.argv[:] = [script["path"] or source_path, *script["args"]]
        with open(source_path, "rb") as handle:
            source = handle.read()
        sys.modules["__main__"] = main
        if self.job["measure"] is not None:
            _import_ahead(source, source_path, names)

        def work() -> None:
            exec(compile(source, source_path, "exec", dont_inherit=True), names)

        code = self._guarded(work)
        if self.job["measure"] is None:
            seen: dict[str, Any] = {}
            if self.result["raised"] is None:
                seen = self._encoded_variables(names, self.job["variables"])
            for name in self.job["functions"]:
                if name.partition(".")[0] in names:
                    seen[f"{name}()"] = self._called(names, name)
            self.result["variables"] = seen
        return code

    def _run_tests(self, arguments: list[str]) -> int:
        """The user's tests; what became of each is the result, not what pytest prints."""
        part = _part("child_pytest")
        pytest, problem = part.import_pytest()
        if pytest is None:
            print(problem, file=sys.stderr)
            found = {"outcomes": {}, "collection": {}, "files": {}, "code": 4, "problem": problem}
            self.result.update(raised=None, code=4, tests=found)
            return 4
        text = self.encode.Encoder(self.replacements).text
        tests = part.Tests(pytest, self.tree, self.job["temporary"], text)
        sys.argv[:] = [os.path.join(os.path.dirname(pytest.__file__), "__main__.py"), *arguments]

        def work() -> None:
            sys.exit(tests.run(arguments))

        code = self._guarded(work)
        if self.result["raised"] is None:
            self.result["tests"] = tests.result(code)
        return code

    def _called(self, names: dict[str, Any], name: str) -> Any:
        """What a function of the script returns or raises, once the script has ended."""
        first, *rest = name.split(".")
        try:
            result = _awaited(_attribute(names[first], rest)())
        except SystemExit as request:
            return ["value", "SystemExit", repr(request.code)]
        except BaseException as error:
            return self.encode.Encoder(self.replacements).exception(error)
        return self._encoded(result)

    def _find_module(self, name: str) -> tuple[str, str]:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(name + ".__main__")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return spec.origin, spec.name.rpartition(".")[0]

    def _encoded_variables(self, names: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
        encoded = {}
        for name in wanted:
            if name not in names:
                continue
            if hasattr(type(names[name]), "__next__"):
                encoded[name] = ["passed over"]
                continue
            value = names[name]
            # Nobody calls a script for its variables: a defaultdict holds what the dict held.
            if type(value).__name__ == "defaultdict":
                value = dict(value)
            encoded[name] = self._encoded(value)
        return encoded

    # callables

    def _run_call(self) -> int:
        call = self.job["call"]
        holder: dict[str, Any] = {}

        def resolve() -> None:
            module = self._import(call["module"], call["path"])
            holder["target"] = _attribute(module, call["function"].split("."))

        sys.argv[:] = [call["module"]]
        code = self._guarded(resolve)
        if code:
            return code
        args, kwargs = call["args"], call["kwargs"]

        def work() -> None:
            result = _awaited(holder["target"](*args, **kwargs))
            holder["result"] = result
            if self.job["measure"] is not None:
                _drain(result)

        code = self._guarded(work)
        if self.job["measure"] is None:
            if "result" in holder:
                self.result["returned"] = self._encoded(holder["result"])
            self.result["arguments"] = self._encoded([args, kwargs])
        return code

    def _import(self, name: str, path: str | None) -> Any:
        """The module by its name, or by its file where the name cannot be imported."""
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if path is None or error.name not in (name, name.partition(".")[0]):
                raise
        place = os.path.join(self.tree, path)
        spec = importlib.util.spec_from_file_location(name, place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    def _encoded(self, value: Any) -> Any:
        encoder = self.encode.Encoder(self.replacements)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 10_000))
        try:
            return encoder.encode(value)
        except self.encode.TooLargeError as error:
            return ["opaque", self.encode.class_name(type(value)), str(error)]
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            name = self.encode.class_name(type(value))
            return ["opaque", name, f"could not be read: {type(error).__name__}"]
        finally:
            sys.setrecursionlimit(limit)

    # what happens around the work

    def _guarded(self, work: Any, *, measured: bool = True) -> int:
        self.result["raised"] = None
        measure = self.job["measure"] if measured else None
        meter = None
        if measure is not None:
            meter = _part("child_meter").Meter(measure, _part("memory", "../machine"))
        try:
            work()
            code = 0
        except SystemExit as request:
            code = _exit_code(request.code)
        except BaseException as error:
            encoder = self.encode.Encoder(self.replacements)
            self.result["raised"] = encoder.exception(error)[1:]
            _print_traceback(error)
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
        if meter is not None:
            self.result["measured"] = meter.stop()
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        self.result["code"] = code
        return code


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except Exception:
        # The reader is gone or the user closed it; what came through is what is compared.
        return


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def _print_traceback(error: BaseException) -> None:
    """As the interpreter would, without the frames of this file."""
    import traceback

    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    try:
        traceback.print_exception(type(error), error, frames)
    except Exception:
        print(f"{type(error).__name__}", file=sys.stderr)


def _attribute(target: Any, names: list[str]) -> Any:
    """What a dotted name leads to; the methods of a class are those of one made with nothing."""
    for name in names:
        if isinstance(target, type):
            own = next((c.__dict__[name] for c in target.__mro__ if name in c.__dict__), None)
            if own is not None and not isinstance(own, (staticmethod, classmethod, type)):
                target = target()
        target = getattr(target, name)
    return target


def _awaited(result: Any) -> Any:
    if isinstance(result, types.CoroutineType):
        import asyncio

        return asyncio.run(result)
    return result


def _drain(result: object) -> None:
    if hasattr(type(result), "__next__"):
        for _ in result:  # type: ignore[attr-defined]
            pass


def _import_ahead(source: bytes, path: str, names: dict[str, Any]) -> None:
    """Import what the script imports, so that its imports are not part of what is measured."""
    import ast

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    scratch = dict(names)
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            try:
                exec(compile(ast.Module([node], []), path, "exec", dont_inherit=True), scratch)
            except Exception:
                continue

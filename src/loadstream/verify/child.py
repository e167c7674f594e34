"""Runs one side once, in a fresh interpreter of its own, with a job folder as its argument.

Started by runner.py; nothing else calls it. `job.json` in the folder says what to run;
`result.json` is what came out, `opened.log` which files were opened, line by line as it happens,
so that both survive whatever the code does next. Only the standard library is imported.
"""

# ruff: noqa: PTH100, PTH105, PTH113, PTH118, PTH123
# Importing pathlib would add to the user's memory and to the time of every run.
from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import sys
import time
import types
from typing import Any


def main() -> None:
    """Do the job of the folder that the command line names."""
    folder = sys.argv[1]
    with open(os.path.join(folder, "job.json"), encoding="utf-8") as handle:
        job = json.load(handle)
    Side(job, folder, _load_encoder(job["encoder"])).run()


def _load_encoder(path: str) -> Any:
    """encode.py by its path: loadstream itself must not be imported into the user's process."""
    spec = importlib.util.spec_from_file_location("_loadstream_encode", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Side:
    """One run of one side: the place, the import path, the target and what is seen of it."""

    def __init__(self, job: dict[str, Any], folder: str, encode: Any) -> None:
        self.job = job
        self.folder = folder
        self.tree: str = job["tree"]
        self.encode = encode
        self.replacements = tuple((path, name) for path, name in job["replacements"])
        self.result: dict[str, Any] = {}

    def run(self) -> None:
        """Run the target and leave `result.json`; end as the interpreter itself would."""
        os.chdir(os.path.join(self.tree, self.job["directory"]))
        self._set_import_path()
        if self.job["audit"]:
            sys.addaudithook(_audit_hook(self.job, os.path.join(self.folder, "opened.log")))
        code = self._run_script() if self.job["script"] is not None else self._run_call()
        _WATCHED.clear()
        self.result["escaped"] = self._modules_of_the_original()
        path = os.path.join(self.folder, "result.json")
        with open(path + ".part", "w", encoding="utf-8") as handle:
            json.dump(self.result, handle)
        os.replace(path + ".part", path)
        sys.exit(code)

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
        main = types.ModuleType("__main__")
        names = main.__dict__
        if script["module"] is not None:
            source_path, package = self._find_module(script["module"])
            names["__package__"] = package
        else:
            source_path = os.path.join(self.tree, script["path"])
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
                if isinstance(names.get(name), types.FunctionType):
                    seen[f"{name}()"] = self._called(names[name])
            self.result["variables"] = seen
        return code

    def _called(self, function: Any) -> Any:
        """What a function of the script returns or raises, once the script has ended."""
        try:
            result = _awaited(function())
        except SystemExit as request:
            return ["value", "SystemExit", repr(request.code)]
        except Exception as error:
            return self.encode.Encoder(self.replacements).exception(error)
        return self._encoded(result)

    def _find_module(self, name: str) -> tuple[str, str]:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(name + ".__main__")
        if spec is None or spec.origin is None:
            raise SystemExit(f"no module named {name}")
        return spec.origin, spec.name.rpartition(".")[0]

    def _encoded_variables(self, names: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
        encoded = {}
        for name in wanted:
            if name not in names or hasattr(type(names[name]), "__next__"):
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
            target: Any = self._import(call["module"], call["path"])
            for part in call["function"].split("."):
                target = getattr(target, part)
            holder["target"] = target

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
        except self.encode.TooLargeError:
            name = self.encode.class_name(type(value))
            return ["opaque", name, f"more than {self.encode.MAX_NODES:,} values"]
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            name = self.encode.class_name(type(value))
            return ["opaque", name, f"could not be read: {type(error).__name__}"]
        finally:
            sys.setrecursionlimit(limit)

    # what happens around the work

    def _guarded(self, work: Any) -> int:
        self.result["raised"] = None
        measuring = _Measuring(self.job["measure"]) if self.job["measure"] is not None else None
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
        if measuring is not None:
            self.result["measured"] = measuring.stop()
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


class _Measuring:
    """Peak memory and time of what runs between making this and `stop`."""

    def __init__(self, how: str) -> None:
        self._traced = how == "traced"
        gc.collect()
        try:
            # Resets the peak to what is resident now, so that imports do not count.
            with open("/proc/self/clear_refs", "w") as handle:
                handle.write("5")
        except OSError:
            pass
        self._baseline = _resident()
        if self._traced:
            import tracemalloc

            tracemalloc.start()
        self._started = time.monotonic()
        self._clock = time.perf_counter()

    def stop(self) -> dict[str, Any]:
        seconds = time.perf_counter() - self._clock
        ended = time.monotonic()
        traced = None
        if self._traced:
            import tracemalloc

            traced = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        peak, reading = _peak()
        return {
            "seconds": seconds,
            "started": self._started,
            "ended": ended,
            "baseline": self._baseline,
            "peak": max(peak, self._baseline),
            "traced": traced,
            "reading": reading,
        }


def _status(field: str) -> int | None:
    try:
        with open("/proc/self/status") as handle:
            for line in handle:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def _resident() -> int:
    resident = _status("VmRSS:")
    return resident if resident is not None else _peak()[0]


def _peak() -> tuple[int, str]:
    peak = _status("VmHWM:")
    if peak is not None:
        return peak, "VmHWM"
    if sys.platform == "win32":
        return _windows_peak(), "PeakWorkingSetSize"
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (peak if sys.platform == "darwin" else peak * 1024), "ru_maxrss"


def _windows_peak() -> int:
    import ctypes

    sizes = [("cb", ctypes.c_ulong), ("PageFaultCount", ctypes.c_ulong)]
    names = ("PeakWorkingSetSize", "WorkingSetSize", "a", "b", "c", "d", "e", "f")
    fields = sizes + [(name, ctypes.c_size_t) for name in names]
    counters = type("Counters", (ctypes.Structure,), {"_fields_": fields})()
    counters.cb = ctypes.sizeof(counters)
    kernel: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo(
        ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.cb
    )
    return int(counters.PeakWorkingSetSize)


def _audit_hook(job: dict[str, Any], log_path: str) -> Any:
    """A hook that logs opened files, keeps the user's own tree unwritten, and parts shared files.

    Large files of a side's tree are hard links to one copy that both sides read; before one is
    written it becomes a file of its own.
    """
    tree, original, home = job["tree"], job["original"], job["workspace"]
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    seen: set[tuple[str, str]] = set()
    writing = os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_CREAT | os.O_APPEND
    starters = frozenset(
        ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.spawn")
    )
    changers = frozenset(
        ("os.remove", "os.rename", "os.truncate", "os.mkdir", "os.rmdir", "os.chmod", "os.utime")
    )
    busy: list[int] = []

    def note(kind: str, path: str) -> None:
        if (kind, path) not in seen:
            seen.add((kind, path))
            line = json.dumps([kind, path]) + "\n"
            os.write(log, line.encode("utf-8", "surrogatepass"))

    def own_copy(path: str) -> None:
        status = os.lstat(path)
        if status.st_nlink > 1 and os.path.isfile(path):
            import shutil

            part = path + ".loadstream-part"
            shutil.copy2(path, part)
            os.replace(part, path)

    def guard(path: str) -> None:
        real = os.path.realpath(path)
        if _inside(real, original) and not _inside(real, home):
            note("refused", real)
            raise PermissionError(13, "verify keeps the working tree unwritten", path)
        if _inside(real, tree):
            if os.path.lexists(real):
                own_copy(real)
        else:
            note("outside", real)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if busy or event not in _WATCHED:
            return
        if event in starters:
            note("started", event)
            return
        path: Any = args[0] if args else None
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        elif isinstance(path, os.PathLike):
            path = os.fspath(path)
        if not isinstance(path, str):
            return
        busy.append(1)
        try:
            path = os.path.abspath(path)
            if path.startswith(("/dev/", "/proc/", job["temporary"])):
                return
            if event in changers:
                guard(path)
                if event == "os.rename" and isinstance(args[1], str):
                    guard(os.path.abspath(args[1]))
                return
            mode, flags = args[1], args[2]
            writes = (
                any(letter in mode for letter in "wax+")
                if isinstance(mode, str)
                else isinstance(flags, int) and bool(flags & writing)
            )
            if writes:
                guard(path)
            elif _inside(path, tree) or _inside(path, original):
                note("read", path)
        except OSError as error:
            if isinstance(error, PermissionError) and "verify keeps" in str(error):
                raise
        finally:
            busy.clear()

    _WATCHED.update(starters, changers, ("open",))
    return hook


_WATCHED: set[str] = set()

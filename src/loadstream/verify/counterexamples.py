"""Counterexamples as small files that can be run again: `loadstream verify --replay FILE`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadstream.machine.cache_folder import write_whole
from loadstream.verify import samples
from loadstream.verify.checks import Call, Check, Script, Target
from loadstream.verify.model import VerifyError

FOLDER = "counterexamples"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """What a counterexample file holds.

    `mode` is `revisions` (against `base`), `callables` (`old` and `new` as they were given), or
    `contents` (the working tree against itself with `contents` in place of files).
    `files` are the contents of the data files that it replaces; an empty mapping is the real data.
    """

    mode: str
    check: Check
    kind: str
    base: str
    old: str
    new: str
    files: Mapping[str, bytes]
    contents: Mapping[str, bytes] = field(default_factory=dict)


def store(cache: Path, stored: Stored) -> Path:
    """Write `stored` below the cache folder and return the file's path."""
    content = {
        "loadstream_counterexample": _VERSION,
        "mode": stored.mode,
        "base": stored.base,
        "old": stored.old,
        "new": stored.new,
        "case": stored.kind,
        "check": _check_to_json(stored.check),
        "files": {name: _bytes_to_json(name, data) for name, data in stored.files.items()},
        "contents": {name: _bytes_to_json(name, one) for name, one in stored.contents.items()},
    }
    text = json.dumps(content, indent=2) + "\n"
    return put(cache, f"{_file_name(stored.check.name)}.json", text.encode())


def put(cache: Path, name: str, content: bytes) -> Path:
    """Write a counterexample below the cache folder as a whole and return the file's path."""
    folder = cache / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / name, content)
    return folder / name


def _file_name(check: str) -> str:
    """A name that no other check has: with a digest where it is not the check's own name.

    Capital letters count as a change too, because some file systems do not tell them apart.
    """
    name = re.sub(r"[^\w.-]+", "-", check).strip("-.")[:80] or "check"
    if name == check.lower():
        return name
    return f"{name}-{hashlib.sha256(check.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def read(path: Path) -> Stored:
    """The counterexample in the file `path`.

    Raises `VerifyError` where it cannot be read or is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise VerifyError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("loadstream_counterexample") != _VERSION:
        raise VerifyError(
            f"{path} is not a counterexample: give a file that loadstream verify has written"
        )
    try:
        return Stored(
            mode=content["mode"],
            check=_check_from_json(content["check"]),
            kind=content["case"],
            base=content["base"],
            old=content["old"],
            new=content["new"],
            files={name: _bytes_from_json(name, data) for name, data in content["files"].items()},
            contents={
                name: _bytes_from_json(name, data)
                for name, data in content.get("contents", {}).items()
            },
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise VerifyError(f"{path} is damaged: run verify again to get a new one") from None


def _check_to_json(check: Check) -> dict[str, Any]:
    target: dict[str, Any]
    if isinstance(check.target, Script):
        target = {
            "script": check.target.path,
            "args": list(check.target.args),
            "module": check.target.module,
        }
    else:
        target = {
            "call": f"{check.target.module}:{check.target.function}",
            "args": list(check.target.args),
            "kwargs": dict(check.target.kwargs),
            "path": check.target.path,
        }
    return {
        "name": check.name,
        "target": target,
        "timeout": check.timeout,
        "ignore": list(check.ignore),
        "files": list(check.files),
    }


def _check_from_json(content: Mapping[str, Any]) -> Check:
    given = content["target"]
    target: Target
    if "script" in given:
        target = Script(given["script"], tuple(given["args"]), given["module"])
    else:
        module, _, function = given["call"].partition(":")
        target = Call(module, function, tuple(given["args"]), given["kwargs"], given["path"])
    return Check(
        content["name"],
        target,
        timeout=content.get("timeout"),
        ignore=tuple(content["ignore"]),
        files=tuple(content["files"]),
    )


def _bytes_to_json(path: str, data: bytes) -> dict[str, Any]:
    """The document itself where the same bytes can be made from it again, else text or bytes."""
    try:
        document = json.loads(data)
        if samples.write(path, document, readable=True) == data:
            return {"json": document}
    except (ValueError, RecursionError):
        pass
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _bytes_from_json(path: str, content: Mapping[str, Any]) -> bytes:
    if "json" in content:
        return samples.write(path, content["json"], readable=True)
    if "base64" in content:
        return base64.b64decode(content["base64"])
    return str(content["text"]).encode("utf-8")

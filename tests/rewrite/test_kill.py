"""A run that is killed, at every step of its writing: each file is old or new, and no litter."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SCRIPT = '''
import json, os, signal, sys
from pathlib import Path
from loadstream.rewrite import Changed, Written, write

home = Path(sys.argv[1])
NEW = {"a.py": b"new a\\n" * 9_000, "sub/b.py": b"new b\\n"}
STAY = {".loadstream_cache/.gitignore", "kept/.gitignore", "kept/.loadstream_backup"}
OLD = {name: data.replace(b"new", b"old") for name, data in NEW.items()}


def killed_at(step, root):
    """Write in a child that kills itself before that step; whether it came to its end."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL, status
        return status == 0
    left = step

    def count(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    results = [Changed(root / name, OLD[name], NEW[name], (), ()) for name in OLD]
    sync = os.fsync
    os.fsync = lambda descriptor: (count(), sync(descriptor), count())
    sys.addaudithook(count)
    outcomes = write(results, root=root, backup=kept(root))
    os._exit(0 if all(isinstance(one, Written) for one in outcomes) else 9)


def kept(root):
    return root / "kept" if sys.argv[2] == "backup" else None


def state(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


faults, step, ended = [], 0, False
while not ended:
    step += 1
    root = home / str(step)
    (root / "sub").mkdir(parents=True)
    for name, data in OLD.items():
        (root / name).write_bytes(data)
    ended = killed_at(step, root)
    for name, data in state(root).items():
        if name in OLD:
            if data not in (OLD[name], NEW[name]):
                faults.append(f"{step}: torn {name}")
        elif name.startswith("kept/") and name[5:] in OLD:
            if data != OLD[name[5:]]:
                faults.append(f"{step}: torn backup {name}")
        elif not name.startswith((".loadstream_cache/", "kept/.")):
            faults.append(f"{step}: litter {name}")
    again = [Changed(root / name, data, NEW[name], (), ()) for name in OLD
             if (data := (root / name).read_bytes()) != NEW[name]]
    write(again, root=root, backup=kept(root))
    after = state(root)
    if any(after.pop(name) != NEW[name] for name in NEW):
        faults.append(f"{step}: a second run did not end it")
    if kept(root) and any(after.pop(f"kept/{name}") != OLD[name] for name in OLD):
        faults.append(f"{step}: no backup")
    if again and after.keys() - STAY:
        faults.append(f"{step}: left {sorted(after)}")
print(json.dumps({"steps": step, "faults": faults}))
'''


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("backup", ["backup", "none"])
def test_a_kill_at_any_step_leaves_old_or_new_and_the_next_run_ends_the_work(tmp_path, backup):
    command = [sys.executable, "-c", SCRIPT, tmp_path, backup]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["faults"] == []
    assert found["steps"] > 20

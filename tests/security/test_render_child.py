"""A render child that its document has taken over finds nothing to take, and leaves nothing behind.

The attacker's code runs in the real child of a real worker process: it comes in as a pickle in the one file that a
child unpickles, which otherwise the worker alone writes. The same code without a sandbox gets everything.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from gpu_worker.ocr.engines.tesseract_engine import TesseractEngine
from gpu_worker.render.errors import RenderError
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.sandbox.enter import Room
from gpu_worker.settings import RenderLimits
from tests.security.exploited import OWN, PROCESSES, Exploit, attack

DOCUMENTS = Path(__file__).parents[1] / "documents"
REPOSITORY = Path(__file__).parents[2]
SECRET = "the-token-of-the-worker"
WITH_PROGRAMS = {"running a program", "a process left behind"}
"""What a reader may do that has a decoder run; the processes end with the child."""


@pytest.fixture
def doors(tmp_path):
    """A control plane, a socket in a file and an abstract one, all listening here; and a copy of our program."""
    (program := tmp_path / "gpu_worker").mkdir()
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        addresses = str(tmp_path / "s"), f"\0{tmp_path}"
        for address in addresses:
            unix = stack.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind(address)
            unix.listen()
        yield {"port": tcp.getsockname()[1], "unix": addresses[0], "abstract": addresses[1], "program": str(program)}


@pytest.fixture
def work(tmp_path):
    (folder := tmp_path / "work").mkdir()
    return folder


@pytest.fixture
def victim(tmp_path, work, doors):
    """What an attacker knows of a process with a secret, which stands for the worker and all its children, and of
    documents of others."""
    environ = {"WORKER_TOKEN": SECRET, **os.environ}  # first: an attack takes the beginning
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=environ)
    (document := tmp_path / "document").write_bytes(b"its document")
    (other := tmp_path / "other").write_bytes(b"another document")
    address = int(Path(f"/proc/{process.pid}/maps").read_text().split("-")[0], 16)
    yield {
        **doors, **dict.fromkeys(PROCESSES, process.pid), "address": address, "document": str(document),
        "other_document": str(other), "other_folder": str(tmp_path), "work": str(work),
    }  # fmt: skip
    process.communicate(b"\n")
    for left in (Path("/tmp/left-by-a-render-child"), Path("/dev/shm/left-by-a-render-child")):
        left.unlink(missing_ok=True)


def be_worker(work: Path, known: dict[str, object]) -> list[tuple[str, dict[str, str], bool]]:
    """What the children of a worker got."""
    command = [sys.executable, "-m", "tests.security.exploited", str(work), str(DOCUMENTS / "custody_order.pdf"),
               str(DOCUMENTS / "declaration_scan.pdf"), json.dumps(known)]  # fmt: skip
    environ = {"WORKER_TOKEN": SECRET, **os.environ}  # first: an attack takes the beginning
    done = subprocess.run(command, capture_output=True, text=True, env=environ, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def taken(found: dict[str, str | None]) -> set[str]:
    return {name for name, got in found.items() if got is not None}


def test_an_exploited_child_finds_nothing_to_take(work, doors):
    children = be_worker(work, {**doors, "reader": "pdf"})
    for code, found, outlives_its_document in children:
        assert (code, outlives_its_document) == ("page_damaged", False)
        assert taken(found) == set(OWN)
    assert {path.name for path in work.iterdir()} == {"spool"}, "its folder goes with it"


def test_a_child_that_runs_a_decoder_takes_nothing_and_leaves_no_process(work, doors):
    for _, found, outlives_its_document in be_worker(work, {**doors, "reader": "recording"}):
        assert taken(found) == {*OWN, *WITH_PROGRAMS}
        assert not outlives_its_document
        left = int(found["a process left behind"])
        assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


def test_the_same_attacks_get_everything_where_there_is_no_sandbox(work, victim):
    """So that none of them fails for a reason of its own."""
    subprocess.run([sys.executable, "-c", attack(victim)], cwd=work, check=True)
    found = json.loads((work / "found.json").read_text())
    psutil.Process(int(found["a process left behind"])).kill()
    subprocess.run(["umount", work], check=False, capture_output=True)
    assert SECRET in found["environment of the worker"]
    not_here = {  # one process plays all three, and this machine has memory
        "tracing the zygote", "tracing another child", "more memory than it may",
        "a descriptor of somebody's socket", "what an earlier document left in memory", "a session of its own",
        "a mount",
    }  # fmt: skip
    assert set(found) - taken(found) <= not_here


LAYERS = {
    "leave_user_and_network": {"the control plane", "an abstract socket"},
    "restrict_files": {
        "environment of the worker", "memory of the worker as a file", "memory of the worker", "tracing the worker",
        "another document", "another child's folder", "the folder of all work", "the accounts of this machine",
        "the processes of this machine", "writing beside its folder", "writing for everybody",
        "writing into memory of all", "changing the original", "changing our program", "a link out of its folder",
    },
    "restrict_calls": {
        "tracing the worker", "memory of the worker", "a signal to the worker", "a handle on the worker",
        "a signal by way of a descriptor", "the control plane", "a socket that a program here listens at",
        "an abstract socket", "a datagram", "a link out of its folder", "a hard link", "running a program",
        "a process left behind", "a session of its own", "a namespace of its own", "a mount",
    },
    "limit_resources": {"more memory than it may"},
}  # fmt: skip
"""What each layer stops on its own. `restrict_files`: the kernel lets nobody in a Landlock look into who is outside."""
ALONE = """
import sys
sys.path.insert(0, REPOSITORY)
from pathlib import Path
from gpu_worker.render.sandbox import enter, landlock, namespaces, process, system_calls
process.forbid_new_privileges()
{
    "leave_user_and_network": lambda: namespaces.leave_user_and_network(),
    "restrict_files": lambda: landlock.restrict_files((*enter.PROGRAM, Path(DOCUMENT)), (Path.cwd(),)),
    "restrict_calls": lambda: system_calls.restrict_calls(False),
    "limit_resources": lambda: process.limit_resources(2 << 30, False),
}[LAYER]()
"""


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_holds_without_the_others(layer, work, victim):
    (folder := work / "folder").mkdir()
    names = {"REPOSITORY": str(REPOSITORY), "DOCUMENT": victim["document"], "LAYER": layer}
    before = "\n".join([*(f"{name} = {value!r}" for name, value in names.items()), ALONE])
    code = attack(victim, LAYERS[layer], before)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads((folder / "found.json").read_text())
    assert set(found) == {*OWN, *LAYERS[layer]}
    assert taken(found) == set(OWN)


def test_a_worker_s_memory_is_closed_to_whoever_has_its_user_and_no_more():
    """As on a rented machine, where child and worker are one user and no root."""
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1]);"
        "from gpu_worker.render.sandbox.process import close_memory, open_memory; os.setgid(65534); os.setuid(65534);"
        "(close_memory if sys.argv[2] == 'closed' else open_memory)(); print('ready', flush=True); input()"
    )
    spy = "import os, sys; os.setgid(65534); os.setuid(65534); open(f'/proc/{sys.argv[1]}/environ').read()"
    if os.getuid() != 0:
        pytest.skip("only root can become two processes of another user")
    seen = {}
    for state in ("closed", "open"):
        process = subprocess.Popen([sys.executable, "-c", code, str(REPOSITORY), state], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
        assert process.stdout.readline() == "ready\n"
        seen[state] = subprocess.run([sys.executable, "-c", spy, str(process.pid)], stderr=subprocess.DEVNULL,
                                     check=False).returncode == 0  # fmt: skip
        process.communicate("\n")
    assert seen == {"closed": False, "open": True}


# --- what the worker believes -----------------------------------------------------------------------------------------

ANSWER = """
import os
from gpu_worker.render import child
header, body, make = %r, %r, %r
for name, target in make.items():
    open(name, "w").write(target)
child._Desk._dispatch = lambda self, request: (header, body)
"""
PART = {"position": 1, "role": "member", "name": "a", "dated": None, "code": None}


@pytest.fixture
def pool(tmp_path):
    made = RenderPool(RenderLimits(seconds=5), tmp_path)
    yield made
    made.stop()


def take_over(file, tmp_path, header, body=b"", make=None):
    (tmp_path / "spool").write_bytes(pickle.dumps(Exploit(ANSWER % (header, body, make or {}) + "\nraise ValueError")))
    with pytest.raises(RenderError):
        file.make_searchable("application/pdf", tmp_path / "spool", tmp_path / "made.pdf")


GONE = Path("/no/such/folder")
LIES = {
    "a structure outside the artifacts": ({"name": "../../stolen"}, b"{}", lambda file: file.read_structure()),
    "a layer of nonsense": ({"layer": {"page": 7}}, b"", lambda file: file.read_text(1)),
    "a picture of another size": ({"shape": [10**6, 10**6], "note": None, "top": 0, "height": 1}, b"x" * 9,
                                  lambda file: file.draw(1)),
    "strips without an end": ({"shape": [1, 1], "note": None, "top": 0, "height": 9}, b"x",
                              lambda file: list(file.draw_strips(1))),
    "half a sample": ({}, b"xyz", lambda file: file.decode(0, 1)),
    "a part that is not there": ({"parts": [PART], "is_last": True}, b"", lambda file: file.take_parts(0, GONE)),
    "a part of another number": ({"parts": [{**PART, "position": "../x"}], "is_last": True}, b"",
                                 lambda file: file.take_parts(0, GONE)),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_what_no_honest_child_answers_costs_the_document_and_not_the_worker(lie, pool, tmp_path):
    header, body, ask = LIES[lie]
    with pool.open(DOCUMENTS / "custody_order.pdf", "pdf") as file:
        take_over(file, tmp_path, header, body)
        with pytest.raises(RenderError) as caught:
            ask(file)
        assert caught.value.code == "render_crashed"
        assert "Custody" in file.read_text(1).text or file.read_text(1).text, "a fresh child goes on"


def test_a_link_in_a_child_s_folder_is_no_part(pool, tmp_path):
    """Where the kernel forbids no links: the worker would upload what the link points at."""
    (tmp_path / "secret").write_text(SECRET)
    (room := tmp_path / "room").mkdir()
    for make in (os.symlink, os.link):
        with pool.open(DOCUMENTS / "custody_order.pdf", "pdf") as file:
            take_over(file, tmp_path, {"parts": [PART], "is_last": True})
            make(tmp_path / "secret", file._child.folder / "part-000001")
            with pytest.raises(RenderError):
                file.take_parts(0, room)
    assert not list(room.iterdir())


def test_children_end_with_their_zygote_and_a_new_one_serves_the_next_document(pool):
    with pool.open(DOCUMENTS / "custody_order.pdf", "pdf") as file:
        child, zygote = psutil.Process(file._child._pid), pool._zygote._process
        zygote.kill()
        zygote.wait()
        psutil.wait_procs([child], timeout=30)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
        with pytest.raises(RenderError):
            file.read_text(1)
        assert file.read_text(1).text
    with pool.open(DOCUMENTS / "custody_order.pdf", "pdf") as file:
        assert file.pages == 2


def test_a_layer_that_the_kernel_lacks_is_told_and_keeps_no_other_from_being_set(tmp_path):
    """In a process that may make no namespace and whose kernel knows no Landlock, as on an old host."""
    room = Room(str(tmp_path / "document"), str(tmp_path), 2 << 30, False)
    code = (
        "import errno, json, os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from gpu_worker.render.sandbox import enter, landlock, namespaces\n"
        "from gpu_worker.render.sandbox.system_calls import load_library\n"
        "from gpu_worker.render.sandbox.process import forbid_new_privileges\n"
        "import ctypes; forbid_new_privileges(); library = load_library()\n"
        "rules = ctypes.c_void_p(library.seccomp_init(0x7FFF0000))\n"
        "for call in (b'unshare', b'landlock_create_ruleset'):\n"
        "    number = library.seccomp_syscall_resolve_name(call)\n"
        "    library.seccomp_rule_add_array(rules, 0x00050000 | errno.EPERM, number, 0, None)\n"
        "library.seccomp_load(rules)\n"
        "missing = enter.enter(enter.Room(*json.loads(sys.argv[2])), os.getppid())\n"
        "try:\n    os.kill(os.getppid(), 0)\nexcept OSError as error:\n    missing['still'] = error.strerror\n"
        "print(json.dumps(missing))\n"
    )
    values = json.dumps([room.document, room.folder, room.memory_bytes, room.runs_programs])
    done = subprocess.run([sys.executable, "-c", code, str(REPOSITORY), values], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "a user and a network of its own": "Operation not permitted",
        "no files but its own (Landlock)": "the kernel has no Landlock (5.13 or newer has)",
        "still": "Function not implemented",
    }


def test_tesseract_gets_nothing_of_the_worker_s_environment_but_what_it_needs(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\nenv >> {tmp_path}/seen\nexec {shutil.which('tesseract')} \"$@\"\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("WORKER_TOKEN", SECRET)
    TesseractEngine("eng").read_pages([np.full((40, 40), 255, np.uint8)])
    seen = (tmp_path / "seen").read_text()
    assert "OMP_THREAD_LIMIT=1" in seen and SECRET not in seen

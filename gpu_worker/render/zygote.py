"""The program that forks render children: `python -m gpu_worker.render.zygote <socket fd>`.

It imports what children need, once, so that a fresh child for every document costs a fork. It opens no document, has
no token in its environment, and its children end with it; it ends when the worker closes its end of the socket.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from typing import NoReturn

import cv2

from gpu_worker.render.child import serve
from gpu_worker.render.readers import import_readers
from gpu_worker.render.sandbox.enter import Room, enter
from gpu_worker.render.sandbox.kernel import LayerMissing
from gpu_worker.render.sandbox.process import close_memory
from gpu_worker.render.sandbox.system_calls import load_library
from gpu_worker.render.wire import Message

MOST_REQUEST_BYTES = 64 * 1024


def main(arguments: list[str]) -> None:
    """Fork and end children until the worker is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _prepare()
    children = set[int]()
    with socket.socket(fileno=int(arguments[0])) as worker:
        while True:
            content, fds, _, _ = socket.recv_fds(worker, MOST_REQUEST_BYTES, 2)
            if not content:
                break
            request = json.loads(content)
            if "room" in request:
                child = _fork(worker, request, *fds)
                children.add(child)
                worker.send(json.dumps({"child": child}).encode())
            else:
                children.discard(request["end"])
                worker.send(json.dumps({"status": _end(request["end"])}).encode())
    for child in children:
        _end(child)


def _prepare() -> None:
    """Import what any reader needs, and start no thread: a fork copies none."""
    cv2.setNumThreads(1)
    import_readers()
    with contextlib.suppress(LayerMissing):  # each child says which layers it lacks
        load_library()
    with contextlib.suppress(LayerMissing):
        close_memory()
    gc.collect()
    gc.freeze()  # what is not looked at is not copied


def _fork(worker: socket.socket, request: Message, request_fd: int, reply_fd: int) -> int:
    parent = os.getpid()
    child = os.fork()
    if not child:
        _be_child(worker, request, parent, request_fd, reply_fd)
    with contextlib.suppress(OSError):  # it does so itself, sooner or later than this line
        os.setpgid(child, child)
    os.close(request_fd)
    os.close(reply_fd)
    return child


def _be_child(worker: socket.socket, request: Message, parent: int, request_fd: int, reply_fd: int) -> NoReturn:
    """Its whole life; it never returns into the zygote's loop."""
    try:
        os.setpgid(0, 0)
        worker.close()
        serve(request_fd, reply_fd, request["cpu_seconds"], enter(Room(**request["room"]), parent))
    except BaseException:  # the worker sees the pipe end; a text about it might quote the document
        os._exit(1)
    os._exit(0)


def _end(child: int) -> int:
    """Kill it, with whatever it has started, and take its exit status (the number of the signal that ended it, below
    0): one that has ended keeps the status it has."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(sys.argv[1:])

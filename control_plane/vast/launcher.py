"""Runs the real `vastai` command over and over: loaded once, forked for each call, asked on standard input.

To load the command takes 0.35 s of processor time, a call of what is loaded 0.02. And a worker's token (`--env`) and a
registry's password (`--login`) are arguments of `vastai create instance`: a command line can be read by every process
of the machine, a pipe cannot.

In: per call one line, the arguments as a JSON list. Out: per call an empty line, which says that the call was taken,
then one line `{"returncode", "stdout", "stderr"}`. Ends with its input, or when nothing was asked for five minutes.
"""

import io
import json
import os
import select
import signal
import sys
from collections.abc import Sequence
from typing import Any

IDLE_SECONDS = 300.0
UNFINISHED = 1  # as Python ends when something was raised


def main() -> None:
    """Serve until the input ends."""
    # As where aiohttp is not installed: `vastai` then leaves out its serverless half, and starts in 0.34 s, not 0.65 s.
    sys.modules["aiohttp"] = None  # type: ignore[assignment]
    import vastai.cli.commands as commands
    from vastai.cli.main import main as vastai

    load(commands)
    asked = io.FileIO(0)  # which reads nothing ahead, so that select sees it
    while select.select([asked], [], [], IDLE_SECONDS)[0] and (line := asked.readline()):
        tell(b"")
        tell(json.dumps(run(vastai, json.loads(line))).encode())


def load(commands: Any) -> None:
    """Import what the command would import when it is run."""
    import importlib
    import pkgutil

    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"{commands.__name__}.{module.name}")


def run(vastai: Any, arguments: Sequence[str]) -> dict[str, Any]:
    """One call in a process of its own, with an empty standard input: the command asks questions there."""
    stdout, stderr = os.memfd_create("stdout"), os.memfd_create("stderr")
    child = os.fork()
    if child == 0:
        become(vastai, arguments, stdout, stderr)
    _, status = os.waitpid(child, 0)
    texts = {"stdout": read(stdout), "stderr": read(stderr)}
    return {"returncode": os.waitstatus_to_exitcode(status), **texts}


def become(vastai: Any, arguments: Sequence[str], stdout: int, stderr: int) -> None:
    """Be the command, and end as it does."""
    code = UNFINISHED
    try:
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), stdout, stderr)):
            os.dup2(file, number)
        sys.argv = ["vastai", *arguments]
        code = vastai() or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)


def read(file: int) -> str:
    """All that was written, and the file closed."""
    with os.fdopen(file, "rb") as written:
        written.seek(0)
        return written.read().decode("utf-8", "replace")


def tell(line: bytes) -> None:
    """One line to whoever asked."""
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()

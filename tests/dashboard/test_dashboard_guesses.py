"""Guessing the password at the real dashboard, from several addresses at once."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.control_plane.desk import wait_until
from tests.dashboard.pages import PASSWORD

REPOSITORY = Path(__file__).parents[2]
OWNER, STRANGER = "198.51.100.7", "203.0.113.9"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Visitor:
    """A browser's live connection, as far as the sign-in page needs one."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.run(BackMsg(rerun_script={}))

    def run(self, request: BackMsg) -> str:
        """Let the page run once; returns what it says."""
        self.connection.send(request.SerializeToString())
        said, finished = [], False
        while not finished:
            message = ForwardMsg.FromString(self.connection.recv(timeout=60))
            element = message.delta.new_element
            if element.WhichOneof("type") == "text_input":
                self.password_id = element.text_input.id
            elif element.WhichOneof("type") == "button":
                self.button_id = element.button.id
            said.append(element.alert.body)
            finished = message.WhichOneof("type") == "script_finished"
        return " ".join(said)

    def guess(self, password: str) -> str:
        request = BackMsg()
        states = request.rerun_script.widget_states.widgets
        states.add(id=self.password_id, string_value=password)
        states.add(id=self.button_id, trigger_value=True)
        return self.run(request)


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """`visit(forwarded_for)`: the real dashboard, as nginx shows it to somebody at that address."""
    processes, connections = {}, []

    def start(behind_proxy: str) -> int:
        port = free_port()
        environ = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "CONTROL_PLANE_URL": "http://127.0.0.1:9",
            "CONTROL_PLANE_TOKEN": "x" * 20, "DASHBOARD_PASSWORD": PASSWORD, "DASHBOARD_BEHIND_PROXY": behind_proxy,
        }  # fmt: skip
        command = [sys.executable, "-m", "dashboard", "--port", str(port)]
        with (tmp_path / "dashboard.log").open("wb") as log:
            processes[behind_proxy] = subprocess.Popen(command, cwd=REPOSITORY, env=environ, stdout=log, stderr=log)
        return port

    ports: dict[str, int] = {}

    def visit(forwarded: str, behind_proxy: str = "yes") -> Visitor:
        if behind_proxy not in ports:
            ports[behind_proxy] = start(behind_proxy)
        address = f"ws://127.0.0.1:{ports[behind_proxy]}/_stcore/stream"
        headers = {"X-Forwarded-For": forwarded}

        def answers() -> bool:
            try:
                # From 127.0.0.2: Streamlit's server itself believes the header of whoever comes from 127.0.0.1.
                line = socket.create_connection(("127.0.0.1", ports[behind_proxy]), source_address=("127.0.0.2", 0))
                connections.append(connect(address, sock=line, additional_headers=headers, max_size=None))
            except (OSError, WebSocketException):
                return False
            return True

        wait_until(answers, 60, (tmp_path / "dashboard.log").read_text)
        return Visitor(connections[-1])

    yield visit
    for connection in connections:
        connection.close()
    for process in processes.values():
        process.terminate()
        process.wait(20)


def test_a_stranger_s_guesses_do_not_lock_the_owner_out(visit):
    stranger, owner = visit(STRANGER), visit(OWNER)
    for _ in range(5):
        assert "not right" in stranger.guess("open sesame")
    assert "Too many" in stranger.guess(PASSWORD)
    assert "Too many" in visit(STRANGER).guess("again"), "a new connection is no new visitor"
    assert "Too many" in visit(f"192.0.2.1, {STRANGER}").guess("again"), "what the visitor adds does not count"
    assert "not right" in owner.guess("my old one")
    assert "Too many" not in owner.guess(PASSWORD)
    assert "holds your documents" in owner.run(BackMsg(rerun_script={})), "inside, where no control plane answers"


def test_without_a_proxy_the_header_is_nobody_s_word(visit):
    for number in range(5):
        assert "not right" in visit(f"203.0.113.{number}", behind_proxy="no").guess("open sesame")
    assert "Too many" in visit("203.0.113.99", behind_proxy="no").guess("open sesame")

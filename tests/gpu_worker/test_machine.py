"""How a machine ends itself, against answers that Vast.ai gives."""

import http.server
import json
import threading

import pytest

from gpu_worker.__main__ import pick_engine
from gpu_worker.errors import GpuUnusable, TokenDead, TransientError
from gpu_worker.machine import Machine, destroy_machine


class Answers(http.server.BaseHTTPRequestHandler):
    """Gives the queued answers to DELETE and keeps what was asked."""

    def do_DELETE(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        status, body = self.server.answers.pop(0)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def vast():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def destroy(vast, *answers, say_goodbye=lambda: None):
    vast.answers = list(answers)
    slept = []
    machine = Machine(f"http://127.0.0.1:{vast.server_port}", "4711", "instance-key")
    destroy_machine(machine, say_goodbye, slept.append)
    return slept


def test_destroy_is_tried_every_5_seconds_until_it_is_certain(vast):
    missing_page = (404, {"error": "not_found", "msg": "no such page"})
    slept = destroy(vast, (500, {}), (429, {}), missing_page, (200, {"success": True}))
    assert slept == [5.0, 5.0, 5.0]
    assert set(vast.asked) == {("/api/v0/instances/4711/", "Bearer instance-key")}


def test_instance_that_is_gone_already_counts_as_destroyed(vast):
    gone = (404, {"success": False, "error": "no_such_instance", "msg": "Instance 4711 not found"})
    assert destroy(vast, gone) == []


def test_control_plane_is_told_before_the_machine_vanishes(vast):
    asked_before = []
    destroy(vast, (200, {"success": True}), say_goodbye=lambda: asked_before.append(len(vast.asked)))
    assert asked_before == [0]


def test_control_plane_that_does_not_hear_keeps_no_machine_alive(vast):
    def say_goodbye():
        raise TransientError("control_plane_unavailable", "away")

    assert destroy(vast, (200, {"success": True}), say_goodbye=say_goodbye) == []


def test_machine_without_a_key_asks_until_the_control_plane_hears_it():
    answers = [TransientError("control_plane_unavailable", "away"), None]

    def say_goodbye():
        if error := answers.pop(0):
            raise error

    slept = []
    destroy_machine(Machine("http://127.0.0.1:9", None, None), say_goodbye, slept.append)
    assert slept == [5.0] and not answers


def test_machine_whose_token_is_dead_has_nobody_left_to_ask():
    def say_goodbye():
        raise TokenDead("not in the ledger")

    destroy_machine(Machine("http://127.0.0.1:9", None, None), say_goodbye, pytest.fail)


RENTED = {"CONTAINER_ID": "4711", "CONTAINER_API_KEY": "instance-key"}
LOCAL_MARKET = {"VAST_BASE_URL": "http://127.0.0.1:8080", "EMULATED_MACHINE": "yes"}


@pytest.mark.parametrize(
    ("environ", "is_needed"),
    [
        (RENTED, True),
        ({}, True),  # Vast.ai names no container: it is rented all the same
        (RENTED | {"EMULATED_MACHINE": "yes"}, True),  # at the real Vast.ai nobody may say so
        (RENTED | {"EMULATED_MACHINE": "yes", "VAST_BASE_URL": "https://vast.example.com"}, True),
        (RENTED | LOCAL_MARKET, False),
        (RENTED | LOCAL_MARKET | {"EMULATED_MACHINE": "no"}, True),
        ({"OWN_COMPUTER": "yes"}, False),
    ],
)
def test_a_machine_is_rented_for_its_gpu_unless_it_is_ours_or_emulated_here(environ, is_needed):
    assert Machine.from_env(environ).must_have_gpu is is_needed


def test_on_a_rented_machine_auto_means_the_gpu_or_nothing(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    rented = Machine.from_env(RENTED)
    with pytest.raises(GpuUnusable):
        pick_engine(rented, "auto")
    assert pick_engine(rented, "tesseract") == "tesseract", "named by whoever set the system up"
    assert pick_engine(Machine.from_env(RENTED | LOCAL_MARKET), "auto") == "auto"

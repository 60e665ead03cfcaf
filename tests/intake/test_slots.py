"""How many uploads there are at once, and who is cut off."""

import socket
import threading

import pytest

from control_plane.intake.slots import PIECE_BYTES, Pace, PacedBody, UploadsBusy, UploadSlots
from tests.patience import wait_until


@pytest.mark.parametrize("threads", [1, 2, 4, 16, 48, 400])
def test_half_of_the_threads_stay_for_everything_else(threads: int):
    slots = UploadSlots(threads)
    assert 1 <= slots.uploads <= 12
    assert slots.uploads + slots.waiting <= max(1, threads // 2)


def test_who_finds_no_place_is_told_at_once_and_who_waits_gets_the_next():
    slots, waited = UploadSlots(4), threading.Event()

    def wait() -> None:
        with slots.take():
            waited.set()

    with slots.take():
        waiter = threading.Thread(target=wait)
        waiter.start()
        wait_until(lambda: slots._queued == 1, "the second one waits")
        with pytest.raises(UploadsBusy), slots.take():
            pass
        assert not waited.is_set()
    waiter.join(30)
    assert waited.is_set() and slots._running == slots._queued == 0


def test_who_sends_nothing_is_cut_off_and_who_sends_is_not():
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as stream:
        body = PacedBody(stream, ours, Pace(piece_seconds=0.2))
        theirs.sendall(bytes(PIECE_BYTES) + b"the beginning of a piece")
        assert body.read(10**9) == bytes(PIECE_BYTES)
        assert body.read(10**9) == b"the beginning of a piece"
        assert body.read(10**9) == b""

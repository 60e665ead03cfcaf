"""The real server in processes of its own: cut-off uploads, big uploads in little memory, a polite end."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg

from local_cloud import Cloud
from tests.control_plane.desk import PDF, REPOSITORY, Server, make_desk, wait_until

BOUNDARY = "cut-here"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="big.pdf"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def request_head(server: Server, extra: str) -> bytes:
    token = server.auth["Authorization"]
    return (
        f"POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{extra}\r\n\r\n"
    ).encode()


def read_answer(connection: socket.socket) -> tuple[int, dict]:
    connection.settimeout(30)
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_a_cut_off_upload_leaves_neither_object_nor_row(server: Server, clean_cloud: Cloud):
    for extra, piece in (
        ("Content-Length: 30000000", b"x" * 20_000_000),  # two parts are in the store already
        ("Transfer-Encoding: chunked", b"5\r\nabcde"),
        ("Content-Length: 1000", b"short"),
    ):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            chunked = "chunked" in extra
            head = b"%x\r\n%s\r\n" % (len(HEAD + PDF), HEAD + PDF) if chunked else HEAD + PDF
            connection.sendall(request_head(server, extra) + head + piece)
            connection.shutdown(socket.SHUT_WR)
            status, body = read_answer(connection)
        assert (status, body["code"]) == (400, "upload_cut_off"), extra
    desk = make_desk(clean_cloud)
    assert desk.keys() == [] and desk.sql("select 1 from document_journal") == []
    assert "Uploads" not in desk.clients.storage._client.list_multipart_uploads(Bucket=clean_cloud.spaces_bucket)


def test_a_caller_who_vanishes_leaves_nothing_and_the_server_goes_on(server: Server, clean_cloud: Cloud):
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(request_head(server, "Content-Length: 30000000") + HEAD + PDF + b"x" * 9_000_000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    wait_until(lambda: "upload_cut_off" in server.log.read_text(), 20, server.log.read_text)
    desk = make_desk(clean_cloud)
    assert desk.keys() == [] and desk.sql("select 1 from document_journal") == []
    assert httpx.post(f"{server.url}/api/upload", headers=server.auth, files={"file": PDF}).status_code == 201


def test_however_many_send_slowly_health_and_workers_are_answered(server: Server, clean_cloud: Cloud):
    """More half-sent uploads than the server has threads: some are taken, some wait, the rest may come back."""
    desk = make_desk(clean_cloud)
    worker = desk.add_machine("aseagi-test-00000001")
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(desk.settings.threads + 12)]
    try:
        for connection in slow:
            connection.sendall(request_head(server, "Content-Length: 30000000") + HEAD + PDF)
        told_to_come_back = 0
        while told_to_come_back < 12 + desk.settings.threads // 2:
            answered = select.select(slow, [], [], 30)[0]
            assert answered, "nobody is told to come back"
            for connection in answered:
                assert b"uploads_busy" in read_answer_so_far(connection)
                slow.remove(connection)
                connection.close()  # as nginx does when it has the answer
                told_to_come_back += 1
        with httpx.Client(base_url=server.url, timeout=20) as client:
            for _ in range(3):
                assert client.get("/health").json()["status"] == "healthy"
                asked = client.post("/api/worker/urls", headers=worker, json={})
                assert asked.status_code == 400, asked.text
            assert client.get("/api/jobs", headers=server.auth).status_code == 200
    finally:
        for connection in slow:
            connection.close()
    wait_until(lambda: upload(server).status_code == 201, 30)


def upload(server: Server) -> httpx.Response:
    return httpx.post(f"{server.url}/api/upload", headers=server.auth, files={"file": PDF})


def read_answer_so_far(connection: socket.socket) -> bytes:
    """Head and body of an answer on a connection that stays open."""
    connection.settimeout(30)
    data = connection.recv(65536)
    while b"}" not in data:
        data += connection.recv(65536)
    return data


def test_a_large_upload_goes_through_in_little_memory(server: Server, clean_cloud: Cloud):
    size = 300 * 1024 * 1024
    block = bytes(range(256)) * 4096

    def body():
        yield HEAD + PDF
        for _ in range(size // len(block)):
            yield block
        yield TAIL

    [worker] = server.children()
    before = memory_peak(worker)
    headers = {**server.auth, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    reply = httpx.post(f"{server.url}/api/upload", headers=headers, content=body(), timeout=300)
    assert reply.status_code == 201, reply.text
    grown = memory_peak(worker) - before
    assert grown < 60 * 1024 * 1024, f"grew by {grown / 2**20:.0f} MiB"
    with psycopg.connect(clean_cloud.postgres_url) as connection:
        [(count, key)] = connection.execute("select bytes, object_key from master_document_registry").fetchall()
    assert count == size + len(PDF)
    assert make_desk(clean_cloud).clients.storage.head(key).bytes == count


def test_the_server_ends_on_sigterm_and_leaves_no_process(server: Server):
    children = server.children()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    for child in children:
        try:
            state = Path(f"/proc/{child}/stat").read_text().split()[2]
        except FileNotFoundError:
            continue
        assert state == "Z"


def test_bad_settings_end_the_program_with_every_problem():
    command = [sys.executable, "-m", "control_plane", "serve"]
    ended = subprocess.run(command, env={"PATH": os.environ["PATH"]}, cwd=REPOSITORY, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.count("is missing") > 10


def memory_peak(pid: int) -> int:
    """The most memory a process has had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def test_a_large_body_with_a_wrong_token_is_answered_and_not_cut(server: Server):
    for path in ("/api/upload", "/api/jobs/create"):
        reply = httpx.post(f"{server.url}{path}", headers={"Authorization": "Bearer no"}, content=bytes(30_000_000))
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")


def test_programs_note_that_they_live(server: Server, clean_cloud: Cloud):
    database = make_desk(clean_cloud).clients.database
    environ = clean_cloud.control_plane_environ() | {"PATH": os.environ["PATH"]}
    programs = [["scale"], ["import"], ["reap", "elsewhere"]]
    started = [
        subprocess.Popen([sys.executable, "-m", "control_plane", *words], cwd=REPOSITORY, env=environ)
        for words in programs
    ]
    try:
        lives = {"import", "reap elsewhere", "scale", "serve"}
        wait_until(lambda: {each.name for each in database.get_programs() if not each.is_late} >= lives, 60)
    finally:
        for process in started:
            process.terminate()
            process.wait(40)

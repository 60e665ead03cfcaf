"""The front of the embedded Supabase: serves PostgREST under `/rest/v1` and checks the `apikey` header.

As Supabase's own gateway does: no request without a known key; an opaque key (`sb_publishable_…`, `sb_secret_…`), which
is no JWT, becomes the JWT of its role where no other bearer token comes with it; any other bearer token (a worker's)
passes through, also an opaque key that is not the one in `apikey`: PostgREST refuses that. Run as
`python -m local_cloud.gateway` with GATEWAY_PORT, GATEWAY_UPSTREAM_PORT and GATEWAY_KEYS (JSON: key → JWT).
One asyncio task per connection, keep-alive.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from .ports import LOOPBACK

PREFIX = "/rest/v1"
HEALTH_PATH = "/gateway/health"
HEAD_BYTES = 64 * 1024
BODY_BYTES = 64 * 1024
NO_BODY_STATUS = {"204", "304"}


@dataclass(frozen=True)
class Head:
    """First line and headers of a request or an answer."""

    first_line: str
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    def encode(self) -> bytes:
        lines = [self.first_line, *(f"{key}: {value}" for key, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


def rewrite(head: Head, keys: Mapping[str, str]) -> Head | str:
    """The request as PostgREST gets it, or the sentence that refuses it."""
    method, target, version = head.first_line.split(" ", 2)
    if not target.startswith(PREFIX):
        return "no such path: the REST interface is under /rest/v1"
    apikey = head.get("apikey")
    if apikey is None:
        return "No API key found in request"
    if apikey not in keys:
        return "Invalid API key"
    bearer = (head.get("authorization") or "").removeprefix("Bearer ").strip()
    token = keys[apikey] if bearer in ("", apikey) else bearer
    kept = [(key, value) for key, value in head.headers if key.lower() not in ("authorization", "apikey")]
    target = target.removeprefix(PREFIX) or "/"
    return Head(f"{method} {target} {version}", (*kept, ("Authorization", f"Bearer {token}")))


async def serve(port: int, upstream_port: int, keys: Mapping[str, str]) -> None:
    """Accept connections until cancelled."""
    handler = partial(_serve_connection, upstream_port=upstream_port, keys=keys)
    server = await asyncio.start_server(handler, LOOPBACK, port, limit=HEAD_BYTES)
    async with server:
        await server.serve_forever()


async def _serve_connection(reader, writer, upstream_port: int, keys: Mapping[str, str]) -> None:
    upstream = None
    try:
        while head := await _read_head(reader):
            request = rewrite(head, keys)
            if isinstance(request, str):
                healthy = f" {HEALTH_PATH} " in head.first_line
                await _answer(writer, "200 OK" if healthy else "401 Unauthorized", "ok" if healthy else request)
                break
            try:
                if upstream is None or upstream[0].at_eof():  # PostgREST hangs up on a connection idle for 30 s
                    upstream = await asyncio.open_connection(LOOPBACK, upstream_port, limit=HEAD_BYTES)
                await _relay(request, reader, writer, *upstream)
            except (ConnectionError, asyncio.IncompleteReadError):
                await _answer(writer, "502 Bad Gateway", "the database does not answer; try again in a moment")
                break
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass  # the caller went away or does not speak HTTP
    finally:
        for stream in (writer, upstream[1] if upstream else None):
            if stream is not None:
                stream.close()


async def _relay(request: Head, reader, writer, upstream_reader, upstream_writer) -> None:
    upstream_writer.write(request.encode())
    await _copy_body(request, reader, upstream_writer, until_end=False)
    answer = await _read_head(upstream_reader)
    if answer is None:
        raise ConnectionResetError
    writer.write(answer.encode())
    bodiless = request.first_line.startswith("HEAD ") or answer.first_line.split(" ")[1] in NO_BODY_STATUS
    if not bodiless:
        await _copy_body(answer, upstream_reader, writer, until_end=True)
    await writer.drain()


async def _read_head(reader) -> Head | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first_line, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return Head(first_line, headers)


async def _copy_body(head: Head, reader, writer, until_end: bool) -> None:
    """Forward a body by its length, by its chunks, or (an answer that tells neither) until the end."""
    length = head.get("content-length")
    if length is not None:
        await _copy(reader, writer, int(length))
    elif "chunked" in (head.get("transfer-encoding") or ""):
        await _copy_chunks(reader, writer)
    elif until_end:
        while part := await reader.read(BODY_BYTES):
            writer.write(part)
            await writer.drain()
    await writer.drain()


async def _copy_chunks(reader, writer) -> None:
    size = None
    while size != 0:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        writer.write(line)
        await _copy(reader, writer, size + 2)


async def _copy(reader, writer, length: int) -> None:
    while length > 0:
        part = await reader.read(min(length, BODY_BYTES))
        if not part:
            raise ConnectionResetError
        writer.write(part)
        await writer.drain()
        length -= len(part)


async def _answer(writer, status: str, message: str) -> None:
    body = json.dumps({"message": message}).encode()
    head = Head(
        f"HTTP/1.1 {status}",
        (("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")),
    )
    writer.write(head.encode() + body)
    await writer.drain()


def main() -> None:
    environ = os.environ
    keys = json.loads(environ["GATEWAY_KEYS"])
    asyncio.run(serve(int(environ["GATEWAY_PORT"]), int(environ["GATEWAY_UPSTREAM_PORT"]), keys))


if __name__ == "__main__":
    main()

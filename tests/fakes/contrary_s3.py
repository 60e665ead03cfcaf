"""A proxy before the real S3 that has another store's manners; `manners` may change between requests.

`wants_md5`       Ceph: a bucket's lifecycle, policy or lock without Content-MD5 is refused
`overwrites`      If-None-Match is ignored: a second PUT is taken (and kept: `kept` says which bytes)
`knows_no_if`     501 to a PUT with If-None-Match
`public`          whoever asks without a signature is answered
`read_only`       403 AccessDenied to whatever is not reading
`hides_rules`     403 to who asks for the lifecycle
`full`            403 QuotaExceeded to every byte more (Ceph, Spaces)
`disk_full`       507 to every byte more
`away`            503 ServiceUnavailable to everything
`key_gone`        403 InvalidAccessKeyId to everything signed
`no_bucket`       404 NoSuchBucket to everything
`pauses_lists`    Ceph: a page of a listing that has nothing, and that there is more
`keeps_one`       403 AccessDenied to whoever reads an object named secret…, which is its owner's
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx

PAUSED_LIST = (
    b"<?xml version='1.0'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Name>aseagi</Name>"
    b"<KeyCount>0</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>__TOKEN__</NextContinuationToken>"
    b"</ListBucketResult>"
)
SETTINGS = {"lifecycle", "policy", "object-lock"}


@dataclass
class ContraryS3:
    """Where it is, what is odd about it, and what it was sent."""

    manners: set[str] = field(default_factory=set)
    kept: dict[str, bytes] = field(default_factory=dict)
    url: str = ""
    paused_lists: int = 0
    listed_after: str = ""
    list_url: Callable[[str, str], str] = "{}{}".format
    """A signed address of the listing of a prefix behind a key, for `pauses_lists`."""


@contextmanager
def contrary_s3(endpoint: str, *manners: str) -> Iterator[ContraryS3]:
    """Stand before the S3 at `endpoint`."""
    store = ContraryS3(set(manners))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_) -> None:
            pass

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            refused = refusal(store, self.command, self.path, self.headers, body)
            if refused:
                return self.answer(*refused)
            if "pauses_lists" in store.manners and "continuation-token=" in self.path:
                asked = parse_qs(urlsplit(self.path).query)
                reply = httpx.get(store.list_url(asked.get("prefix", [""])[0], store.listed_after))
                return self.answer(reply.status_code, reply.content)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            reply = httpx.request(self.command, f"{endpoint}{self.path}", headers=headers, content=body, timeout=30)
            if self.command == "PUT" and reply.is_success:
                store.kept[urlsplit(self.path).path] = body
            self.answer(reply.status_code, reply.content, dict(reply.headers))

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            given = {name.lower(): value for name, value in (headers or {}).items()}
            kept = {name: value for name, value in given.items() if name not in ("transfer-encoding", "connection")}
            if self.command != "HEAD":
                kept["content-length"] = str(len(body))
            self.send_response_only(status)
            for name, value in kept.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    store.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()


def refusal(store: ContraryS3, method: str, path: str, headers, body: bytes) -> tuple[int, bytes] | None:
    """What this store answers where it is another than the one behind it."""
    query, place = parse_qs(urlsplit(path).query, keep_blank_values=True), urlsplit(path).path
    sets = method == "PUT" and SETTINGS & query.keys()
    if "wants_md5" in store.manners and sets and headers.get("Content-MD5") != md5_of(body):
        return 400, error("InvalidRequest", "Missing required header for this request: Content-MD5")
    if "read_only" in store.manners and method in ("PUT", "POST", "DELETE"):
        return 403, error("AccessDenied")
    if "hides_rules" in store.manners and method == "GET" and "lifecycle" in query:
        return 403, error("AccessDenied")
    if "knows_no_if" in store.manners and method == "PUT" and "If-None-Match" in headers:
        return 501, error("NotImplemented")
    if "public" in store.manners and method == "GET" and not query and "Authorization" not in headers:
        return 200, store.kept.get(place, b"")
    if method in ("PUT", "POST") and store.manners & {"full", "disk_full"}:
        return (403, error("QuotaExceeded")) if "full" in store.manners else (507, error("InsufficientStorage"))
    if "away" in store.manners:
        return 503, error("ServiceUnavailable")
    if "key_gone" in store.manners:
        return 403, error("InvalidAccessKeyId")
    if "no_bucket" in store.manners:
        return 404, error("NoSuchBucket")
    if "keeps_one" in store.manners and method == "GET" and "/secret" in place:
        return 403, error("AccessDenied")
    if "pauses_lists" in store.manners and query.get("list-type") == ["2"] and "continuation-token" not in query:
        store.paused_lists += 1
        store.listed_after = query.get("start-after", [""])[0]
        return 200, PAUSED_LIST
    if "overwrites" in store.manners and "X-Amz-Signature" in query:
        if method == "PUT" and place in store.kept:
            store.kept[place] = body
            return 200, b""
        if method == "GET" and place in store.kept:
            return 200, store.kept[place]
    return None


def md5_of(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def error(code: str, message: str = "") -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

"""The bucket: an artifact is left and fetched as machines do it, an upload as the front desk does it (wire)."""

from __future__ import annotations

import base64
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from hashlib import md5

import httpx

from control_plane.doctor.probes import Probe, Trouble, look
from control_plane.errors import ControlPlaneError
from control_plane.storage.artifacts import Artifact
from control_plane.storage.bucket import PutTarget, Storage

DOOR = "bucket"
SECONDS = 60
TIMEOUT_SECONDS = 30.0
BODY = b"the doctor was here"
OTHER = BODY[::-1]  # of the same length
OUR_RULES = ("aseagi-cache", "aseagi-unfinished-uploads")


@dataclass(frozen=True)
class Sample:
    """One object under `cache/`, which a lifecycle rule removes should we not get to it."""

    storage: Storage
    key: str
    target: PutTarget

    def put(self, body: bytes, without: str = "") -> httpx.Response:
        """What a machine sends with the address it was given. Raises Trouble where there is no answer."""
        headers = {name: value for name, value in self.target.headers.items() if name != without}
        try:
            return httpx.put(self.target.url, content=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            raise Trouble("bucket_put_refused", f"A signed PUT got no answer ({type(error).__name__}).") from None


def examine(storage: Storage) -> list[Probe]:
    """Everything that workers and the front desk do in the bucket; it leaves nothing there."""
    answers = look(DOOR, "answers", storage.ping)
    if answers.state == "fault":
        return [answers]
    sample = make_sample(storage)
    try:
        first = look(DOOR, "a machine leaves a result", lambda: _leave(sample))
        found = [answers, first]
        if first.state == "ok":
            found += [
                look(DOOR, "a signed address reads", lambda: _fetch(sample)),
                look(DOOR, "a second time", lambda: _leave_again(sample)),
                look(DOOR, "other bytes later", lambda: _overwrite_late(sample)),
                look(DOOR, "nobody reads without", lambda: _fetch_unsigned(sample)),
            ]
    finally:
        with suppress(ControlPlaneError):
            storage.delete(sample.key)
    upload = look(DOOR, "an upload is written, listed, copied and deleted", lambda: _upload(storage))
    return [
        *found,
        upload,
        look(DOOR, "versions", lambda: _versions(storage)),
        look(DOOR, "rules", lambda: _rules(storage)),
        look(DOOR, "scripts of other pages", lambda: _origins(storage)),
    ]


def make_sample(storage: Storage) -> Sample:
    """An object that is not there yet, and the address that lets a machine write it."""
    key = f"cache/doctor/{secrets.token_hex(8)}"
    artifact = Artifact("ocr.txt", len(BODY), base64.b64encode(md5(BODY, usedforsecurity=False).digest()).decode())
    return Sample(storage, key, storage.presign_put(key, artifact, SECONDS))


def _leave(sample: Sample) -> str:
    reply = sample.put(BODY)
    if reply.status_code == 501:
        raise Trouble("bucket_put_not_conditional", "The store knows no If-None-Match on PUT, and takes no result.")
    if not reply.is_success:
        raise Trouble("bucket_put_refused", f"A signed PUT was refused ({_told(reply)}).")
    return "A machine's signed PUT is taken."


def _leave_again(sample: Sample) -> str:
    reply = sample.put(BODY)
    if reply.is_success:
        raise Trouble(
            "bucket_put_not_conditional", "The same signed PUT was taken twice: the store ignores If-None-Match."
        )
    if reply.status_code != 412:
        raise Trouble("bucket_put_refused", f"The second PUT was refused otherwise than with 412 ({_told(reply)}).")
    return "The second PUT is refused (412)."


def _overwrite_late(sample: Sample) -> str:
    """What a host that kept the address would try: other bytes, and no condition."""
    for without in ("", "If-None-Match", "Content-MD5"):
        reply = sample.put(OTHER, without)
        if reply.is_success and _read(sample) != BODY:
            raise Trouble("bucket_overwritten", "The address of a result took other bytes after the result was there.")
    return "The address takes no other bytes, whatever is left out."


def _fetch(sample: Sample) -> str:
    if _read(sample) != BODY:
        raise Trouble("bucket_loses_writes", "A signed GET answers other bytes than were put.")
    return "A signed GET gives the bytes."


def _read(sample: Sample) -> bytes:
    try:
        reply = httpx.get(sample.storage.presign_get(sample.key, SECONDS), timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise Trouble("bucket_get_refused", f"A signed GET got no answer ({type(error).__name__}).") from None
    if not reply.is_success:
        raise Trouble("bucket_get_refused", f"A signed GET was refused ({_told(reply)}).")
    return reply.content


def _fetch_unsigned(sample: Sample) -> str:
    try:
        reply = httpx.get(sample.target.url.partition("?")[0], timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError:
        return "Without a signature there is no answer."
    if reply.is_success:
        raise Trouble("bucket_is_public", "An object was read without any signature.")
    return f"Without a signature nothing is read ({reply.status_code})."


def _upload(storage: Storage) -> str:
    prefix = f"cache/doctor/{secrets.token_hex(8)}/"
    keys = [f"{prefix}upload", f"{prefix}copy"]
    try:
        writer = storage.open_writer(keys[0], "text/plain", {"source": "doctor"})
        writer.write(BODY)
        writer.finish()
        storage.copy(storage.head(keys[0]), keys[1])
        listed = [each.key for each in storage.list_page(prefix)]
        if listed != sorted(keys) or storage.read_range(keys[1], 4, 10) != BODY[4:10]:
            raise Trouble("bucket_loses_writes", "An object that was written and copied is not listed or not whole.")
    finally:
        for key in keys:
            storage.delete(key)
    return "Writing, copying, listing, reading in parts and deleting work."


def _versions(storage: Storage) -> str:
    if not storage.keeps_versions():
        raise Trouble("bucket_without_versions", "The bucket keeps no versions.", "warning")
    return "What is deleted or overwritten stays as a version."


def _rules(storage: Storage) -> str:
    rules = storage.list_rules()
    if rules is None:
        raise Trouble("bucket_lifecycle_hidden", "The key may not read the bucket's lifecycle rules.", "warning")
    missing = [name for name in OUR_RULES if name not in rules]
    if missing:
        raise Trouble("bucket_lifecycle_missing", f"The bucket lacks the rule {' and '.join(missing)}.", "warning")
    return "cache/ and unfinished uploads expire."


def _origins(storage: Storage) -> str:
    if "*" in storage.list_origins():
        raise Trouble("bucket_cors_open", "A CORS rule lets scripts of any page read the bucket.", "warning")
    return "Our pages read the bucket through us, so it needs no CORS rule, and none is open to all."


def _told(reply: httpx.Response) -> str:
    """`403 SignatureDoesNotMatch`; never the rest of the answer, which may repeat the address."""
    code = re.search(r"<Code>(\w{1,60})</Code>", reply.text)
    return f"{reply.status_code} {code.group(1)}" if code else str(reply.status_code)

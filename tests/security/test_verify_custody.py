"""An exported record after each kind of tampering: `verify_custody.py` names it; untouched it is clean.

Most are done as the house itself could: the manifest is made anew and signed with the house's own key.
"""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control_plane.record.signing import load_key
from local_cloud import Cloud
from scripts import verify_custody
from tests.cleaning import make_clean
from tests.control_plane.desk import PDF, REPOSITORY, complete_a_document, make_desk
from tests.fakes.timestamp_authority import serve_timestamps

SCRIPT = REPOSITORY / "scripts" / "verify_custody.py"
Files = dict[str, bytes]


@dataclass
class Exported:
    """An export of the sample case, the house's key, and the head that was sent outside."""

    files: Files
    key: Ed25519PrivateKey
    head: bytes

    def sign(self, files: Files, key: Ed25519PrivateKey | None = None) -> None:
        """Make the manifest anew, as the house could."""
        key = key or self.key
        manifest = json.loads(files["manifest.json"])
        names = [name for name in files if not name.startswith(("manifest", "originals/"))]
        manifest["files"] = {name: sha256(files[name]).hexdigest() for name in names}
        manifest["public_key"] = key.public_key().public_bytes_raw().hex()
        files["manifest.json"] = json.dumps(manifest).encode()
        files["manifest.sig"] = key.sign(files["manifest.json"]).hex().encode()


@pytest.fixture(scope="module")
def exported(cloud: Cloud, seed_rows: dict, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """Two documents that were read, one that waits, a tag and a correction; time-stamped by `openssl ts`."""
    make_clean(cloud, seed_rows)
    folder = tmp_path_factory.mktemp("authority")
    with serve_timestamps(folder) as url:
        stamped = {"RECORD_TIMESTAMP_URL": url, "RECORD_TIMESTAMP_CA_FILE": str(folder / "root.pem")}
        desk = make_desk(cloud, **stamped)
        document_id = complete_a_document(desk)
        desk.upload(PDF + b"\n", "second.pdf")
        decided = desk.post("/api/decisions", documents=[document_id], add_tags=["school"], why="it is one")
        assert decided.status_code == 201, decided.json
        desk.post("/api/decisions", documents=[document_id], correct={"case_number": "2:24-cv-9"})
        desk.clients.database.make_matter("Another", "Dana")
        desk.sql("update access_log set created_at = created_at - interval '1 hour'")
        reply = desk.get("/api/custody/export", originals="true")
        assert reply.status_code == 200, reply.json
        with zipfile.ZipFile(io.BytesIO(reply.data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        assert files[f"originals/{sha256(PDF).hexdigest()}"] == PDF
        setting = desk.settings.record_signing_key
        assert setting
        key = desk.clients.storage.list_page("processed/record/")[-1].key
        head = b"".join(desk.clients.storage.read_chunks(key))
        yield Exported(files, load_key(setting), head)


def check(folder: Path, files: Files, capsys, *arguments: str) -> tuple[int, str]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    status = verify_custody.main([str(folder), *arguments])
    return status, capsys.readouterr().out


def lines(files: Files, name: str) -> list[str]:
    return files[name].decode().splitlines()


def put(files: Files, name: str, wanted: list[str]) -> None:
    files[name] = ("\n".join(wanted) + "\n").encode()


def in_rows(table: str, change: Callable[[list[str]], list[str]]) -> Callable[[Files], None]:
    """Tamper with the rows of the first sealed set of a table."""

    def tamper(files: Files) -> None:
        sets = [json.loads(line) for line in lines(files, "rows.jsonl")]
        found = next(each for each in sets if each["sealed"].startswith(f"{table}/") and each["lines"])
        found["lines"] = change(found["lines"])
        put(files, "rows.jsonl", [json.dumps(each) for each in sets])

    return tamper


def changed(**values: object) -> Callable[[list[str]], list[str]]:
    return lambda rows: [json.dumps({**json.loads(rows[0]), **values}), *rows[1:]]


def forged_finding(rows: list[str]) -> list[str]:
    finding = {**json.loads(rows[0]), "quote": "I lied", "verified": True, "score": 99, "kind": "perjury"}
    return [*rows, json.dumps(finding)]


def whole_set(table: str, new: str | None = None) -> Callable[[Files], None]:
    """Take a sealed set away, or give it another name."""

    def tamper(files: Files) -> None:
        sets = [json.loads(line) for line in lines(files, "rows.jsonl")]
        at = next(n for n, each in enumerate(sets) if each["sealed"].startswith(f"{table}/") and each["lines"])
        if new is None:
            del sets[at]
        else:
            sets.append({**sets[at], "sealed": new})
        put(files, "rows.jsonl", [json.dumps(each) for each in sets])

    return tamper


def in_lines(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Files], None]:
    return lambda files: put(files, name, change(lines(files, name)))


def in_event(kind: str, **values: object) -> Callable[[Files], None]:
    def change(rows: list[str]) -> list[str]:
        at = next(n for n, row in enumerate(rows) if json.loads(row)["kind"] == kind)
        return [*rows[:at], json.dumps({**json.loads(rows[at]), **values}), *rows[at + 1 :]]

    return in_lines("events.jsonl", change)


def in_line(name: str, at: int, **values: object) -> Callable[[Files], None]:
    def change(rows: list[str]) -> list[str]:
        rows[at] = json.dumps({**json.loads(rows[at]), **values})
        return rows

    return in_lines(name, change)


def remove_a_document(files: Files) -> None:
    """With every row and event about it, its entries in the log closed up: as if it had never come."""
    gone = json.loads(lines(files, "rows.jsonl")[0])["sealed"].partition("/")[2]
    rows = [row for row in lines(files, "rows.jsonl") if gone not in row]
    about = [json.loads(row) for row in lines(files, "events.jsonl") if gone in row]
    ids = {event["id"] for event in about}
    put(files, "rows.jsonl", rows)
    put(files, "events.jsonl", [row for row in lines(files, "events.jsonl") if json.loads(row)["id"] not in ids])
    put(files, "log.jsonl", [row for row in lines(files, "log.jsonl") if json.loads(row)["event"] not in ids])


def swap(rows: list[str]) -> list[str]:
    return [rows[1], rows[0], *rows[2:]]


def flip_original(files: Files) -> None:
    name = next(name for name in files if name.startswith("originals/"))
    files[name] = files[name][:-1] + b"?"


def flip_token(files: Files) -> None:
    heads = [json.loads(row) for row in lines(files, "heads.jsonl")]
    token = heads[0]["timestamp_token"]
    heads[0]["timestamp_token"] = token[:-40] + ("A" if token[-40] != "A" else "B") + token[-39:]
    put(files, "heads.jsonl", [json.dumps(head) for head in heads])


TAMPERINGS = {
    "a verified perjury is added": (in_rows("document_findings", forged_finding), "document_findings/"),
    "a finding's words": (in_rows("document_findings", changed(quote="he was there")), "he was there"),
    "a finding's score": (in_rows("document_findings", changed(score=5)), "document_findings/"),
    "a finding is taken away": (in_rows("document_findings", lambda rows: rows[1:]), "rows are missing"),
    "all findings are taken away": (whole_set("document_findings"), "missing"),
    "a claim's words": (in_rows("document_claims", changed(quote="never")), "document_claims/"),
    "a claim is added": (in_rows("document_claims", lambda rows: [*rows, rows[0]]), "document_claims/"),
    "a claim is taken away": (in_rows("document_claims", lambda rows: rows[:-1]), "rows are missing"),
    "claims are reordered": (in_rows("document_claims", swap), "reordered"),
    "the text people read": (in_rows("document_repository", changed(text="he was there")), "document_repository/"),
    "the text is taken away": (whole_set("document_repository"), "missing"),
    "a page's outcome": (in_rows("document_pages", changed(outcome="blank")), "document_pages/"),
    "a page is taken away": (in_rows("document_pages", lambda rows: rows[1:]), "rows are missing"),
    "a page is added": (in_rows("document_pages", lambda rows: [*rows, rows[0]]), "document_pages/"),
    "the name it came under": (in_rows("document_journal", changed(original_filename="x.pdf")), "document_journal/"),
    "the time it came": (in_rows("document_journal", changed(created_at="2020-01-01T00:00:00")), "document_journal/"),
    "the door it came by": (in_rows("document_journal", changed(source="mail")), "document_journal/"),
    "an arrival is taken away": (whole_set("document_journal"), "missing"),
    "an arrival is added": (whole_set("document_journal", "document_journal/0"), "added"),
    "a shown score": (in_rows("master_document_registry", changed(perjury_score=100)), "master_document_registry/"),
    "a shown date": (in_rows("master_document_registry", changed(document_date="2020-01-01")), "registry/"),
    "who analysed it": (in_rows("analysis_runs", changed(model="another")), "analysis_runs/"),
    "an analysis is added": (whole_set("analysis_runs", "analysis_runs/0"), "added"),
    "what a person said": (in_rows("judgements", changed(value=False)), "judgements/"),
    "what a person said before": (in_rows("decision_changes", changed(after=None)), "decision_changes/"),
    "who decided": (in_rows("decisions", changed(decided_by="Eve")), "decisions/"),
    "a decision is taken away": (whole_set("decisions"), "missing"),
    "who made a matter": (in_rows("case_decisions", changed(decided_by="Eve")), "case_decisions/"),
    "that a matter was made": (whole_set("case_decisions"), "missing"),
    "that another matter was made": (whole_set("case_decisions", "case_decisions/0"), "added"),
    "an event's time": (in_event("job_completed", at=1), "altered"),
    "which machine read it": (in_event("job_completed", machine="another"), "altered"),
    "a hash in the record": (in_event("job_completed", payload={"sha256": "0" * 64}), "altered"),
    "an event is taken away": (in_lines("events.jsonl", lambda rows: rows[1:]), "missing: the log has it"),
    "an event is added": (
        in_lines("events.jsonl", lambda rows: [*rows, json.dumps({**json.loads(rows[0]), "id": 99999})]), "added"
    ),
    "an event stands twice": (in_lines("events.jsonl", lambda rows: [*rows, rows[0]]), "twice"),
    "events are reordered": (in_lines("events.jsonl", swap), "reordered"),
    "an entry of the log": (in_line("log.jsonl", 1, event_hash="0" * 64), "entry 2"),
    "an entry's hash": (in_line("log.jsonl", 1, hash="0" * 64), "entry 2"),
    "an entry is taken away": (in_lines("log.jsonl", lambda rows: [rows[0], *rows[2:]]), "are missing"),
    "the end of the log is cut off": (in_lines("log.jsonl", lambda rows: rows[:2]), "head"),
    "entries are reordered": (in_lines("log.jsonl", swap), "out of order"),
    "a document is removed with all its traces": (remove_a_document, "are missing"),
    "a head's hash": (in_line("heads.jsonl", 0, hash="0" * 64), "head"),
    "a head's statement": (in_line("heads.jsonl", 0, statement="entries: 1"), "head"),
    "a head's signature": (in_line("heads.jsonl", 0, signature="00" * 64), "its signature does not hold"),
    "a time stamp": (flip_token, "time stamp does not hold"),
    "the authority": (lambda files: files.update({"authority.pem": b""}), "time stamp does not hold"),
    "an original's bytes": (flip_original, "its hash is not its name"),
    "an original is taken away": (lambda files: files.pop(f"originals/{sha256(PDF).hexdigest()}"), "is missing"),
    "an original is added": (
        lambda files: files.update({f"originals/{sha256(b'x').hexdigest()}": b"x"}), "no document of the record"
    ),
}  # fmt: skip


def test_an_untouched_export_is_clean(exported: Exported, tmp_path: Path, capsys):
    assert len(TAMPERINGS) >= 30
    (tmp_path / "kept.json").write_bytes(exported.head)
    key = exported.key.public_key().public_bytes_raw().hex()
    arguments = ("--key", key, "--head", str(tmp_path / "kept.json"))
    status, out = check(tmp_path / "export", exported.files, capsys, *arguments)
    assert (status, out.count("NOT AS RECORDED")) == (0, 0), out
    assert "time-stamped at" in out and "Clean" in out


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_each_kind_of_tampering_by_the_house_itself_is_named(exported: Exported, kind: str, tmp_path: Path, capsys):
    tamper, named = TAMPERINGS[kind]
    files = dict(exported.files)
    tamper(files)
    assert files != exported.files
    exported.sign(files)
    status, out = check(tmp_path, files, capsys)
    assert status == 1, kind
    assert any(line.startswith("NOT AS RECORDED") and named in line for line in out.splitlines()), out


def test_each_byte_of_each_file_counts(exported: Exported, tmp_path: Path, capsys):
    """Without the house's key: one byte flipped in the middle of each file, each file taken away, one put beside."""
    for name in exported.files:
        files = dict(exported.files)
        middle = len(files[name]) // 2
        files[name] = files[name][:middle] + bytes([files[name][middle] ^ 1]) + files[name][middle + 1 :]
        status, _ = check(tmp_path / f"flipped-{name.replace('/', '-')}", files, capsys)
        assert status != 0, name
        if not name.startswith("originals/"):
            del files[name]
            status, _ = check(tmp_path / f"without-{name.replace('/', '-')}", files, capsys)
            assert status != 0, name
    assert check(tmp_path / "more", {**exported.files, "more.txt": b"x"}, capsys)[0] == 1


def test_a_record_that_the_house_writes_anew_as_a_whole_is_known_by_a_head_that_was_sent(
    exported: Exported, tmp_path: Path, capsys
):
    """Every hash and signature is right again, with the house's key; only what was sent outside says otherwise."""
    files = dict(exported.files)
    events = [json.loads(row) for row in lines(files, "events.jsonl")]
    before: dict[str | None, str] = {}
    texts, log, end = [], [], ""
    for event in events:
        event["payload"].pop("code", None)
        if event["document_id"]:
            event["previous_hash"] = before.get(event["document_id"])
        texts.append(json.dumps(event))
        digest = sha256(texts[-1].encode()).hexdigest()
        before[event["document_id"]] = digest
        end = sha256(f"{end}|{len(log) + 1}|{digest}".encode()).hexdigest()
        log.append(json.dumps({"seq": len(log) + 1, "event": event["id"], "event_hash": digest, "hash": end}))
    seq = json.loads(exported.head)["seq"]
    head = {**json.loads(exported.head), "hash": json.loads(log[seq - 1])["hash"], "timestamp_token": None}
    head["statement"] = f"ASEAGI record of x\nentries: {seq}\nhash: {head['hash']}\nsigned at: 2026-01-01\n"
    head["signature"] = exported.key.sign(head["statement"].encode()).hex()
    put(files, "events.jsonl", texts)
    put(files, "log.jsonl", log)
    put(files, "heads.jsonl", [json.dumps(head)])
    exported.sign(files)
    assert check(tmp_path / "anew", files, capsys)[0] == 0, "nothing inside it can tell"
    (tmp_path / "kept.json").write_bytes(exported.head)
    status, out = check(tmp_path / "anew", files, capsys, "--head", str(tmp_path / "kept.json"))
    assert status == 1 and "it was written anew" in out


def test_an_export_that_another_signed_is_known_by_the_key(exported: Exported, tmp_path: Path, capsys):
    files = dict(exported.files)
    exported.sign(files, Ed25519PrivateKey.generate())
    key = exported.key.public_key().public_bytes_raw().hex()
    status, out = check(tmp_path, files, capsys, "--key", key)
    assert status == 1 and "another key" in out


def test_a_stranger_runs_one_file_and_nothing_else(exported: Exported, tmp_path: Path):
    """The script alone in an empty folder, without our packages: exit status 0, 1, and 2 for what is no export."""
    script = tmp_path / "verify_custody.py"
    script.write_bytes(SCRIPT.read_bytes())
    whole = tmp_path / "record.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in exported.files.items():
            archive.writestr(name, content)
    run = lambda path: subprocess.run(  # noqa: E731
        [sys.executable, "-I", str(script), str(path)], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run(whole).returncode == 0
    assert run(tmp_path / "nothing").returncode != 0

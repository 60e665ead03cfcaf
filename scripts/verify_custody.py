"""Checks an exported record without the house: `python verify_custody.py FOLDER [--key HEX] [--head FILE]`.

Needs Python 3.11 and `cryptography`. It names each thing that was altered, added, removed or reordered.
Exit status: 0 clean, 1 something is not what it was, 2 the folder cannot be read.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NEEDED = ("README.txt", "heads.jsonl", "log.jsonl", "events.jsonl", "rows.jsonl")
WITHHELD = "access_log/"  # who looked at what
EMPTY = hashlib.sha256(b"").hexdigest()
DIGESTS = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def sha_of_file(content):
    """Of bytes, or of a path of the folder or the ZIP, which is read in pieces."""
    if isinstance(content, bytes):
        return sha(content)
    digest = hashlib.sha256()
    with content.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass
class Report:
    """What was found. A fault names its thing; a note says what was not checked."""

    faults: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def fault(self, thing, what):
        line = f"{thing}: {what}"
        if line not in self.faults:
            self.faults.append(line)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the exported folder, or its ZIP")
    parser.add_argument(
        "--key", action="append", default=[], type=str.lower,
        help="the public key (hex) as it stands in the heads you were sent; each of them, where it was changed",
    )
    parser.add_argument(
        "--head", type=Path, action="append", default=[], help="a head you kept: a file of processed/record/"
    )
    chosen = parser.parse_args(arguments)
    report = Report()
    try:
        files = read_folder(chosen.folder)
        kept = [json.loads(path.read_text()) for path in chosen.head]
        counts = check(files, report, chosen.key, kept)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as problem:
        print(f"cannot be read: {type(problem).__name__}: {problem}", file=sys.stderr)
        return 2 if not report.faults else 1
    for line in report.faults:
        print(f"NOT AS RECORDED  {line}")
    for line in report.notes:
        print(f"note  {line}")
    print(counts)
    print(f"{len(report.faults)} faults" if report.faults else "Clean: all of this is what the record says of it.")
    return 1 if report.faults else 0


def read_folder(path):
    """name → bytes of everything but originals, which may be large: those as paths."""
    if path.is_file():
        folder = zipfile.ZipFile(path)
        names = [name for name in folder.namelist() if not name.endswith("/")]
        return {n: zipfile.Path(folder, n) if n.startswith("originals/") else folder.read(n) for n in names}
    found = {}
    for each in sorted(path.rglob("*")):
        if each.is_file():
            name = each.relative_to(path).as_posix()
            found[name] = each if name.startswith("originals/") else each.read_bytes()
    return found


def check(files, report, keys, kept):
    """Everything, in order; returns one line of what was checked."""
    for name in (*NEEDED, "manifest.json", "manifest.sig"):
        if name not in files:
            report.fault(name, "missing")
    manifest = check_manifest(files, report, keys)
    entries = [json.loads(line) for line in lines(files, "log.jsonl")]
    texts = lines(files, "events.jsonl")
    heads = [json.loads(line) for line in lines(files, "heads.jsonl")]
    rows = [json.loads(line) for line in lines(files, "rows.jsonl")]
    check_log(entries, report)
    events = check_events(entries, texts, manifest, report)
    check_heads(heads, kept, entries, {manifest.get("public_key"), *keys}, files.get("authority.pem"), report)
    told = check_chains(events, report)
    check_rows(rows, told, report)
    check_judgements(rows, report)
    check_documents(manifest, rows, events, report)
    originals = check_originals(files, events, manifest, report)
    return (
        f"checked {len(entries)} entries, {len(events)} events, {len(rows)} sealed sets, {len(heads)} heads, "
        f"{originals} originals; public key {manifest.get('public_key', '?')}"
    )


def lines(files, name):
    return [line for line in files.get(name, b"").decode().split("\n") if line]


def check_manifest(files, report, keys):
    raw = files.get("manifest.json", b"{}")
    manifest = json.loads(raw)
    told = manifest.get("public_key", "")
    if keys and told not in keys:
        report.fault("manifest.json", "signed with another key than the one you gave")
    if not verify_ed25519(told, files.get("manifest.sig", b"").decode().strip(), raw):
        report.fault("manifest.json", "altered: its signature does not hold")
    if not keys:
        report.notes.append("give --key with the public key of a head you were sent: else anybody may have signed this")
    for name, digest in manifest.get("files", {}).items():
        if name not in files:
            report.fault(name, "missing")
        elif sha(files[name]) != digest:
            report.fault(name, "altered since it was exported")
    for name in files:
        known = name in manifest.get("files", {}) or name.startswith(("manifest.", "originals/"))
        if not known:
            report.fault(name, "added since it was exported")
    return manifest


def verify_ed25519(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_log(entries, report):
    before, wanted = "", 1
    for entry in entries:
        seq = entry["seq"]
        if seq != wanted:
            report.fault(
                f"entry {seq}", "out of order" if seq < wanted else f"entries {wanted} to {seq - 1} are missing"
            )
        if entry["hash"] != sha(f"{before}|{seq}|{entry['event_hash']}".encode()):
            report.fault(f"entry {seq}", "altered, or does not follow the entry before it")
        before, wanted = entry["hash"], seq + 1
    for event, times in Counter(entry["event"] for entry in entries).items():
        if times > 1:
            report.fault(f"event {event}", f"stands {times} times in the log")


def check_events(entries, texts, manifest, report):
    """The events by their id; all of them must stand in the log, and, where all is exported, none be missing."""
    logged = {entry["event"]: entry for entry in entries}
    events, last = {}, 0
    for text in texts:
        event = json.loads(text)
        entry = logged.get(event["id"])
        if event["id"] in events:
            report.fault(f"event {event['id']}", "added: it stands here twice")
        elif entry is None:
            report.fault(f"event {event['id']}", "added: the log does not know it")
        elif entry["event_hash"] != sha(text.encode()):
            report.fault(f"event {event['id']}", "altered")
        elif entry["seq"] < last:
            report.fault(f"event {event['id']}", "reordered")
        last = max(last, entry["seq"] if entry else 0)
        events.setdefault(event["id"], event | {"hash": sha(text.encode())})
    others = [event for event in logged if event not in events]
    if manifest.get("documents") is None:
        for event in others:
            report.fault(f"event {event}", "missing: the log has it")
    elif others:
        report.notes.append(f"{len(others)} entries belong to documents that are not in this export")
    return events


def check_heads(heads, kept, entries, keys, authority, report):
    hash_of = {entry["seq"]: entry["hash"] for entry in entries}
    stamped = 0
    for head, is_kept in [(head, False) for head in heads] + [(head, True) for head in kept]:
        name = f"head {head['seq']}" + (" that you kept" if is_kept else "")
        stated = dict(line.split(": ", 1) for line in head["statement"].splitlines() if ": " in line)
        if stated.get("entries") != str(head["seq"]) or stated.get("hash") != head["hash"]:
            report.fault(name, "altered: it is not what was signed")
        if head["public_key"] not in keys:
            report.fault(name, "signed with another key than this export: if it was changed, give both with --key")
        if not verify_ed25519(head["public_key"], head["signature"], head["statement"].encode()):
            report.fault(name, "altered: its signature does not hold")
        if head["seq"] > (entries[-1]["seq"] if entries else 0):
            report.fault(name, "the log is older than this head: entries at its end are missing")
        elif hash_of.get(head["seq"]) != head["hash"]:
            report.fault(name, "the log does not lead to it: it was written anew")
        if head.get("timestamp_token"):
            stamped += 1
            check_timestamp(name, head, authority, report)
    if [head["seq"] for head in heads] != sorted({head["seq"] for head in heads}):
        report.fault("heads.jsonl", "reordered, or a head stands twice")
    signed = [event for event in heads if event["seq"] == max(h["seq"] for h in heads)]
    if not signed:
        report.fault("heads.jsonl", "missing: no head is signed")
    if not kept:
        report.notes.append("give --head with a head you kept: it shows a log that was written anew as a whole")
    report.notes.append(f"{stamped} of {len(heads) + len(kept)} heads carry a time stamp")


def check_chains(events, report):
    """Each document's events follow each other; returns for each `table/scope` what the newest event says of it."""
    told, chains = {}, {}
    for event in events.values():
        chains.setdefault(event["document_id"], []).append(event)
    for document, chain in chains.items():
        if document is not None:
            chain.sort(key=lambda event: event["custody_seq"])
            before = None
            for place, event in enumerate(chain, 1):
                if event["custody_seq"] != place:
                    report.fault(f"document {document}", f"event {place} of its chain is missing")
                    break
                if event["previous_hash"] != before:
                    report.fault(f"event {event['id']}", "does not follow the event before it in its document's chain")
                before = event["hash"]
        else:
            chain.sort(key=lambda event: event["id"])
        for event in chain:
            for sealed, digest in (event["payload"].get("seals") or {}).items():
                told[sealed] = (digest, event["id"])
    # Sealed heads are told by events as well: one that is not exported was taken away.
    return told


def check_rows(rows, told, report):
    present = Counter(each["sealed"] for each in rows)
    for sealed, times in present.items():
        if times > 1:
            report.fault(sealed, "stands here twice")
    for each in rows:
        sealed, digests = each["sealed"], [hashlib.sha256(line.encode()).digest() for line in each["lines"]]
        if sealed not in told:
            report.fault(sealed, f"added: no event tells of it ({len(digests)} rows)")
        elif sha(b"".join(digests)) != told[sealed][0]:
            name_rows(sealed, each, digests, told[sealed], report)
    withheld = [sealed for sealed in told if sealed.startswith(WITHHELD) and sealed not in present]
    if withheld:
        report.notes.append(f"{len(withheld)} parts of the access log stay in the house: only their hashes are here")
    for sealed, (digest, event) in told.items():
        if sealed not in present and sealed not in withheld and digest != EMPTY:
            report.fault(sealed, f"missing: event {event} tells of it")


def name_rows(sealed, each, digests, told, report):
    """Which rows of a set differ, by the hashes of each that were kept beside; else the set as a whole."""
    kept = bytes.fromhex(each.get("digests") or "")
    before = [kept[at : at + 32] for at in range(0, len(kept), 32)]
    if sha(kept) != told[0]:
        report.fault(sealed, f"altered since event {told[1]}")
        return
    if Counter(before) == Counter(digests):
        report.fault(sealed, "its rows are reordered")
        return
    known = Counter(before)
    for place, digest in enumerate(digests, 1):
        if known[digest]:
            known[digest] -= 1
        else:
            report.fault(f"{sealed} row {place}", f"altered or added: {each['lines'][place - 1][:160]}")
    missing = sum(known.values()) - max(0, len(before) - len(digests))
    if len(digests) < len(before):
        report.fault(sealed, f"{len(before) - len(digests)} rows are missing")
    elif missing and len(digests) > len(before):
        report.fault(sealed, f"{len(digests) - len(before)} rows were added")


def check_judgements(rows, report):
    """What is said of a document is what the last decision about it said: a later one seals all that is said."""
    decided, said, order = {}, {}, {}
    for each in rows:
        table = each["sealed"].partition("/")[0]
        for row in map(json.loads, each["lines"]):
            if table == "decisions":
                order[row["id"]] = row["seq"]
            elif table == "decision_changes":
                decided.setdefault((row["document_id"], row["name"]), []).append(row)
            elif table == "judgements":
                said[row["document_id"], row["name"]] = row["value"]
    if not order:
        return
    for about in {*decided, *said}:
        last = max(decided.get(about, []), key=lambda row: order.get(row["decision_id"], 0), default=None)
        if (None if last is None else last["after"]) != said.get(about):
            report.fault(
                f"judgements/{about[0]} {about[1].partition(':')[0]}", "not what the last decision about it said"
            )


def check_documents(manifest, rows, events, report):
    present = {
        each["sealed"].partition("/")[2] for each in rows if each["sealed"].startswith("master_document_registry/")
    }
    chained = {event["document_id"] for event in events.values() if event["document_id"]}
    for document in chained - present:
        report.fault(f"document {document}", "missing: the record tells of it")
    for document in present - chained:
        report.fault(f"document {document}", "added: the record does not know it")
    for document in set(manifest.get("documents") or ()) - present:
        report.fault(f"document {document}", "missing: the manifest names it")


def check_originals(files, events, manifest, report):
    arrived = {}
    for event in events.values():
        for told in (event["payload"].get("arrived") or {}, event["payload"]):
            if isinstance(told.get("sha256"), str) and event["kind"] in (
                "job_queued",
                "document_duplicate",
                "job_completed",
            ):
                arrived.setdefault(event["document_id"], set()).add(told["sha256"])
    for document, digests in arrived.items():
        if len(digests) > 1:
            report.fault(f"document {document}", "its file is not the one that arrived")
    known, there = set().union(*arrived.values()), set()
    for name, content in files.items():
        if name.startswith("originals/"):
            named = name.removeprefix("originals/").partition(".")[0]
            there.add(named)
            try:
                digest = sha_of_file(content)
            except zipfile.BadZipFile:
                digest = None
            if digest != named:
                report.fault(name, "altered: its hash is not its name")
            elif digest not in known:
                report.fault(name, "added: no document of the record has this file")
    if known - there and not manifest.get("originals"):
        report.notes.append(
            f"{len(known - there)} of {len(known)} originals are not in originals/: those were not read"
        )
    for document, digests in arrived.items():
        if manifest.get("originals") and not digests & there:
            report.fault(f"document {document}", "its original is missing: this export says that all are here")
    return len(there)


# RFC 3161: the answer of a time stamp authority, as CMS (RFC 5652) in DER.


def der(data, at=0):
    """(tag, whole, content, end) of the element at a place. Raises ValueError."""
    start, tag, size = at, data[at], data[at + 1]
    at += 2
    if size & 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(data[at : at + count], "big"), at + count
    if at + size > len(data):
        raise ValueError("a time stamp is cut off")
    return tag, data[start : at + size], data[at : at + size], at + size


def parts(data):
    at, found = 0, []
    while at < len(data):
        tag, whole, content, at = der(data, at)
        found.append((tag, whole, content))
    return found


def oid(content):
    numbers, value = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    return ".".join(map(str, numbers))


def check_timestamp(name, head, authority, report):
    try:
        when = verify_timestamp(base64.b64decode(head["timestamp_token"]), head["statement"].encode(), authority)
        report.notes.append(f"{name} was time-stamped at {when.isoformat()}")
    except (ValueError, IndexError, KeyError, InvalidSignature, StopIteration) as problem:
        report.fault(name, f"its time stamp does not hold: {problem or type(problem).__name__}")


def verify_timestamp(answer, message, authority):
    """When the authority saw the message. Raises ValueError or InvalidSignature."""
    status, token = parts(der(answer)[2])[:2]
    if int.from_bytes(parts(status[2])[0][2], "big") > 1:
        raise ValueError("the authority refused it")
    content_type, wrapped = parts(token[2])
    if oid(content_type[2]) != SIGNED_DATA:
        raise ValueError("it is no signed data")
    signed = parts(der(wrapped[2])[2])
    inner = parts(signed[2][2])
    if oid(inner[0][2]) != TST_INFO:
        raise ValueError("it is no time stamp")
    tst = der(inner[1][2])[2]
    info = parts(der(tst)[2])
    imprint = parts(info[2][2])
    made = hashlib.new(DIGESTS[oid(parts(imprint[0][2])[0][2])].name, message).digest()
    if made != imprint[1][2]:
        raise ValueError("it is about something else")
    when = datetime.strptime(info[4][2].decode().split(".")[0].rstrip("Z"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    certificates = [
        x509.load_der_x509_certificate(each[1]) for each in parts(next(p for p in signed if p[0] == 0xA0)[2])
    ]
    signer = check_signer(parts(signed[-1][2])[0][2], tst, certificates)
    check_issuer(signer, certificates, authority, when)
    return when


def check_signer(signer_info, tst, certificates):
    """The certificate whose key signed this. Raises ValueError or InvalidSignature."""
    _, sid, algorithm, attributes, _, signature = parts(signer_info)[:6]
    serial = int.from_bytes(parts(sid[2])[1][2], "big")
    signer = next(each for each in certificates if each.serial_number == serial)
    digest = DIGESTS[oid(parts(algorithm[2])[0][2])]
    told = {oid(parts(each[2])[0][2]): parts(parts(each[2])[1][2])[0][2] for each in parts(attributes[2])}
    if told[MESSAGE_DIGEST] != hashlib.new(digest.name, tst).digest() or oid(told[CONTENT_TYPE]) != TST_INFO:
        raise ValueError("it is signed for something else")
    content, key = b"\x31" + attributes[1][1:], signer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature[2], content, padding.PKCS1v15(), digest())
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature[2], content, ec.ECDSA(digest()))
    else:
        raise ValueError("its key is of an unknown kind")
    return signer


def check_issuer(signer, certificates, authority, when):
    """The signer is an authority of time, vouched for by a certificate of authority.pem. Raises ValueError."""
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if x509.oid.ExtendedKeyUsageOID.TIME_STAMPING not in usage:
        raise ValueError("its signer may not stamp times")
    roots = x509.load_pem_x509_certificates(authority or b"") if authority else []
    current = signer
    for _ in range(8):
        if not current.not_valid_before_utc <= when <= current.not_valid_after_utc:
            raise ValueError("a certificate was not valid then")
        for issuer in [*roots, *certificates]:
            if issuer.subject == current.issuer and issuer != current:
                try:
                    current.verify_directly_issued_by(issuer)
                except (ValueError, TypeError, InvalidSignature):
                    continue
                if issuer in roots:
                    return
                if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                    continue
                current = issuer
                break
        else:
            break
    raise ValueError("no certificate of authority.pem vouches for its signer")


if __name__ == "__main__":
    sys.exit(main())

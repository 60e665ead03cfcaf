"""A stand-in for an IMAP server over TCP, for Python's own imaplib: folders, UIDs, EXAMINE, SEARCH, partial FETCH.

As contrary as theirs: `7:*` answers with the last message whatever its number, unasked flags come between the answers,
short values are quoted or literals, and it fails on request: `faults` is a list of (command part, fault), each used
once, with the faults `cut_off` (the connection ends within the answer), `refuse` (NO), `busy` (NO [UNAVAILABLE]) and
`quota` (Gmail's words). Of messages in `odd_lines` a listing says no size.
A command that would change anything is answered BAD and kept in `writes`.
"""

from __future__ import annotations

import base64
import re
import socketserver
import threading
from dataclasses import dataclass, field

USER, PASSWORD = "dana@example.org", 'p"a\\ss wörd'
REFUSALS = {
    "refuse": "not now", "busy": "[UNAVAILABLE] not now",
    "quota": "[OVERQUOTA] Account exceeded command or bandwidth limits.",
}  # fmt: skip
RECEIVED = " 7-Mar-2024 09:15:00 -0500"


@dataclass
class FakeMailbox:
    """Folders by their name on the wire, each of messages by UID, and what is to go wrong."""

    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    validity: int = 7
    is_gmail: bool = True
    takes_plain: bool = True
    faults: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    odd_lines: set[int] = field(default_factory=set)
    url: str = ""

    def add(self, content: bytes, folder: str = "INBOX", uid: int | None = None) -> None:
        """One more message."""
        messages = self.folders.setdefault(folder, {})
        messages[uid or max(messages, default=0) + 1] = content

    def next_fault(self, command: str) -> str | None:
        """The fault for this command, used up."""
        for each in self.faults:
            if each[0] in command:
                self.faults.remove(each)
                return each[1]
        return None


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.folder: dict[int, bytes] = {}
        self._say(b"* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            if not self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        box, verb = self.server.box, command.split(" ")[0].upper()
        box.commands.append("LOGIN" if verb == "LOGIN" else command)
        fault = box.next_fault(command)
        if fault == "cut_off":
            self.wfile.write(b"* 1 FETCH (UID 1 BODY[]<0> {1000}\r\nFrom: ")
            return False
        if fault in REFUSALS:
            self._say(f"{tag} NO {REFUSALS[fault]}".encode())
            return True
        verbs = {
            "CAPABILITY": self._capability, "AUTHENTICATE": self._authenticate, "LOGIN": self._login,
            "EXAMINE": self._examine, "UID": self._uid, "LOGOUT": lambda _: "OK bye",
        }  # fmt: skip
        if verb not in verbs:
            box.writes.append(command)
        said = verbs[verb](command) if verb in verbs else "BAD what?"
        self._say(f"{tag} {said}".encode())
        return verb != "LOGOUT"

    def _capability(self, _: str) -> str:
        box = self.server.box
        words = "IMAP4rev1" + " AUTH=PLAIN" * box.takes_plain + " X-GM-EXT-1" * box.is_gmail
        self._say(f"* CAPABILITY {words}".encode())
        return "OK done"

    def _authenticate(self, _: str) -> str:
        self._say(b"+ ")
        said = base64.b64decode(self.rfile.readline()).decode().split("\0")
        return "OK in" if said == ["", USER, PASSWORD] else f"NO [AUTHENTICATIONFAILED] {said} is wrong"

    def _login(self, command: str) -> str:
        return "OK in" if command == f'LOGIN "{USER}" "plain"' else f"NO {command} is wrong"

    def _examine(self, command: str) -> str:
        box, name = self.server.box, command.partition(" ")[2].strip('"')
        if name not in box.folders:
            return "NO [NONEXISTENT] no such mailbox"
        self.folder = box.folders[name]
        next_uid = max(self.folder, default=0) + 1
        for said in (f"{len(self.folder)} EXISTS", f"OK [UIDVALIDITY {box.validity}]", f"OK [UIDNEXT {next_uid}]"):
            self._say(f"* {said}".encode())
        return "OK [READ-ONLY] done"

    def _uid(self, command: str) -> str:
        _, verb, rest = command.split(" ", 2)
        if verb == "SEARCH":
            first, last = re.fullmatch(r"UID (\d+):(\d+|\*)", rest).groups()
            newest = max(self.folder, default=0)
            low, high = sorted((int(first), newest if last == "*" else int(last)))
            self._say(b"* SEARCH " + " ".join(str(uid) for uid in self.folder if low <= uid <= high).encode())
            return "OK done"
        uids, names = rest.split(" ", 1)
        for number, uid in enumerate((int(word) for word in uids.split(",")), 1):
            if uid in self.folder:
                self._fetch(number, uid, names)
        return "OK done"

    def _fetch(self, number: int, uid: int, names: str) -> None:
        content = self.folder[uid]
        self._say(b"* 1 FETCH (FLAGS (\\Seen))")
        piece = re.search(r"BODY\.PEEK\[\]<(\d+)\.(\d+)>", names)
        if piece is None:
            labels = b' X-GM-LABELS ("\\\\Important" {7}\r\nCourt 7 "&AMQ-mter")' if "X-GM-LABELS" in names else b""
            size = "NIL" if uid in self.server.box.odd_lines else len(content)
            said = f'RFC822.SIZE {size} INTERNALDATE "{RECEIVED}"'.encode()
            self._say(b"* %d FETCH (%s UID %d%s)" % (number, said, uid, labels))
            return
        start, count = int(piece[1]), int(piece[2])
        part = content[start : start + count]
        literal = b"{%d}\r\n%s" % (len(part), part) if part else b'""'
        self._say(b"* %d FETCH (BODY[]<%d> %s UID %d)" % (number, start, literal, uid))

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: FakeMailbox


def serve_mailbox(box: FakeMailbox) -> _Server:
    """Serve it on a port of its own; `box.url` is what IMAP_URL takes."""
    server = _Server(("127.0.0.1", 0), _Session)
    server.box = box
    box.url = f"imap://{USER.replace('@', '%40')}@127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

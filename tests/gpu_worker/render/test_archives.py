"""Archives as parts: names are words and never paths, and one that is built to hurt costs itself."""

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from gpu_worker.errors import DOCUMENT_PROBLEMS
from gpu_worker.render.archives.library_archive import open_rar, open_seven_zip
from gpu_worker.render.archives.rar_locks import find_locked
from gpu_worker.render.archives.tar_file import open_bzip2, open_gzip, open_tar, open_xz
from gpu_worker.render.archives.zip_file import ZipArchive, open_zip
from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import MEMBER, Part
from gpu_worker.render.reader import Reader
from gpu_worker.render.unpacking import PartLimits, Unpacking, name_of
from scripts.make_mixed_folder import rar_of, seven_zip_of

SMALL = PartLimits(
    parts=20, part_bytes=5000, whole_bytes=9000, ratio=100, free_bytes=8000, slice_parts=3, slice_bytes=6000
)

DEFAULTS = PartLimits()


def put(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def unpack(reader: Reader, folder: Path, limits: PartLimits = DEFAULTS, packed: int = 10**6) -> dict[str, str]:
    """Code of each part by name, or what it holds."""
    unpacking, rows, is_last = Unpacking(reader, packed, limits), [], False
    while not is_last:
        more, is_last = unpacking.take(len(rows), folder)
        rows += more
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1)), "each once, in order"
    return {row["name"]: row["code"] or (folder / name_of(row["position"])).read_text()[:20] for row in rows}


def zip_with(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in members:
            archive.writestr(info, content)
    return file.getvalue()


def link_to(target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo("way out")
    info.external_attr = 0o120777 << 16
    return info, target.encode()


def test_names_that_lead_out_stay_names(tmp_path: Path):
    (tmp_path / "in").mkdir()
    packed = zip_with(("../../etc/passwd", b"one"), ("/root/.ssh/id", b"two"), ("C:\\Windows\\x", b"3"), link_to("/"))
    found = unpack(ZipArchive(open_zip(put(tmp_path / "a.zip", packed))), tmp_path / "in")
    assert found == {"../../etc/passwd": "one", "/root/.ssh/id": "two", "C:\\Windows\\x": "3", "way out": "link"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "in"]
    assert all(path.name.startswith("part-") for path in (tmp_path / "in").iterdir())


def test_names_in_utf8_without_a_flag_are_read(tmp_path: Path):
    packed = zip_with(("Beschluss-XX.txt", b"one")).replace(b"XX", "ß".encode())
    assert list(unpack(ZipArchive(open_zip(put(tmp_path / "a.zip", packed))), tmp_path)) == ["Beschluss-ß.txt"]


def test_names_in_a_country_s_own_letters_are_read_and_are_stored_as_they_can_be(tmp_path: Path):
    packed = zip_with(("XXXXXX.txt", b"one")).replace(b"XXXXXX", "Письмо".encode("cp866"))
    assert list(unpack(ZipArchive(open_zip(put(tmp_path / "a.zip", packed))), tmp_path)) == ["Письмо.txt"]
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        info = tarfile.TarInfo("café.txt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"one"))
    assert unpack(open_tar(put(tmp_path / "a.tar", file.getvalue())), tmp_path) == {"café.txt": "one"}


def test_a_member_packed_in_a_way_nobody_here_knows_is_not_called_damaged(tmp_path: Path):
    """Windows packs what is larger than 2 GB as Deflate64."""
    packed = bytearray(zip_with(("a.txt", b"one"), ("b.txt", b"two")))
    for head, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        packed[packed.index(head) + at] = 9
    found = unpack(ZipArchive(open_zip(put(tmp_path / "a.zip", bytes(packed)))), tmp_path)
    assert found == {"a.txt": "unknown_packing", "b.txt": "two"}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Takeout/Mail/All mail.mbox", "an export from Google (Takeout)"),
        ("facebook-dana/your_facebook_activity/messages/inbox/m/message_1.json", "an export from Facebook"),
        ("your_instagram_activity/messages/inbox/m/message_1.json", "an export from Instagram"),
        ("WhatsApp Chat - Marcus/_chat.txt", "an export from WhatsApp"),
        ("sms-20240305180300.xml", "a backup of a phone's messages"),
        ("letters/Takeout/menu.pdf", None),
    ],
)
def test_an_export_is_recognised_by_what_is_in_it(tmp_path: Path, name: str, label: str | None):
    assert ZipArchive(open_zip(put(tmp_path / "a.zip", zip_with((name, b"x"))))).label == label


def test_a_bomb_stops_at_its_ratio_and_leaves_the_rest(tmp_path: Path):
    packed = zip_with(("small.txt", b"I never agreed."), ("bomb", bytes(10**7)), ("after.txt", b"later"))
    reader = ZipArchive(open_zip(put(tmp_path / "a.zip", packed)))
    found = unpack(reader, tmp_path, SMALL, packed=50)
    assert found["small.txt"] == "I never agreed." and found["bomb"] == "part_too_large"
    assert sum(path.stat().st_size for path in tmp_path.glob("part-*")) < 100
    many = zip_with(*((f"{n}", b"x" * 4000) for n in range(9)))
    found = unpack(ZipArchive(open_zip(put(tmp_path / "b.zip", many))), tmp_path, SMALL, packed=50)
    assert list(found.values()) == ["x" * 20] * 2 + ["ratio_too_high"] * 7


@pytest.mark.parametrize(
    ("pack", "read"), [(gzip.compress, open_gzip), (bz2.compress, open_bzip2), (lzma.compress, open_xz)]
)
def test_what_is_packed_alone_is_its_one_part(tmp_path: Path, pack, read):
    path = put(tmp_path / "packed", pack(b"I never agreed."))
    assert list(unpack(read(path), tmp_path).values()) == ["I never agreed."]
    with pytest.raises(RenderError, match="corrupt_archive"):
        read(put(tmp_path / "cut", pack(b"I never agreed.")[:12] + b"\xff" * 20))


def test_more_files_than_may_be_end_with_a_word(tmp_path: Path):
    packed = zip_with(*((f"{n}.txt", b"x") for n in range(30)))
    found = unpack(ZipArchive(open_zip(put(tmp_path / "a.zip", packed))), tmp_path, SMALL)
    assert len(found) == 21 and found[""] == "too_many_parts"


def test_a_million_entries_are_refused_before_they_are_read(tmp_path: Path):
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    zip64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 10**6, 10**6, 10**8, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    for forged in (zip64 + locator + end, struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, 10**9, 0, 0)):
        with pytest.raises(RenderError, match="too_many_parts"):
            open_zip(put(tmp_path / "a.zip", forged))


def test_forged_sizes_and_broken_members_cost_themselves(tmp_path: Path):
    packed = bytearray(zip_with(("one.txt", b"first"), ("two.txt", b"second" * 50), ("three.txt", b"third")))
    directory = packed.index(b"PK\1\2", packed.index(b"PK\1\2") + 4)
    struct.pack_into("<I", packed, directory + 24, 3)  # it says that two.txt has 3 bytes
    found = unpack(ZipArchive(open_zip(put(tmp_path / "a.zip", bytes(packed)))), tmp_path)
    assert found == {"one.txt": "first", "two.txt": "part_damaged", "three.txt": "third"}
    with pytest.raises(RenderError, match="corrupt_archive"):
        open_zip(put(tmp_path / "b.zip", bytes(packed[: len(packed) // 2])))


def test_an_archive_without_files_is_empty(tmp_path: Path):
    for packed in (zip_with(("folder/", b"")), zip_with()):
        with pytest.raises(RenderError, match="empty_archive"):
            ZipArchive(open_zip(put(tmp_path / "a.zip", packed)))


def tar(*infos: tuple[tarfile.TarInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for info, content in infos:
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def member(name: str, content: bytes, kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mtime = len(content), kind, "/etc/passwd", 1709690580
    return info, content


def test_a_tar_gives_its_files_and_names_its_links(tmp_path: Path):
    packed = tar(
        member("../note.txt", b"No."), member("soft", b"", tarfile.SYMTYPE), member("hard", b"", tarfile.LNKTYPE),
        member("pipe", b"", tarfile.FIFOTYPE), member("folder", b"", tarfile.DIRTYPE), member("last.txt", b"Yes."),
    )  # fmt: skip
    expected = {"../note.txt": "No.", "soft": "link", "hard": "link", "pipe": "link", "last.txt": "Yes."}
    assert unpack(open_tar(put(tmp_path / "a.tar", packed)), tmp_path) == expected
    assert unpack(open_gzip(put(tmp_path / "a.tgz", gzip.compress(packed))), tmp_path) == expected


def test_a_tar_that_breaks_off_keeps_what_came_before(tmp_path: Path):
    packed = tar(member("one.txt", b"first"), member("two.txt", b"x" * 5000), member("three.txt", b"third"))
    found = unpack(open_tar(put(tmp_path / "a.tar", packed[:2500])), tmp_path)
    assert found["one.txt"] == "first" and "part_damaged" in found.values() and "three.txt" not in found


class Flaky(Reader):
    """A container that raises at its third part."""

    def parts(self):
        yield Part(MEMBER, "one", lambda: [b"1"])
        yield Part(MEMBER, "two", lambda: (_ for _ in ()).throw(zlib.error("bad")))
        raise OSError


def test_a_reader_that_raises_loses_no_part_before(tmp_path: Path):
    assert unpack(Flaky(), tmp_path) == {"one": "1", "two": "part_damaged", "": "part_damaged"}


def test_a_fresh_child_goes_on_behind_what_was_taken(tmp_path: Path):
    reader = ZipArchive(open_zip(put(tmp_path / "a.zip", zip_with(*((f"{n}.txt", b"x") for n in range(7))))))
    rows, _ = Unpacking(reader, 100, SMALL).take(4, tmp_path)
    assert [row["name"] for row in rows] == ["4.txt", "5.txt", "6.txt"]


MEMBERS = {
    "../letters/one.txt": b"one",
    "__MACOSX/._one.txt": b"x",
    "b\xe9b\xe9.txt": b"two",
    "nothing.txt": b"",
}
TAKEN = {
    "../letters/one.txt": "one",
    "__MACOSX/._one.txt": "system_file",
    "b\xe9b\xe9.txt": "two",
    "nothing.txt": "empty_file",
}


def test_7z_gives_its_members(tmp_path: Path):
    assert unpack(open_seven_zip(put(tmp_path / "a.7z", seven_zip_of(MEMBERS))), tmp_path) == TAKEN


def test_rar_gives_its_members(tmp_path: Path):
    members = {name.replace("\xe9", "e"): content for name, content in MEMBERS.items()}
    wanted = {name.replace("\xe9", "e"): held for name, held in TAKEN.items()}
    assert unpack(open_rar(put(tmp_path / "a.rar", rar_of(members))), tmp_path) == wanted


def number(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)


def old_rar_head(flags: int, kind: int = 0x73, fields: int = 6) -> bytes:
    """A header of a RAR of the old form: 0x80 in the first: names are locked; 0x10 in a file's: it hangs on others."""
    head = struct.pack("<BHH", kind, flags, 7 + fields) + bytes(fields)
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def new_rar_of(members: dict[str, bytes], locked: str) -> bytes:
    """A RAR of the new form, of which one member is said to be locked, as WinRAR says it."""

    def block(kind: int, flags: int, *fields: bytes) -> bytes:
        body = b"".join([number(kind), number(flags), *fields])
        head = number(len(body)) + body
        return struct.pack("<I", zlib.crc32(head)) + head

    lock = bytes([1, 0, 0, 15]) + bytes(32)
    file = b"Rar!\x1a\x07\x01\0" + block(1, 0, number(0))
    for name, content in members.items():
        extra = number(len(lock)) + lock if name == locked else b""
        about = [number(4), number(len(content)), number(0o100644), struct.pack("<I", zlib.crc32(content)), number(0),
                 number(1), number(len(name)), name.encode(), extra]  # fmt: skip
        sizes = [number(len(extra)), number(len(content))] if extra else [number(len(content))]
        file += block(2, 3 if extra else 2, *sizes, *about) + content
    return file + block(5, 0, number(0))


def test_a_locked_member_of_a_new_rar_is_not_handed_out_scrambled(tmp_path: Path):
    """libarchive 3.6 takes its scrambled bytes for the file."""
    members = {"a.txt": b"first", "b.txt": b"scrambled", "c.txt": b"third"}
    packed = put(tmp_path / "a.rar", new_rar_of(members, "b.txt"))
    assert unpack(open_rar(packed), tmp_path) == {"a.txt": "first", "b.txt": "password_protected", "c.txt": "third"}
    whole = new_rar_of(members, "")
    for end in range(8, len(whole), 7):
        assert find_locked(io.BytesIO(whole[:end]), 9) == set()
    assert find_locked(io.BytesIO(b"Rar!\x1a\x07\x01\0" + b"\xff" * 99), 9) == set()


LOCKED_7Z = (
    "N3q8ryccAARLw1+ZkAAAAAAAAAAoAAAAAAAAAJUSvXui/0CmA8wdMropD75kkpGayvOC50b+p8v5bCaFaOeA0zRlLW6yS3+yPaTHhBMSlybP7rAPfX8t"
    "NuvW0NjxAB65xRoirTOl7X2+QKhTCWdbZO5aPEP1pXWWs8Di3+WVScjFLcmq0Uc+tqDKMid7hPGuhj4IeDG3IN8Lddk5Da5TMf7cUnx1+PQZ5DGzZ34f"
    "IlYXBiABCXAABwsBAAEkBvEHARJTD8cXUzhIE2mKLxkUZyPYxUkMawAA"
)
"""One file, its name locked too."""


@pytest.mark.parametrize(("opened", "content", "code"), [
    (open_seven_zip, base64.b64decode(LOCKED_7Z), "locked_archive"),
    (open_rar, b"Rar!\x1a\x07\0" + old_rar_head(0x80), "locked_archive"),
    (open_rar, b"Rar!\x1a\x07\0" + old_rar_head(0) + old_rar_head(0x10, 0x74, 25) + b"a", "unknown_packing"),
], ids=["7z", "old RAR", "solid RAR"])  # fmt: skip
def test_what_cannot_be_unpacked_here_is_not_called_damaged_and_says_what_to_do(tmp_path: Path, opened, content, code):
    with pytest.raises(RenderError, match=code):
        opened(put(tmp_path / "a", content))
    assert "upload what is inside" in DOCUMENT_PROBLEMS[code]


def test_a_damaged_7z_or_rar_says_so(tmp_path: Path):
    packed = bytearray(seven_zip_of({"a.txt": b"first", "b.txt": bytes(9000)}))
    packed[40] ^= 0xFF
    assert "part_damaged" in unpack(open_seven_zip(put(tmp_path / "b.7z", bytes(packed))), tmp_path).values()
    for opened, content in ((open_seven_zip, packed[:60]), (open_rar, rar_of({"a.txt": b"first"})[:30])):
        with pytest.raises(RenderError, match="corrupt_archive"):
            opened(put(tmp_path / "short", bytes(content)))


def test_a_7z_bomb_costs_itself(tmp_path: Path):
    bomb = put(tmp_path / "a.7z", seven_zip_of({"a.txt": b"first", "bomb": bytes(200_000)}))
    limits = replace(SMALL, part_bytes=10**6, whole_bytes=10**6)
    assert unpack(open_seven_zip(bomb), tmp_path, limits, packed=1) == {"a.txt": "first", "bomb": "ratio_too_high"}

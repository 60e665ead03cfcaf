"""Draws a family's folder: hundreds of small files of 54 kinds, with files in files, copies, broken and hostile ones.

`python -m scripts.make_mixed_folder FOLDER --files 300`, then `make run ONCE=1 DOCS=FOLDER`: every file and every part
must be accounted for, and the totals reconcile. All people and words are invented.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import sys
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import libarchive
import pikepdf
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.gpu_worker.render.ole_writer import write_ole  # noqa: E402

FONT = Path(__file__).parent / "fonts" / "Tinos-Regular.ttf"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def words(n: int) -> str:
    return f"On March {n % 28 + 1}, 2024 Marcus refused visit number {n} in the case of Hale."


def picture(n: int, kind: str, **save: object) -> bytes:
    image = Image.new("RGB", (900, 160), "white")
    font = ImageFont.truetype(str(FONT), 26)
    ImageDraw.Draw(image).text((20, 60), words(n), fill="black", font=font)
    file = io.BytesIO()
    image.save(file, kind, **save)
    return file.getvalue()


def heic(n: int) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return picture(n, "HEIF")


def pdf(n: int) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, invariant=True)
    canvas.drawString(72, 700, words(n))
    canvas.save()
    return file.getvalue()


def pdf_scan(n: int) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(picture(n, "PNG"))).save(file, "PDF", resolution=150)
    return file.getvalue()


def pdf_with(n: int, encryption: object = False, **attached: bytes) -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(n))) as document:
        for name, content in attached.items():
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
        document.save(file, encryption=encryption)
    return file.getvalue()


def zip_of(members: dict[str, bytes | str], stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2024, 3, 5, 18, 3, 0))
            archive.writestr(info, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return file.getvalue()


def seven_zip_of(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()

    def take(data: bytes) -> int:
        packed.write(data)
        return len(data)

    with libarchive.custom_writer(take, "7zip") as archive:
        for name, content in members.items():
            archive.add_file_from_memory(name, len(content), content)
    return packed.getvalue()


def rar_of(members: dict[str, bytes]) -> bytes:
    """A RAR of the old form whose members are stored: nothing free writes RAR."""

    def block(kind: int, flags: int, fields: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    file = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name, content in members.items():
        size, crc = len(content), zlib.crc32(content)
        about = struct.pack("<IIBIIBBHI", size, size, 3, crc, 0x58214800, 20, 0x30, len(name), 0o100644)
        file += block(0x74, 0x8000, about + name.encode()) + content
    return file + block(0x7B, 0x4000, b"")


def tar_of(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def docx(n: int) -> bytes:
    body = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>{words(n)}</w:t></w:r></w:p></w:body></w:document>'
    return zip_of({"[Content_Types].xml": TYPES, "word/document.xml": body})


def xlsx(n: int) -> bytes:
    import openpyxl

    file, book = io.BytesIO(), openpyxl.Workbook()
    book.active.append(["Day", "What"])
    book.active.append([n, words(n)])
    book.save(file)
    return file.getvalue()


def odf(n: int, kind: str) -> bytes:
    inside = {
        "text": f"<text:p>{words(n)}</text:p>",
        "spreadsheet": f'<table:table table:name="A"><table:table-row><table:table-cell><text:p>{words(n)}</text:p>'
        "</table:table-cell></table:table-row></table:table>",
    }[kind]
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "text", "table"))
    body = f"<office:body><office:{kind}>{inside}</office:{kind}></office:body>"
    content = f"<office:document-content {spaces}>{body}</office:document-content>"
    return zip_of({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def epub(n: int) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="b.opf"/></rootfiles></container>'
    )
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.html"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    chapter = f"<html><body><p>{words(n)}</p></body></html>"
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "b.opf": book}
    return zip_of({**members, "a.html": chapter})


def mail(n: int, **attached: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Marcus <m@example.org>", "Dana <d@example.org>"
    message["Subject"], message["Date"] = f"Visit {n}", "Tue, 5 Mar 2024 18:03:00 -0800"
    message["Message-ID"], message["References"] = f"<{n}@example.org>", f"<{n - n % 5}@example.org>"
    message.set_content(words(n))
    for name, content in attached.items():
        message.add_attachment(content, "application", "octet-stream", filename=name)
    if attached:
        message.set_boundary(f"part-{n}")
    return message.as_bytes()


def html_mail(n: int) -> bytes:
    return mail(n).replace(b"text/plain", b"text/html").replace(b"On March", b"<p>On <b>March</b>")


def msg(n: int) -> bytes:
    def text(number: int, what: str) -> dict[str, bytes]:
        return {f"__substg1.0_{number:04X}001F": what.encode("utf-16-le")}

    attached = {"__properties_version1.0": bytes(8), **text(0x3707, "order.pdf"), "__substg1.0_37010102": pdf(n)}
    texts = {**text(0x37, f"Visit {n}"), **text(0x0C1A, "Marcus"), **text(0x1000, words(n))}
    return write_ole({"__properties_version1.0": bytes(32), **texts, "__attach_version1.0_#00000000": attached})


def winmail(n: int) -> bytes:
    values = ((0x800C, words(n).encode()), (0x9002, bytes(14)), (0x8010, b"order.pdf\0"), (0x800F, pdf(n)))
    rows = (struct.pack("<BHHI", 2, number, 0, len(value)) + value + b"\0\0" for number, value in values)
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(rows)


def mbox(n: int) -> bytes:
    return b"".join(b"From x@y Tue Mar  5 18:03:00 2024\n" + mail(n * 100 + each) + b"\n" for each in range(3))


def whatsapp(n: int) -> bytes:
    lines = [f"[28/03/2024, 18:{n % 60:02}:00] Marcus: {words(n)}", f"[28/03/2024, 19:{n % 60:02}:30] Dana: No."]
    return "\n".join(lines).encode()


def sms(n: int) -> bytes:
    row = f'<sms address="+15550100" date="1709690580000" type="1" body="{words(n)}" contact_name="Marcus" />'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<smses count="1">\n  {row}\n</smses>\n'.encode()


def sound(n: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(struct.pack("<h", n) * 4000)
    return file.getvalue()


def database(n: int) -> bytes:
    with sqlite3.connect(":memory:") as made:
        made.execute(f"create table message{n} (body)")
        return made.serialize()


def nested(n: int) -> bytes:
    inner = zip_of({"note.txt": words(n), "letter.eml": mail(n, **{"order.pdf": pdf(n)})})
    return zip_of({"Takeout/inner.zip": inner, "Takeout/.DS_Store": b"\0\0\0\1Bud1", "Takeout/setup.exe": b"MZ\x90\0"})


def hostile(n: int) -> bytes:
    names = {f"../../{n}/passwd": words(n).encode(), "zeros.bin": bytes(10**6), "again.zip": zip_of({"a": b""})}
    return zip_of(names)


KINDS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "typed PDF": ("pdf", pdf),
    "scanned PDF": ("pdf", pdf_scan),
    "PDF with an attachment": ("pdf", lambda n: pdf_with(n, **{"exhibit.pdf": pdf(n + 1000)})),
    "PDF with a password": ("pdf", lambda n: pdf_with(n, pikepdf.Encryption(user="x", owner="y"))),
    "broken PDF": ("pdf", lambda n: pdf(n)[:200]),
    "JPEG": ("jpg", lambda n: picture(n, "JPEG")),
    "PNG": ("png", lambda n: picture(n, "PNG")),
    "GIF": ("gif", lambda n: picture(n, "GIF")),
    "BMP": ("bmp", lambda n: picture(n, "BMP")),
    "TIFF": ("tif", lambda n: picture(n, "TIFF")),
    "WebP": ("webp", lambda n: picture(n, "WEBP")),
    "HEIC": ("heic", heic),
    "broken picture": ("jpg", lambda n: picture(n, "JPEG")[: 300 + n]),
    "text": ("txt", lambda n: words(n).encode()),
    "text in UTF-16": ("txt", lambda n: words(n).encode("utf-16")),
    "text in Windows-1252": ("txt", lambda n: f"Señora Márquez: “{words(n)}”".encode("cp1252")),
    "copy of a text": ("txt", lambda n: words(n % 3).encode()),
    "e-mail": ("eml", mail),
    "e-mail with a file": ("eml", lambda n: mail(n, **{"order.pdf": pdf(n)})),
    "e-mail in HTML": ("eml", html_mail),
    "e-mail with an e-mail": ("eml", lambda n: mail(n, **{"old.eml": mail(n + 1)})),
    "Outlook e-mail": ("msg", msg),
    "winmail.dat": ("dat", winmail),
    "mailbox": ("mbox", mbox),
    "ZIP": ("zip", lambda n: zip_of({f"{n}.txt": words(n), "photo.png": picture(n, "PNG")})),
    "ZIP in a ZIP": ("zip", nested),
    "hostile ZIP": ("zip", hostile),
    "broken ZIP": ("zip", lambda n: nested(n)[:300]),
    "TAR": ("tar", lambda n: tar_of({"note.txt": words(n).encode(), "order.pdf": pdf(n)})),
    "TAR under gzip": ("tgz", lambda n: gzip.compress(tar_of({"note.txt": words(n).encode()}), mtime=n)),
    "gzip": ("gz", lambda n: gzip.compress(words(n).encode(), mtime=n)),
    "bzip2": ("bz2", lambda n: bz2.compress(words(n).encode())),
    "xz": ("xz", lambda n: lzma.compress(words(n).encode())),
    "Word": ("docx", docx),
    "Excel": ("xlsx", xlsx),
    "OpenDocument text": ("odt", lambda n: odf(n, "text")),
    "OpenDocument table": ("ods", lambda n: odf(n, "spreadsheet")),
    "Rich Text": ("rtf", lambda n: f"{{\\rtf1\\ansi {words(n)}\\par}}".encode()),
    "web page": ("html", lambda n: f"<!DOCTYPE html><html><body><p>{words(n)}</p></body></html>".encode()),
    "table of values": ("csv", lambda n: f"day,what\n{n},visit\n{n + 1},no visit\n{n + 2},visit\n".encode()),
    "book": ("epub", epub),
    "WhatsApp": ("txt", whatsapp),
    "SMS backup": ("xml", sms),
    "sound": ("wav", sound),
    "phone's database": ("db", database),
    "program": ("exe", lambda n: b"MZ\x90\0" + bytes([n % 256]) * 50),
    "old Word": ("doc", lambda n: write_ole({"WordDocument": words(n).encode()})),
    "7z": ("7z", lambda n: seven_zip_of({"note.txt": words(n).encode(), "order.pdf": pdf(n)})),
    "RAR": ("rar", lambda n: rar_of({"note.txt": words(n).encode(), "order.pdf": pdf(n)})),
    "broken 7z": ("7z", lambda n: b"7z\xbc\xaf\x27\x1c\0\4" + bytes([n % 256]) * 30),
    "broken RAR": ("rar", lambda n: b"Rar!\x1a\x07\x01\0" + bytes([n % 256]) * 30),
    "PostScript": ("ps", lambda n: f"%!PS-Adobe-3.0\n({words(n)}) show\n".encode()),
    "bytes of no kind": ("bin", lambda n: bytes([0, 1, 2, n % 256]) * 20),
    "nothing": ("txt", lambda n: b""),
}


def make_mixed_folder(folder: Path, files: int) -> dict[str, int]:
    """Write so many files, of every kind in turn; how many there are of each."""
    made = dict.fromkeys(KINDS, 0)
    for number, kind in zip(range(files), list(KINDS) * (files // len(KINDS) + 1), strict=False):
        extension, draw = KINDS[kind]
        place = folder / f"box {number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:04} {kind.replace('/', ' ')}.{extension}").write_bytes(draw(number))
        made[kind] += 1
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=300)
    options = parser.parse_args()
    made = make_mixed_folder(options.folder, options.files)
    print(f"{sum(made.values())} files of {sum(map(bool, made.values()))} kinds")


if __name__ == "__main__":
    main()

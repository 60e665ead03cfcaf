"""What files are by their first bytes.

Each case: what it is, its bytes, and the name of the kind that the inspector must give; None: nobody knows it.
"""

import struct

from inspector.kinds import KINDS, NOT_EVIDENCE, Kind, kind_named

PDF, TEXT, BMP, TIFF, HEIC = "pdf", "text", "bmp", "tiff", "heic"


def bmp(header_bytes: int, reserved: bytes = bytes(4)) -> bytes:
    """The first bytes of a BMP of 4 × 4 px."""
    file = b"BM" + struct.pack("<I", 102) + reserved + struct.pack("<I", 14 + header_bytes)
    return file + struct.pack("<I", header_bytes).ljust(header_bytes, b"\0")


CASES: tuple[tuple[str, bytes, str | None], ...] = (
    ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", PDF),
    ("PDF behind what a mail gateway put before it", b"X-Scan: clean\r\n\r\n%PDF-1.4\n", PDF),
    ("PDF behind as much junk as readers accept", b"\0" * 1019 + b"%PDF-1.4", PDF),
    ("PDF behind one byte more", b"\0" * 1020 + b"%PDF-1.4", None),
    ("PDF behind a byte order mark", b"\xef\xbb\xbf%PDF-1.4\n", PDF),
    ("JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF\0", "jpeg"),
    ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"),
    ("PNG through a text transfer", b"\x89PNG\n\x1a\n\0\0\0\rIHDR", None),
    ("GIF 87a", b"GIF87a\x10\0\x10\0", "gif"),
    ("GIF 89a", b"GIF89a\x10\0\x10\0", "gif"),
    ("note about GIFs", b"GIF90a is no format.", TEXT),
    ("WebP", b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
    ("WAV", b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
    ("TIFF, Intel", b"II*\0\x08\0\0\0", TIFF),
    ("TIFF, Motorola", b"MM\0*\0\0\0\x08", TIFF),
    ("BigTIFF, Intel", b"II+\0\x08\0\0\0", TIFF),
    ("BigTIFF, Motorola", b"MM\0+\0\x08\0\0", TIFF),
    ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0", HEIC),
    ("HEIC sequence", b"\0\0\0\x18ftypmsf1\0\0\0\0", HEIC),
    ("MP4 film", b"\0\0\0\x18ftypmp42\0\0\0\0", "mp4"),
    ("BMP, OS/2", bmp(12), BMP),
    ("BMP, Windows", bmp(40), BMP),
    ("BMP, version 5", bmp(124), BMP),
    ("BMP whose reserved bytes are used", bmp(40, b"\x01\0\x02\0"), BMP),
    ("BMP whose header has a size that no BMP has", bmp(41), None),
    ("BMP, cut off in its header", bmp(40)[:16], None),
    ("letter about a car", b"BMW repair bill, paid by both parents", TEXT),
    ("note with four NULs where a BMP has its reserved bytes", b"BM 1234" + b"\0" * 4 + b"note", None),
    ("plain text", b"I never agreed to that.\r\n", TEXT),
    ("UTF-8 with its mark", b"\xef\xbb\xbfMarquez and Hale", TEXT),
    ("UTF-8 without one", "Señora Márquez".encode(), TEXT),
    ("UTF-8 cut inside a letter", "Señora Márquez 🙂".encode()[:-2], TEXT),
    ("Windows-1252", b"it\x92s \x93quoted\x94", TEXT),
    ("UTF-16, little end first", "\ufeffé note".encode("utf-16-le"), TEXT),
    ("UTF-16, big end first", "\ufeffé note".encode("utf-16-be"), TEXT),
    ("UTF-16 cut inside a letter", "\ufeffa note".encode("utf-16-le")[:-1], TEXT),
    ("UTF-16 without a mark", "The visit was late.".encode("utf-16-le"), TEXT),
    ("UTF-16 without a mark, big end first, cut inside an emoji", "Отец не пришёл 🙂".encode("utf-16-be")[:-2], TEXT),
    ("UTF-16 without a mark, too short to know", "a note".encode("utf-16-le"), None),
    ("letters of no writing at two bytes each", bytes(range(1, 250)) * 2, None),
    ("UTF-32", "\ufeffa note".encode("utf-32-le"), None),
    ("mark of UTF-16 before zeros", b"\xff\xfe" + b"\0" * 30, None),
    ("mark of UTF-16 before its own mirror", b"\xff\xfe\xfe\xff\xff\xff", None),
    ("mark of UTF-8 before a NUL", b"\xef\xbb\xbfnote\0more", None),
    ("mark of UTF-8 alone", b"\xef\xbb\xbf", TEXT),
    ("mark of UTF-16 alone", b"\xff\xfe", TEXT),
    ("text with a DEL", b"carrier\x7f lost", TEXT),
    ("text with the controls of a terminal", b"\x1b[1mbold\x1b[0m\a\b\t\f\r\n", TEXT),
    ("text with a vertical tab", b"one\x0btwo", None),
    ("text with a NUL", b"one\0two", None),
    ("text with an end-of-file mark", b"one\x1a", None),
    ("RTF", b"{\\rtf1\\ansi Dear Judge}", "rtf"),
    ("RTF behind a mark", b"\xef\xbb\xbf{\\rtf1\\ansi Dear Judge}", "rtf"),
    ("web page", b"\n<!-- saved -->\n<!DOCTYPE html>\n<html><body>", "html"),
    ("web page as XML", b"<?xml version='1.0'?><html xmlns='x'>", "html"),
    ("letter about HTML", b"I wrote <html> by hand.", TEXT),
    ("table of values", b"day;paid;how\n" + b'2024-03-05;"1,50";cash\n' * 6 + b"2024", "csv"),
    ("sentences with commas", b"He came, saw, and left.\nShe said no, he said yes, they went.\nSo, no.\n" * 3, TEXT),
    ("braces that are no RTF", b"{\\r is a carriage return}", TEXT),
    ("PostScript", b"%!PS-Adobe-3.0\n/Times findfont", "ps"),
    ("text that starts like a comment", b"%!important, she said", TEXT),
    ("printer's job", b"\x1b%-12345X@PJL ENTER LANGUAGE=PCL", "pcl"),
    ("PostScript with a preview", b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "ps"),
    ("ZIP, and so Word's and Excel's", b"PK\x03\x04\x14\0\x06\0", "zip"),
    ("old Word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "ole"),
    ("program of Windows", b"MZ\x90\0\x03\0\0\0", "program"),
    ("program of Linux", b"\x7fELF\x02\x01\x01\0", "program"),
    ("MP3", b"ID3\x03\0\0\0\0\x0f", "mp3"),
    ("MP3 without a label", b"\xff\xfb\x90\x64\0", "mp3"),
    ("AAC", b"\xff\xf1\x50\x80\0", "aac"),
    ("voice memo", b"\0\0\0\x1cftypM4A \0\0\0\0", "m4a"),
    ("iPhone's video", b"\0\0\0\x14ftypqt  \0\0\0\0", "mov"),
    ("old phone's video", b"\0\0\0\x18ftyp3gp5\0\0\0\0", "3gp"),
    ("WhatsApp's voice", b"OggS\0\x02\0\0", "ogg"),
    ("FLAC", b"fLaC\0\0\0\x22", "flac"),
    ("voicemail", b"#!AMR\n\x3c", "amr"),
    ("CAF", b"caff\0\x01\0\0desc", "caf"),
    ("AIFF", b"FORM\0\0\0\x2eAIFFCOMM", "aiff"),
    ("WMA", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    ("WebM", b"\x1aE\xdf\xa3\x9fB\x86", "mkv"),
    ("AVIF, a picture in boxes", b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "avif"),
    ("AVI", b"RIFF\x24\0\0\0AVI LIST", "avi"),
    ("ZIP whose first member is a PDF, stored", b"PK\x03\x04" + bytes(26) + b"order.pdf%PDF-1.4\n", "zip"),
    ("winmail.dat with a PDF in it", b"\x78\x9f\x3e\x22" + bytes(30) + b"%PDF-1.4\n", "tnef"),
    ("e-mail that ends in a PDF", b"From: A\nTo: B\nMIME-Version: 1.0\n\n%PDF-1.4\n", "eml"),
    ("ZIP without a member", b"PK\x05\x06" + bytes(18), "zip"),
    ("TAR", b"letter.txt".ljust(257, b"\0") + b"ustar\x0000", "tar"),
    ("gzip", b"\x1f\x8b\x08\0", "gz"),
    ("bzip2", b"BZh91AY&SY", "bz2"),
    ("note that begins as bzip2 does", b"BZh9 is a key.", TEXT),
    ("xz", b"\xfd7zXZ\0", "xz"),
    ("7z", b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
    ("RAR", b"Rar!\x1a\x07\x01\0", "rar"),
    ("winmail.dat", b"\x78\x9f\x3e\x22\x01\0", "tnef"),
    ("Outlook's mailbox", b"!BDN\0\0\0\0SM", "pst"),
    ("phone's database", b"SQLite format 3\0\x10\0", "sqlite"),
    ("e-mail", b"Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y\r\nFrom: A\r\nTo: B\r\n\r\nHi", "eml"),
    ("e-mail with its fields in any order and case", b"SUBJECT: Visit\nmime-version: 1.0\nfrom: a\n\nHi", "eml"),
    ("e-mail with nothing but a date by a machine", b"From: A\nDate: Tue, 5 Mar 2024 18:03:00 -0800\n\nHi", "eml"),
    ("Apple Mail's own e-mail", b"71        \nReceived: from x\nFrom: A\nSubject: Visit\n\nHi\n<?xml", "eml"),
    ("e-mail behind an empty line", b"\r\nReceived: from x\r\nFrom: A\r\nTo: B\r\n\r\nHi", "eml"),
    ("number above a letter", b"17\nFrom: Dana\nTo: the court\n\nHi", TEXT),
    ("letter that begins as a letter does", b"From: Dana\nTo: the court\nDate: March 5\n\nHi", TEXT),
    ("note with a colon", b"Remember: call\nMessage: none", TEXT),
    ("mailbox", b"From a@b.example Tue Mar  5 18:03:00 2024\nReceived: x\nFrom: A\n\nHi", "mbox"),
    ("sentence that begins with From", b"From 2019 until 2024 he lived there.\nThen: no.", TEXT),
    ("iPhone's WhatsApp chat", "\u200e[13/02/2024, 9:41:07\u202fPM] Dana: \u200ehi\n[14/02".encode(), "whatsapp"),
    ("Android's WhatsApp chat", b"3/14/24, 9:04 PM - Messages are encrypted.\n3/14/24, 9:05 PM - D: x", "whatsapp"),
    ("WhatsApp chat in German", b"05.03.24, 21:42 - Dana: Hallo, du, da\n", "whatsapp"),
    ("WhatsApp chat in Arabic", "\u200f28\u200f/3\u200f/2024، 6:03 م - ماركوس: لا زيارة\n".encode(), "whatsapp"),
    ("letter with a date and a clock", b"5/3/2024, 9:00 he came - as always.\nThen he left.", TEXT),
    ("program's log", b"2024-03-05 21:42:10 INFO started\n2024-03-05 21:42:11 INFO done: ok\n" * 3, TEXT),
    ("iPhone's conversation", b"Mar 05, 2024  2:03:45 PM (Read by you after 5 seconds)\nMarcus\nhi\n", "imessage"),
    ("iPhone's conversation as a page", b'<html>\n<div class="message">\n<div class="sent iMessage">', "imessage-html"),
    ("Google Voice", b'<?xml version="1.0" ?>\n<html><body><div class="hChatLog hfeed">', "google-voice"),
    ("backup of a phone", b"<?xml version='1.0'?>\n<!--File Created By SMS Backup-->\n<smses count=\"3\">", "sms"),
    ("calls of a phone", b"<?xml version='1.0'?><calls count=\"3\">", "sms"),
    ("Facebook's conversation", b'{\n "participants": [{"name": "A"}],\n "messages": [', "meta"),
    ("other JSON", b'{"participants": [1, 2]}', TEXT),
    ("zeros", bytes(20), None),
    ("nothing", b"", None),
)  # fmt: skip


FAMILIES = {"doc": "ole", "xls": "ole", "ppt": "ole", "msg": "ole", "locked_office": "ole"}
"""Kinds that only the whole file tells from their family; all others of these are ZIPs."""
BY_HEAD = {kind: head for _, head, kind in reversed(CASES) if kind}


def files_of_every_kind() -> dict[str, tuple[bytes, Kind | None]]:
    """A file of each kind under its own extension, and what a folder holds besides: name, bytes, the door's verdict.

    Those of NOT_EVIDENCE hold a PDF: nothing looks into them. The last ones have names that lie.
    """
    files: dict[str, tuple[bytes, Kind | None]] = {}
    for kind in KINDS:
        family = kind.name if kind.name in BY_HEAD else FAMILIES.get(kind.name, "zip")
        if kind not in NOT_EVIDENCE.values():
            files[f"{kind.name}.{kind.extension}"] = (BY_HEAD[family] + b" " + kind.name.encode(), kind_named(family))
    files |= {f"left.{extension}": (BY_HEAD[PDF], kind) for extension, kind in NOT_EVIDENCE.items()}
    files["program without a name"] = (BY_HEAD["program"], kind_named("program"))
    files["unknown.xyz"] = (b"\0\1\2", None)
    files["page.doc"] = (BY_HEAD["html"], kind_named("html"))
    files["drawing.ai"] = (BY_HEAD[PDF] + b"ai", kind_named(PDF))
    return files

"""What files are by their first bytes: one table that the front desk and the worker are both held to.

Each case: what it is, its bytes, and the mime type that both must name; None: both refuse it as `unsupported_type`.
"""

import struct

PDF, TEXT, BMP, TIFF, HEIC = "application/pdf", "text/plain", "image/bmp", "image/tiff", "image/heic"


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
    ("JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF\0", "image/jpeg"),
    ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    ("PNG through a text transfer", b"\x89PNG\n\x1a\n\0\0\0\rIHDR", None),
    ("GIF 87a", b"GIF87a\x10\0\x10\0", "image/gif"),
    ("GIF 89a", b"GIF89a\x10\0\x10\0", "image/gif"),
    ("note about GIFs", b"GIF90a is no format.", TEXT),
    ("WebP", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    ("WAV", b"RIFF\x24\0\0\0WAVEfmt ", None),
    ("TIFF, Intel", b"II*\0\x08\0\0\0", TIFF),
    ("TIFF, Motorola", b"MM\0*\0\0\0\x08", TIFF),
    ("BigTIFF, Intel", b"II+\0\x08\0\0\0", TIFF),
    ("BigTIFF, Motorola", b"MM\0+\0\x08\0\0", TIFF),
    ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0", HEIC),
    ("HEIC sequence", b"\0\0\0\x18ftypmsf1\0\0\0\0", HEIC),
    ("MP4 film", b"\0\0\0\x18ftypmp42\0\0\0\0", None),
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
    ("UTF-16 without a mark", "a note".encode("utf-16-le"), None),
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
    ("RTF", b"{\\rtf1\\ansi Dear Judge}", None),
    ("RTF behind a mark", b"\xef\xbb\xbf{\\rtf1\\ansi Dear Judge}", None),
    ("braces that are no RTF", b"{\\r is a carriage return}", TEXT),
    ("PostScript", b"%!PS-Adobe-3.0\n/Times findfont", None),
    ("text that starts like a comment", b"%!important, she said", TEXT),
    ("printer's job", b"\x1b%-12345X@PJL ENTER LANGUAGE=PCL", None),
    ("PostScript with a preview", b"\xc5\xd0\xd3\xc6\x1e\0\0\0", None),
    ("ZIP, and so Word's and Excel's", b"PK\x03\x04\x14\0\x06\0", None),
    ("old Word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", None),
    ("program of Windows", b"MZ\x90\0\x03\0\0\0", None),
    ("program of Linux", b"\x7fELF\x02\x01\x01\0", None),
    ("MP3", b"ID3\x03\0\0\0\0\x0f", None),
    ("zeros", bytes(20), None),
    ("nothing", b"", None),
)  # fmt: skip

"""Files that nobody should have sent, made here so that each one's malice can be read."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from scripts.make_sample_documents import assemble, number_objects, text_stream


def photo(width: int = 1200, height: int = 1600) -> Image.Image:
    """Something with detail, so that its JPEG has substance to cut off."""
    dice = np.random.default_rng(7)
    return Image.fromarray(dice.integers(0, 255, (height // 8, width // 8), dtype=np.uint8)).resize((width, height))


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def png_with_rows(width: int, height: int) -> bytes:
    """A true 1-bit PNG of any size: 200 MB of white that packs into 200 kB at 40,000 × 40,000."""
    packer, row = zlib.compressobj(9), b"\0" + b"\xff" * ((width + 7) // 8)
    data = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def pdf_with_pages(count: int) -> bytes:
    """A born-digital PDF with one sentence per page."""
    return assemble([text_stream(f"This is page number {page} of a very long record.", 12) for page in range(count)])


def pdf_of(content: bytes, *resources: bytes, names: bytes) -> bytes:
    """A PDF of one page with this content; `resources` are objects 5, 6, … and `names` the resource dictionary."""
    return number_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << " + names + b" >> /Contents 4 0 R >>",
            stream(b"", content),
            *resources,
        ]
    )


def stream(entries: bytes, content: bytes) -> bytes:
    return b"<< " + entries + b" /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def pdf_that_hangs() -> bytes:
    """20,000 gradients over the whole page, one atop the other: minutes of drawing in 120 kB."""
    gradient = (
        b"<< /ShadingType 3 /ColorSpace /DeviceRGB /Coords [300 400 0 300 400 900] /Extend [true true]"
        b" /Function << /FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1] /N 1.5 >> >>"
    )
    return pdf_of(b"/S sh\n" * 20_000, gradient, names=b"/Shading << /S 5 0 R >>")


def pdf_that_eats_memory(depth: int = 10, times: int = 10) -> bytes:
    """Drawings that hold ten drawings that hold ten drawings …: 10,000,000,000 rectangles in 3 kB."""
    forms = []
    for level in range(depth):
        last = level == depth - 1
        names = b"" if last else b"/Resources << /XObject << /F%d %d 0 R >> >>" % (level + 1, 6 + level)
        content = b"0 0 10 10 re f" if last else b"/F%d Do\n" % (level + 1) * times
        forms.append(stream(b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] " + names, content))
    return pdf_of(b"/F0 Do\n" * times, *forms, names=b"/XObject << /F0 5 0 R >>")


def pdf_with_one_bad_page() -> bytes:
    """Three written pages, the middle one of which hangs."""
    gradient = pdf_that_hangs().split(b"5 0 obj\n")[1].split(b"\nendobj")[0]
    pages = b"<< /Type /Pages /Kids [4 0 R 5 0 R 6 0 R] /Count 3 >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << %s >> /Contents %d 0 R >>"
    words = text_stream("The hearing was held in the county court on the second day of the month.", 12)
    return number_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            pages,
            font,
            page % (b"/Font << /F1 3 0 R >>", 7),
            page % (b"/Shading << /S 9 0 R >>", 8),
            page % (b"/Font << /F1 3 0 R >>", 7),
            stream(b"", words),
            stream(b"", b"/S sh\n" * 20_000),
            gradient,
        ]
    )

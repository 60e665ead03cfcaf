"""Make the sample documents in tests/documents: a fictional custody case in every form that files arrive in.

Run `python scripts/make_sample_documents.py [folder]`; the same files come out every time.
Every name, number and event is invented.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "documents"
PAGE_POINTS = (612, 792)

CAPTION = """SUPERIOR COURT OF CALIFORNIA, COUNTY OF ALDER
FAMILY LAW DIVISION

In re the Custody of NORA HALE, a minor child

Petitioner: ELENA MARQUEZ
and
Respondent: THOMAS HALE

Case No. FL-2024-018274
"""

REQUEST_FOR_ORDER = (
    CAPTION
    + """
REQUEST FOR ORDER: MODIFICATION OF CUSTODY AND VISITATION

Filed: March 14, 2024

1. Petitioner Elena Marquez requests an order modifying the custody order entered
on September 8, 2023, which granted the parties joint legal custody of the minor
child, Nora Hale.

2. Under that order Respondent shall return the child by 6:00 p.m. on Sundays.
Respondent returned the child late on January 7, January 21, February 4 and
February 18, 2024, in each case by more than two hours.

3. On February 18, 2024 Respondent did not answer eleven telephone calls and the
child was returned at 9:40 p.m. on a school night.
""",
    """4. Petitioner asks that exchanges take place at the Alder City Library, and that
Sunday visitation end at 4:00 p.m. during the school year.

5. Petitioner asks that each parent give notice of 48 hours before any change of
the parenting time schedule, in writing, through the parenting application that
the court named in its order.

6. The best interest of the child requires a predictable schedule. The child's
teacher reports that Nora falls asleep in class on Mondays after late returns.

7. Petitioner has paid $1,240.00 for after-school care since January 2024, half of
which Respondent agreed to pay and has not paid.
""",
    """8. A hearing is requested at the earliest date available to the court.

I declare under penalty of perjury under the laws of the State of California that
the foregoing is true and correct.

Dated: March 12, 2024


Elena Marquez
Petitioner, in propria persona
""",
)

DECLARATION = (
    CAPTION
    + """
DECLARATION OF THOMAS HALE

I, Thomas Hale, declare:

1. I am the Respondent in this matter and the father of Nora Hale.

2. I have never returned the child later than 6:15 p.m. on any Sunday in 2024.

3. On February 18, 2024 I returned the child at 6:05 p.m. and spoke with Petitioner
at her door for several minutes.

4. I deny that I agreed to pay half of any after-school care.
""",
    """5. Since October 2023 Petitioner has refused three of my requests for make-up
parenting time, on October 15, November 19 and December 24, 2023.

6. I ask the court to deny the Request for Order in full.

I declare under penalty of perjury that the foregoing is true and correct.

Executed on April 2, 2024, at Alder City, California.


Thomas Hale
Respondent
""",
)

CUSTODY_ORDER = (
    CAPTION
    + """
FINDINGS AND ORDER AFTER HEARING

Hearing date: May 6, 2024
Judge: Hon. Patricia Okafor

The court, having considered the evidence and the best interest of the minor child,
finds and orders as follows:

1. The parties shall share joint legal custody of Nora Hale.

2. Primary physical custody is awarded to Petitioner.

3. Respondent shall have parenting time on the first, third and fifth weekend of
each month from Friday at 5:00 p.m. to Sunday at 4:00 p.m.
""",
    """4. Exchanges shall take place at the Alder City Library, 200 Main Street.

5. Neither party shall remove the child from the State of California without written
consent of the other or order of this court.

6. Respondent shall pay $620.00, one half of after-school care, by June 15, 2024.

IT IS SO ORDERED.

Dated: May 9, 2024


Patricia Okafor
Judge of the Superior Court
""",
)

LETTER = """Lindqvist & Osei, Attorneys at Law
48 Harbor Street, Alder City, California

April 22, 2024

Dear Ms. Marquez,

Thank you for the telephone records. They show eleven calls from your number to
Mr. Hale between 6:10 p.m. and 9:25 p.m. on February 18, 2024, none answered.

Please bring the original statement of the telephone company to the hearing on
May 6, 2024, and the log that you kept of the Sunday returns.

If Mr. Hale offers to pay his half of the after-school care before then, do not
sign anything without calling me first.

Sincerely,

Amara Osei
"""

POLICE_REPORT = (
    """ALDER CITY POLICE DEPARTMENT
INCIDENT REPORT

Report number: 24-00771
Date: February 18, 2024      Time: 9:05 p.m.
Reporting officer: J. Whitfield, badge 3312
Nature of call: welfare check

Reporting party: Elena Marquez
Subject: Thomas Hale

Ms. Marquez stated that her daughter, age 8, was due back at 6:00 p.m. under a
custody order and that the father did not answer his telephone.
""",
    """I drove to the residence of Mr. Hale at 1190 Cedar Lane at 9:20 p.m. Mr. Hale
opened the door. The child was present and unharmed. Mr. Hale stated that he had
lost track of time. He left with the child at 9:28 p.m.

No offense was committed. The parties were referred to family court.

J. Whitfield
End of report
""",
)

MESSAGES = """Text messages exported from the telephone of Elena Marquez
Case No. FL-2024-018274, Exhibit C

2024-01-10 18:02  Elena: The after-school care is $310 a month. Can you pay half?
2024-01-10 18:20  Thomas: Yes, that is fair. I will send 155 on the first.
2024-02-18 18:10  Elena: Where are you? It is after six.
2024-02-18 19:32  Elena: Please answer. Nora has school tomorrow.
2024-02-18 21:31  Thomas: Sorry, lost track of time. On our way.
2024-03-03 09:15  Elena: You have not sent anything for January or February.
2024-03-03 11:48  Thomas: I never agreed to that.
"""

SCHOOL_NOTE = """Cedar Grove Elementary School
Alder Unified School District

Attendance record: Nora Hale, grade level 3
Teacher: Ms. R. Albright

Monday, January 8, 2024: tardy, 25 minutes
Monday, January 22, 2024: tardy, 40 minutes
Monday, February 5, 2024: asleep during reading
Tuesday, February 20, 2024: unexcused absence

Office stamp: February 27, 2024
"""

RECEIPT = """     LITTLE OAKS AFTER-SCHOOL CARE
      75 Orchard Road, Alder City

RECEIPT            No. 004417
Date: 03/01/2024

February care, N. Hale     310.00
Late pick-up fee 02/20      15.00
                          -------
Subtotal                   325.00
Paid by card (Visa)        325.00

   Paid by: E. Marquez. Thank you!
"""

SIDEWAYS = """EXHIBIT D

Log of Sunday returns, kept by Elena Marquez

January 7, 2024: returned at 8:12 p.m.
January 21, 2024: returned at 8:31 p.m.
February 4, 2024: returned at 8:05 p.m.
February 18, 2024: returned at 9:40 p.m.

Each return was due at 6:00 p.m.
"""


def main(folder: Path = FOLDER) -> None:
    """Write every sample document into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(20240314)
    request = write_pdf(REQUEST_FOR_ORDER)
    files = {
        "request_for_order.pdf": request,
        "request_for_order (copy).pdf": request,
        "declaration_scan.pdf": scans_to_pdf([scan(page, dice) for page in draw(write_pdf(DECLARATION))]),
        "declaration_scan_bad_text_layer.pdf": with_bad_text_layer(dice),
        "custody_order.pdf": order_with_scanned_signature(dice),
        "attorney_letter_photo.jpg": to_phone_photo(draw(write_pdf([LETTER]))[0], dice),
        "police_report.tiff": to_tiff(draw(write_pdf(POLICE_REPORT))),
        "text_messages.txt": MESSAGES.encode(),
        "school_note.heic": to_heic(draw(write_pdf([SCHOOL_NOTE]))[0]),
        "care_receipt.png": to_receipt(draw(write_pdf([RECEIPT], font="Courier", size=13))[0]),
        "exhibit_log_sideways.jpg": to_jpeg(draw(write_pdf([SIDEWAYS], size=14))[0].rotate(90, expand=True)),
        "blank_pages.pdf": write_pdf(["", CAPTION + "\nThis page follows an empty one.", ""]),
        "damaged.pdf": request[: len(request) // 5].replace(b"obj", b"obf"),
        "password_protected.pdf": encrypt(REQUEST_FOR_ORDER[:1], "alder-7731"),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


def write_pdf(pages, font: str = "Times-Roman", size: int = 12) -> bytes:
    """A born-digital PDF with one text per page."""
    return assemble([text_stream(page, size) for page in pages], font)


def text_stream(text: str, size: int, mode: int = 0) -> bytes:
    """The content stream of a page of text lines, in text render mode `mode` (3 is invisible)."""
    lines = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in text.splitlines()]
    if not text:
        return b""
    shown = "\n".join(f"({line}) Tj T*" for line in lines)
    return f"BT /F1 {size} Tf {mode} Tr {size * 1.35:.1f} TL 72 720 Td\n{shown}\nET".encode("cp1252")


def assemble(streams, font: str = "Times-Roman", encrypt_object=None, trailer: str = "") -> bytes:
    """A PDF file from page content streams."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(streams)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>".encode(),
    ]
    for index, stream in enumerate(streams):
        number = 5 + 2 * index
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_POINTS[0]} {PAGE_POINTS[1]}]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {number} 0 R >>".encode()
        )
        data = encrypt_object(number, stream) if encrypt_object else stream
        bodies.append(f"<< /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")
    return number_objects(bodies, trailer)


def number_objects(bodies, trailer: str = "") -> bytes:
    """The bodies as objects 1, 2, …, with cross-reference table and trailer."""
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    for number, body in enumerate(bodies, 1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    table = out.tell()
    out.write(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{offset:010d} 00000 n \n" for offset in offsets).encode())
    out.write(f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def draw(pdf: bytes, dots_per_inch: int = 150) -> list[Image.Image]:
    """The pages of a PDF as gray images."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.render(scale=dots_per_inch / 72, grayscale=True).to_pil().convert("L") for page in document]


def scan(page: Image.Image, dice: np.random.Generator) -> Image.Image:
    """A page as an office scanner sees it: tilted, soft, gray, with specks."""
    turned = page.rotate(dice.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255)
    pixels = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32)
    pixels = 30 + pixels * 0.82 + dice.normal(0, 7, pixels.shape)
    specks = dice.random(pixels.shape) < 0.0002
    pixels[specks] = 60
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def scans_to_pdf(scans) -> bytes:
    """A PDF of one JPEG per page, as a scanner writes it."""
    buffer = io.BytesIO()
    undated = {"creationDate": None, "modDate": None}  # the same bytes every time
    scans[0].save(buffer, "PDF", save_all=True, append_images=scans[1:], resolution=150, quality=55, **undated)
    return buffer.getvalue()


def image_pages(images, texts=None) -> list[bytes]:
    """Objects of pages that are one JPEG each, with optional invisible text over it."""
    bodies = []
    for index, image in enumerate(images):
        data = to_jpeg(image, 55)
        first = 4 + 3 * index
        overlay = text_stream(texts[index], 12, mode=3) if texts else b""
        content = f"q {PAGE_POINTS[0]} 0 0 {PAGE_POINTS[1]} 0 0 cm /Im Do Q\n".encode() + overlay
        bodies += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_POINTS[0]} {PAGE_POINTS[1]}] /Resources << /Font"
            f" << /F1 3 0 R >> /XObject << /Im {first + 2} 0 R >> >> /Contents {first + 1} 0 R >>".encode(),
            f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
            f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceGray"
            f" /BitsPerComponent 8 /Filter /DCTDecode /Length {len(data)} >>\nstream\n".encode()
            + data
            + b"\nendstream",
        ]
    return bodies


def with_bad_text_layer(dice: np.random.Generator) -> bytes:
    """A scan whose hidden text layer, made by bad OCR, is wrong: it must be read anew."""
    images = [scan(page, dice) for page in draw(write_pdf(DECLARATION[1:]))]
    wrong = "5. Slnce 0ctober 2O23 Petltioner has refvsed thrce of rny reqvests tor rnake-up\npareuting tlme"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *image_pages(images, [wrong]),
    ]
    return number_objects(bodies)


def order_with_scanned_signature(dice: np.random.Generator) -> bytes:
    """An order whose first page is born-digital and whose signed page is a scan."""
    signed = scan(sign(draw(write_pdf(CUSTODY_ORDER[1:]))[0]), dice)
    content = text_stream(CUSTODY_ORDER[0], 12)
    pages = image_pages([signed])
    number = 4 + len(pages)
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{number} 0 R 4 0 R] /Count 2 >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
        *pages,
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_POINTS[0]} {PAGE_POINTS[1]}] /Resources << /Font"
        f" << /F1 3 0 R >> >> /Contents {number + 1} 0 R >>".encode(),
        f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
    ]
    return number_objects(bodies)


def sign(page: Image.Image) -> Image.Image:
    """A scrawl where the judge signs."""
    page = page.copy()
    strokes = [(150 + 4 * step, 640 + 22 * np.sin(step / 2.1) - step * 0.3) for step in range(60)]
    ImageDraw.Draw(page).line(strokes, fill=40, width=3)
    return page


def to_phone_photo(page: Image.Image, dice: np.random.Generator) -> bytes:
    """A letter on a desk: in perspective, in uneven light, and turned by its EXIF tag only."""
    desk = Image.new("L", (1500, 1900), 90)
    corners = ((70, 40), (20, 1860), (1470, 1800), (1400, 90))
    coefficients = perspective(corners, page.size)
    warped = page.transform(
        desk.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=90
    )
    rows, columns = np.mgrid[0 : desk.height, 0 : desk.width]
    light = 1.0 - 0.35 * (columns / desk.width) * (rows / desk.height)
    gray = np.asarray(warped, dtype=np.float32) * light + dice.normal(0, 4, light.shape)
    photo = Image.fromarray(np.stack([gray, gray * 0.97, gray * 0.9], axis=2).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me by 90 degrees clockwise"
    buffer = io.BytesIO()
    photo.rotate(90, expand=True).save(buffer, "JPEG", quality=60, exif=exif)
    return buffer.getvalue()


def perspective(corners, size) -> list[float]:
    """Coefficients that move the corners of a page (top left, bottom left, bottom right, top right) to `corners`."""
    width, height = size
    targets = ((0, 0), (0, height), (width, height), (width, 0))
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return list(np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float)))


def to_tiff(pages) -> bytes:
    """A fax: several black and white pages in one TIFF."""
    buffer = io.BytesIO()
    fax = [page.point(lambda value: 255 if value > 150 else 0).convert("1") for page in pages]
    fax[0].save(buffer, "TIFF", compression="group4", save_all=True, append_images=fax[1:], dpi=(150, 150))
    return buffer.getvalue()


def to_heic(page: Image.Image) -> bytes:
    """What an iPhone saves."""
    buffer = io.BytesIO()
    pillow_heif.from_pillow(page.convert("RGB")).save(buffer, quality=50)
    return buffer.getvalue()


def to_receipt(page: Image.Image) -> bytes:
    """A narrow strip of paper."""
    buffer = io.BytesIO()
    page.crop((120, 110, 900, 640)).quantize(16).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def to_jpeg(image: Image.Image, quality: int = 60) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def encrypt(pages, password: str) -> bytes:
    """A PDF that opens only with a password (the 40-bit standard handler, which every reader knows)."""
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    padded = (password.encode() + padding)[:32]
    file_id = hashlib.md5(b"sample", usedforsecurity=False).digest()
    owner = rc4(hashlib.md5(padded, usedforsecurity=False).digest()[:5], padded)
    permissions = (-44).to_bytes(4, "little", signed=True)
    key = hashlib.md5(padded + owner + permissions + file_id, usedforsecurity=False).digest()[:5]
    user = rc4(key, padding)

    def encrypt_object(number: int, data: bytes) -> bytes:
        salt = number.to_bytes(3, "little") + b"\0\0"
        return rc4(hashlib.md5(key + salt, usedforsecurity=False).digest()[:10], data)

    rules = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{user.hex()}> /P -44 >>"
    streams = [text_stream(page, 12) for page in pages]
    return assemble(
        streams, encrypt_object=encrypt_object, trailer=f"{rules} /ID [<{file_id.hex()}> <{file_id.hex()}>]"
    )


def rc4(key: bytes, data: bytes) -> bytes:
    """The RC4 stream cipher, which old PDFs are encrypted with."""
    state, swap = list(range(256)), 0
    for index in range(256):
        swap = (swap + state[index] + key[index % len(key)]) % 256
        state[index], state[swap] = state[swap], state[index]
    out, first, second = bytearray(), 0, 0
    for byte in data:
        first = (first + 1) % 256
        second = (second + state[first]) % 256
        state[first], state[second] = state[second], state[first]
        out.append(byte ^ state[(state[first] + state[second]) % 256])
    return bytes(out)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))

"""Pictures of every mode show what they show: dark ink on light paper, as pages, thumbnails and in searchable.pdf."""

import io
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image, ImageCms

from gpu_worker.ocr.ink import is_blank
from gpu_worker.pictures.claims import EDITABLE, read_live_mark
from gpu_worker.render.facts import LIVE_MARK, find_live_mark
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.readers import READERS
from gpu_worker.settings import RenderLimits
from tests.gpu_worker import bad_files

HEIGHT, WIDTH = 440, 340
INK = np.zeros((HEIGHT, WIDTH), bool)
INK[60:80, 40:300] = INK[120:140, 40:200] = True  # two bars, as two words would be
PAGE = np.where(INK, 0, 255).astype(np.uint8)
INTAKE = Path(__file__).parents[2] / "intake"


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(values: np.ndarray, white_is_zero: bool = False) -> bytes:
    """A TIFF of these samples; `white_is_zero`: as fax machines and X-rays have it."""
    content = saved(Image.fromarray(values), "TIFF")
    photometric = [struct.pack("<HHII", 262, 3, 1, value) for value in (1, 0)]
    return content.replace(*photometric) if white_is_zero else content


def sixteen_bits(low: int, high: int) -> np.ndarray:
    return np.where(INK, low, high).astype(np.uint16)


def png_of(samples: np.ndarray) -> bytes:
    """A PNG of 8 or 16 bits a sample, in colour or with transparency: channels as OpenCV orders them."""
    return cv2.imencode(".png", samples)[1].tobytes()


def ink_alone(gray: int, kind: str = "RGBA") -> Image.Image:
    """Ink of one gray on nothing."""
    alpha = Image.fromarray(np.where(INK, 255, 0).astype(np.uint8))
    image = Image.merge("LA", (Image.new("L", (WIDTH, HEIGHT), gray), alpha))
    return image if kind == "LA" else image.convert(kind)


def two_inks() -> Image.Image:
    """The first bar black, the second white, on nothing."""
    image = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    image[60:80, 40:300] = 0, 0, 0, 255
    image[120:140, 40:200] = 255
    return Image.fromarray(image)


def palette_with_hole() -> Image.Image:
    """Index 0 is the hole, index 1 white ink."""
    image = Image.fromarray(INK.astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.info["transparency"] = 0
    return image


def lab() -> Image.Image:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(Image.fromarray(PAGE).convert("RGB"), *profiles, outputMode="LAB")


def not_a_number() -> np.ndarray:
    values = np.where(INK, 0.0, 1.0).astype(np.float32)
    values[0, :20], values[1, :20] = np.nan, np.inf
    return values


def dead_pixel() -> np.ndarray:
    values = sixteen_bits(200, 3000)
    values[5, 5] = 65535
    return values


PICTURES: dict[str, Callable[[], bytes]] = {
    "16 bits, as scanners save them": lambda: saved(Image.fromarray(sixteen_bits(3000, 54000)), "PNG"),
    "16 bits, darker than half of them": lambda: saved(Image.fromarray(sixteen_bits(300, 20000)), "PNG"),
    "12 bits in 16": lambda: tiff(sixteen_bits(200, 3800)),
    "12 bits in 16 and a dead pixel": lambda: tiff(dead_pixel()),
    "16 bits, white is zero": lambda: tiff(sixteen_bits(60000, 500), white_is_zero=True),
    "16 bits, high byte first": lambda: saved(Image.fromarray(sixteen_bits(0, 65535).astype(">u2")), "TIFF"),
    "16 bits and colour, of which 10 are used": lambda: png_of(np.dstack([sixteen_bits(0, 1023)] * 3)),
    "16 bits and transparency": lambda: png_of(np.dstack([sixteen_bits(0, 60000)] * 3 + [sixteen_bits(65535, 65535)])),
    "32-bit numbers": lambda: tiff(np.where(INK, -70_000, 90_000).astype(np.int32)),
    "floats from 0 to 1": lambda: tiff(np.where(INK, 0.0, 1.0).astype(np.float32)),
    "floats, white is zero": lambda: tiff(np.where(INK, 1.0, 0.0).astype(np.float32), white_is_zero=True),
    "floats of which some are none": lambda: tiff(not_a_number()),
    "white ink on nothing": lambda: saved(ink_alone(255), "PNG"),
    "black ink on nothing": lambda: saved(ink_alone(0), "PNG"),
    "light gray ink on nothing": lambda: saved(ink_alone(235, "LA"), "PNG"),
    "white ink on nothing, WebP": lambda: saved(ink_alone(255), "WEBP", lossless=True),
    "black and white ink on nothing": lambda: saved(two_inks(), "PNG"),
    "palette with a hole": lambda: saved(palette_with_hole(), "PNG", transparency=0),
    "palette with a hole, GIF": lambda: saved(palette_with_hole(), "GIF", transparency=0),
    "colours that are transparent throughout": lambda: png_of(np.dstack([PAGE, PAGE, PAGE, PAGE * 0])),
    "CMYK, TIFF": lambda: saved(Image.fromarray(PAGE).convert("CMYK"), "TIFF"),
    "CMYK, JPEG": lambda: saved(Image.fromarray(PAGE).convert("CMYK"), "JPEG"),
    "L*a*b*": lambda: saved(lab(), "TIFF"),
    "1 bit, white is zero": lambda: saved(Image.fromarray(PAGE).convert("1"), "TIFF", compression="group4"),
    "AVIF": lambda: saved(Image.fromarray(PAGE).convert("RGB"), "AVIF", quality=90),
    "1 bit": lambda: saved(Image.fromarray(PAGE).convert("1"), "PNG"),
}
LIGHT_INK = {name for name in PICTURES if "ink on nothing" in name or "hole" in name} - {"black ink on nothing"}
"""Light letters stay light: their paper becomes dark."""


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    made = RenderPool(RenderLimits(seconds=60, memory_bytes=1024**3))
    yield made
    made.stop()


def check_ink(page: np.ndarray, name: str) -> None:
    gray = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    assert not is_blank(gray)
    rows, columns = gray.shape
    paper = float(gray[rows * 100 // HEIGHT, columns // 2])
    bars = [float(gray[rows * row // HEIGHT, columns * 60 // WIDTH]) for row in (70, 130)]
    least = 100 if "and white" in name else 180
    assert all(abs(paper - bar) >= least for bar in bars)
    if name not in LIGHT_INK:
        assert all(paper > bar for bar in bars), "paper is light and ink is dark"


@pytest.mark.parametrize("name", PICTURES)
def test_ink_is_seen_on_the_page_the_thumbnail_and_in_searchable_pdf(pool: RenderPool, tmp_path: Path, name: str):
    path, searchable = tmp_path / "original", tmp_path / "searchable.pdf"
    path.write_bytes(PICTURES[name]())
    (tmp_path / "spool").touch()
    with pool.open(path, "image") as file:
        page, note = file.draw(1)
        thumbnail = np.asarray(Image.open(io.BytesIO(file.draw_jpeg(1, 300))))
        file.make_searchable("image/any", tmp_path / "spool", searchable)
    assert note is None
    check_ink(page, name)
    check_ink(thumbnail, name)
    with pypdfium2.PdfDocument(searchable) as pdf:
        assert len(pdf) == 1
        check_ink(pdf[0].render(scale=2).to_numpy()[..., ::-1].copy(), name)


def test_an_ordinary_picture_is_left_as_it_is(pool: RenderPool, tmp_path: Path):
    faint = np.where(INK, 200, 230).astype(np.uint8)  # pencil: what is faint to a person stays faint
    (tmp_path / "faint.png").write_bytes(png_of(faint))
    wide = (np.linspace(0, 65535, WIDTH)[None, :] * np.ones((HEIGHT, 1))).astype(np.uint16)
    (tmp_path / "wide.png").write_bytes(png_of(wide))
    with pool.open(tmp_path / "faint.png", "image") as file:
        assert np.array_equal(file.draw(1)[0], faint)
    with pool.open(tmp_path / "wide.png", "image") as file:
        assert np.abs(file.draw(1)[0] - wide / 257).max() <= 1


@pytest.mark.parametrize("level", [0, 30000, 65535])
def test_a_picture_of_nothing_is_still_blank(pool: RenderPool, tmp_path: Path, level: int):
    (tmp_path / "nothing.png").write_bytes(png_of(np.full((HEIGHT, WIDTH), level, np.uint16)))
    with pool.open(tmp_path / "nothing.png", "image") as file:
        assert is_blank(file.draw(1)[0])


def test_colours_of_the_same_lightness_are_not_blank():
    page = np.full((HEIGHT, WIDTH, 3), (0, 150, 0), np.uint8)
    page[INK] = 255, 19, 0  # as light as the green when there is no colour
    assert np.ptp(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(int)) < 4
    assert not is_blank(page)


def size_in_inches(path: Path) -> tuple[float, float]:
    with pypdfium2.PdfDocument(path) as pdf:
        assert len(pdf) == 1
        width, height = pdf[0].get_size()
    return width / 72, height / 72


def test_a_fax_with_high_pixels_is_a_letter_page(pool: RenderPool, tmp_path: Path):
    (tmp_path / "spool").touch()
    with pool.open(INTAKE / "fax_standard_204x98_g3.tif", "image") as file:
        page, _ = file.draw(1)
        thumbnail = Image.open(io.BytesIO(file.draw_jpeg(1, 400)))
        file.make_searchable("image/tiff", tmp_path / "spool", tmp_path / "searchable.pdf")
    assert size_in_inches(tmp_path / "searchable.pdf") == pytest.approx((8.5, 11), rel=0.01)
    for width, height in (page.shape[::-1], thumbnail.size):
        assert width / height == pytest.approx(8.5 / 11, rel=0.01)


@pytest.mark.parametrize(
    ("pixels", "dpi", "inches"),
    [
        ((408, 196), (204, 98), (2, 2)),
        ((196, 408), (98, 204), (2, 2)),
        ((400, 200), (2, 1), (2, 2)),  # a ratio, no resolution
        ((400, 200), (1, 1), (2, 1)),
        ((400, 200), (0, 0), (2, 1)),
        ((400, 200), (100, 7000), (2, 1)),
    ],
)
def test_a_resolution_that_makes_sense_is_believed(pool: RenderPool, tmp_path: Path, pixels, dpi, inches):
    Image.new("1", pixels, 1).save(tmp_path / "in.tif", dpi=dpi)
    (tmp_path / "spool").touch()
    with pool.open(tmp_path / "in.tif", "image") as file:
        file.make_searchable("image/tiff", tmp_path / "spool", tmp_path / "out.pdf")
    assert size_in_inches(tmp_path / "out.pdf") == pytest.approx(inches, rel=0.01)


def moving(kind: str) -> bytes:
    frames = [Image.new("L", (WIDTH, HEIGHT), level) for level in (255, 120, 60)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("content", "pages"),
    [
        (lambda: (INTAKE / "phone_mpo_two_images.jpg").read_bytes(), 1),
        (lambda: moving("GIF"), 1),
        (lambda: moving("WEBP"), 1),
        (lambda: moving("PNG"), 1),
        (lambda: moving("TIFF"), 3),
    ],
    ids=["MPO", "GIF", "WebP", "PNG", "TIFF"],
)
def test_the_result_and_searchable_pdf_have_the_same_pages(pool: RenderPool, tmp_path: Path, content, pages: int):
    (tmp_path / "original").write_bytes(content())
    (tmp_path / "spool").touch()
    with pool.open(tmp_path / "original", "image") as file:
        assert file.pages == pages
        file.make_searchable("image/any", tmp_path / "spool", tmp_path / "searchable.pdf")
    with pypdfium2.PdfDocument(tmp_path / "searchable.pdf") as pdf:
        assert len(pdf) == pages


def test_a_photo_says_when_and_where_it_was_taken_as_claims(tmp_path):
    image = Image.new("L", (40, 40), 200)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Apple", "iPhone 13", "2024:03:09 10:00:00"
    exif.get_ifd(0x8769).update({0x9003: "2024:03:05 21:10:44", 0x9011: "-08:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 57.0, 12.0), 3: "W", 4: (117.0, 23.0, 46.2)})
    image.save(tmp_path / "a.jpg", exif=exif)
    found = READERS["image"](str(tmp_path / "a.jpg")).structure().value
    assert {fact["name"]: fact["value"] for fact in found} == {
        "Taken": "2024-03-05 21:10:44 -08:00", "Saved": "2024-03-09 10:00:00", "Place": "33.95333, -117.39617",
        "Camera": "Apple iPhone 13",
    }  # fmt: skip
    assert all(fact["claim"] and "can change" in fact["warning"] for fact in found)


def test_the_clip_of_a_live_photo_is_a_part_of_its_own(tmp_path):
    clip = b"\0\0\0\x18ftypmp42" + bytes(500)
    xmp = b"\xff\xe1\0\x40http://ns.adobe.com/xap/1.0/\0 GCamera:MotionPhoto='1' ".ljust(66)
    jpeg = bad_files.jpeg(Image.new("L", (40, 40), 200))
    (tmp_path / "a.jpg").write_bytes(jpeg[:2] + xmp + jpeg[2:] + clip)
    pages = READERS["image"](str(tmp_path / "a.jpg"))
    (part,) = pages.parts()
    assert pages.count == 1 and b"".join(part.content()) == clip
    (tmp_path / "b.jpg").write_bytes(jpeg)
    assert not list(READERS["image"](str(tmp_path / "b.jpg")).parts())


MARK = "8C5F6C0B-1B1A-4E2B-9C53-0D6A3F1E2B77"


def live_picture(mark: str = MARK, kind: str = "JPEG") -> bytes:
    """A picture with an iPhone's own notes, among them the mark of its clip."""
    entries = [(1, 9, 1, 14), (17, 2, len(mark) + 1, 16 + 12 * 2 + 4)]
    notes = b"Apple iOS\0\0\1MM" + struct.pack(">H", 2) + b"".join(struct.pack(">HHII", *each) for each in entries)
    exif = Image.Exif()
    exif[0x010F] = "Apple"
    exif.get_ifd(0x8769)[0x927C] = notes + bytes(4) + mark.encode() + b"\0"
    file = io.BytesIO()
    Image.new("L", (40, 40), 200).convert("RGB").save(file, kind, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
def test_a_live_photo_s_picture_says_its_mark(tmp_path, kind):
    pillow_heif.register_heif_opener()
    (tmp_path / "a").write_bytes(live_picture(kind=kind))
    structure = READERS["image"](str(tmp_path / "a")).structure()
    assert {"name": LIVE_MARK, "value": MARK, "claim": True, "warning": EDITABLE} in structure.value
    assert find_live_mark(json.dumps(structure.value).encode()) == MARK


@pytest.mark.parametrize("notes", [
    b"", b"Apple iOS\0\0\1MM", b"Apple iOS\0\0\1MM\xff\xff" + b"\0\x11\0\2\xff\xff\xff\xff\xff\xff\xff\xff",
    b"Apple iOS\0\0\1MM\0\1\0\x11\0\2\0\0\0\4\0",
], ids=["none", "cut off", "forged", "cut within"])  # fmt: skip
def test_broken_notes_are_no_mark(notes):
    assert read_live_mark(notes) is None
    assert find_live_mark(json.dumps([{"name": LIVE_MARK, "value": "'; drop table"}]).encode()) is None

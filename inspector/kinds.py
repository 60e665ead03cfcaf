"""Every kind of file that is known by name, and what becomes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What becomes of a file of a kind."""

    DOCUMENT = "document"  # it has pages of its own, and maybe parts too: an e-mail, a PDF with attachments
    CONTAINER = "container"  # it has parts and no page: an archive, a mailbox
    REFUSED = "refused"  # it is known, and nobody here reads it; `advice` says what to do


@dataclass(frozen=True)
class Kind:
    """A kind of file: its stable name, which also names its reader, and how people and other programs call it."""

    name: str
    mime_type: str
    extension: str
    label: str
    verdict: Verdict = Verdict.DOCUMENT
    advice: str = ""

    @property
    def reader(self) -> str:
        """Which of the worker's readers opens it: one for all pictures, one for all recordings."""
        if self.mime_type.startswith(("audio/", "video/")):
            return "recording"
        return "image" if self.mime_type.startswith("image/") else self.name

    @property
    def refusal(self) -> str:
        """The sentence for a person whose file of this kind is not taken."""
        return f"This is {self.label}. {self.advice}"


_TO_PDF = "Open it, print or export it to PDF, and upload that."
_UNPACK = "Unpack it and upload what is inside, or pack it as ZIP."

PDF = Kind("pdf", "application/pdf", "pdf", "a PDF")
JPEG = Kind("jpeg", "image/jpeg", "jpg", "a JPEG picture")
PNG = Kind("png", "image/png", "png", "a PNG picture")
WEBP = Kind("webp", "image/webp", "webp", "a WebP picture")
GIF = Kind("gif", "image/gif", "gif", "a GIF picture")
BMP = Kind("bmp", "image/bmp", "bmp", "a BMP picture")
TIFF = Kind("tiff", "image/tiff", "tif", "a TIFF picture")
HEIC = Kind("heic", "image/heic", "heic", "a HEIC picture")
AVIF = Kind("avif", "image/avif", "avif", "an AVIF picture")
TEXT = Kind("text", "text/plain", "txt", "plain text")

EML = Kind("eml", "message/rfc822", "eml", "an e-mail (EML)")
MSG = Kind("msg", "application/vnd.ms-outlook", "msg", "an Outlook e-mail (MSG)")
TNEF = Kind("tnef", "application/ms-tnef", "dat", "Outlook's winmail.dat")
MBOX = Kind("mbox", "application/mbox", "mbox", "a mailbox (MBOX)", Verdict.CONTAINER)
PST = Kind(
    "pst", "application/vnd.ms-outlook-pst", "pst", "an Outlook mailbox (PST or OST)", Verdict.REFUSED,
    "Open it in Outlook (File, Open, Outlook Data File), mark the messages and drag them into a folder: each becomes "
    "an MSG file. Without it, the free program readpst writes EML files (readpst -e). Upload these, also as a ZIP.",
)  # fmt: skip

ZIP = Kind("zip", "application/zip", "zip", "a ZIP archive", Verdict.CONTAINER)
BINDER = Kind("binder", "application/x-aseagi-binder", "zip", "pages that were put together here")
TAR = Kind("tar", "application/x-tar", "tar", "a TAR archive", Verdict.CONTAINER)
GZIP = Kind("gz", "application/gzip", "gz", "a file packed with gzip", Verdict.CONTAINER)
BZIP2 = Kind("bz2", "application/x-bzip2", "bz2", "a file packed with bzip2", Verdict.CONTAINER)
XZ = Kind("xz", "application/x-xz", "xz", "a file packed with xz", Verdict.CONTAINER)
SEVEN_ZIP = Kind("7z", "application/x-7z-compressed", "7z", "a 7z archive", Verdict.CONTAINER, _UNPACK)
RAR = Kind("rar", "application/vnd.rar", "rar", "a RAR archive", Verdict.CONTAINER, _UNPACK)

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
DOCX = Kind("docx", f"{_OOXML}.wordprocessingml.document", "docx", "a Word document (DOCX)")
XLSX = Kind("xlsx", f"{_OOXML}.spreadsheetml.sheet", "xlsx", "an Excel workbook (XLSX)")
PPTX = Kind("pptx", f"{_OOXML}.presentationml.presentation", "pptx", "a presentation (PPTX)")
ODT = Kind("odt", f"{_ODF}.text", "odt", "a text document (ODT)")
ODS = Kind("ods", f"{_ODF}.spreadsheet", "ods", "a spreadsheet (ODS)")
ODP = Kind("odp", f"{_ODF}.presentation", "odp", "a presentation (ODP)")
EPUB = Kind("epub", "application/epub+zip", "epub", "a book (EPUB)")
RTF = Kind("rtf", "application/rtf", "rtf", "a Rich Text document (RTF)")
HTML = Kind("html", "text/html", "html", "a web page (HTML)")
CSV = Kind("csv", "text/csv", "csv", "a table of separated values (CSV)")
WHATSAPP = Kind("whatsapp", "text/x-whatsapp", "txt", "a WhatsApp chat")
SMS = Kind("sms", "application/x-sms-backup+xml", "xml", "a backup of a phone's messages or calls")
IMESSAGE = Kind("imessage", "text/x-imessage", "txt", "an iPhone's conversation")
IMESSAGE_PAGE = Kind("imessage-html", "text/x-imessage+html", "html", "an iPhone's conversation (HTML)")
GOOGLE_VOICE = Kind("google-voice", "text/x-google-voice+html", "html", "a conversation or call of Google Voice")
META = Kind("meta", "application/x-meta-messages+json", "json", "a conversation of Facebook or Instagram")
IWORK = Kind(
    "iwork", "application/vnd.apple.iwork", "pages", "a document of Pages, Numbers or Keynote", Verdict.REFUSED, _TO_PDF
)
OLE = Kind("ole", "application/x-ole-storage", "ole", "a Microsoft compound file", advice=_TO_PDF)
"""A family; one that is none of its kinds is refused by the worker."""
DOC = Kind("doc", "application/msword", "doc", "a document of old Word (DOC)", Verdict.REFUSED, _TO_PDF)
XLS = Kind("xls", "application/vnd.ms-excel", "xls", "a workbook of old Excel (XLS)", Verdict.REFUSED, _TO_PDF)
PPT = Kind("ppt", "application/vnd.ms-powerpoint", "ppt", "an old presentation (PPT)", Verdict.REFUSED, _TO_PDF)
LOCKED_OFFICE = Kind(
    "locked_office", "application/vnd.ms-office.encrypted", "docx", "an Office document locked with a password",
    Verdict.REFUSED, "Open it with its password, save it without one, and upload that.",
)  # fmt: skip

POSTSCRIPT = Kind("ps", "application/postscript", "ps", "a printer's file (PostScript)", Verdict.REFUSED, _TO_PDF)
PRINT_JOB = Kind("pcl", "application/vnd.hp-pcl", "pcl", "a printer's job (PCL)", Verdict.REFUSED, _TO_PDF)
M4A = Kind("m4a", "audio/mp4", "m4a", "a sound recording (M4A)")
MP3 = Kind("mp3", "audio/mpeg", "mp3", "a sound recording (MP3)")
AAC = Kind("aac", "audio/aac", "aac", "a sound recording (AAC)")
WAV = Kind("wav", "audio/wav", "wav", "a sound recording (WAV)")
OGG = Kind("ogg", "audio/ogg", "ogg", "a sound recording (OGG or Opus)")
FLAC = Kind("flac", "audio/flac", "flac", "a sound recording (FLAC)")
AMR = Kind("amr", "audio/amr", "amr", "a sound recording (AMR)")
CAF = Kind("caf", "audio/x-caf", "caf", "a sound recording (CAF)")
AIFF = Kind("aiff", "audio/aiff", "aif", "a sound recording (AIFF)")
ASF = Kind("asf", "video/x-ms-asf", "wmv", "a recording (WMA or WMV)")
MP4 = Kind("mp4", "video/mp4", "mp4", "a video (MP4)")
MOV = Kind("mov", "video/quicktime", "mov", "a video (MOV)")
THREE_GP = Kind("3gp", "video/3gpp", "3gp", "a video (3GP)")
MATROSKA = Kind("mkv", "video/x-matroska", "mkv", "a video (MKV or WebM)")
AVI = Kind("avi", "video/x-msvideo", "avi", "a video (AVI)")
RECORDINGS = (M4A, MP3, AAC, WAV, OGG, FLAC, AMR, CAF, AIFF, ASF, MP4, MOV, THREE_GP, MATROSKA, AVI)
DATABASE = Kind(
    "sqlite", "application/vnd.sqlite3", "db", "a database (SQLite)", Verdict.REFUSED,
    "Export the messages or tables in it with the program that made it, and upload those.",
)  # fmt: skip
PROGRAM = Kind(
    "program", "application/x-executable", "bin", "a program", Verdict.REFUSED, "Programs are never opened here."
)

SETTINGS = Kind(
    "settings", "application/x-settings", "ini", "a shortcut or a setting of the computer", Verdict.REFUSED,
    "It holds no evidence: nothing need be done.",
)  # fmt: skip
SOURCE_CODE = Kind(
    "code", "text/x-source-code", "js", "a piece of a program", Verdict.REFUSED,
    "If its words are evidence, give its name the ending .txt and bring it again.",
)  # fmt: skip

KINDS = (
    PDF, JPEG, PNG, WEBP, GIF, BMP, TIFF, HEIC, AVIF, TEXT, EML, MSG, TNEF, MBOX, PST, ZIP, BINDER, TAR, GZIP, BZIP2,
    XZ, SEVEN_ZIP, RAR, DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB, RTF, HTML, CSV, WHATSAPP, SMS, IMESSAGE,
    IMESSAGE_PAGE, GOOGLE_VOICE, META, IWORK, OLE, DOC, XLS, PPT, LOCKED_OFFICE, POSTSCRIPT, PRINT_JOB, *RECORDINGS,
    DATABASE, PROGRAM, SETTINGS, SOURCE_CODE,
)  # fmt: skip
TAKEN = tuple(kind for kind in KINDS if kind.verdict is not Verdict.REFUSED)
"""The kinds that are taken in."""
NOT_EVIDENCE = {
    **dict.fromkeys(["exe", "dll", "msi", "dmg", "iso"], PROGRAM),
    **dict.fromkeys(["ini", "ds_store", "lnk", "url"], SETTINGS),
    **dict.fromkeys(["js", "css", "py"], SOURCE_CODE),
}
"""What a synced folder has tens of thousands of and no family keeps as evidence, by extension: a scan of a folder does
not look into them. Every other name may lie (Word writes web pages as .doc), so that the bytes decide."""
UNKNOWN = "This is no kind of file that can be read here. Open it, print it to PDF, and upload that."

_BY_MIME_TYPE = {kind.mime_type: kind for kind in KINDS}
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(mime_type: str | None) -> Kind | None:
    """The kind that has this mime type."""
    return _BY_MIME_TYPE.get(mime_type or "")


def kind_named(name: str) -> Kind:
    """The kind of this name. Raises KeyError."""
    return _BY_NAME[name]


def explain_refusal(kind: Kind | None) -> str:
    """Why a file is not taken, and what to do; `kind` is None where nobody knows what it is."""
    return UNKNOWN if kind is None else kind.refusal

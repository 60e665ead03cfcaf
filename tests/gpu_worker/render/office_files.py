"""Office documents drawn here, each with all that its kind can hide, comment or change."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from PIL import Image

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
A = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{R}"'
)
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def package(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def relationships(links: Mapping[str, tuple[str, str]]) -> str:
    return RELS % "".join(
        f'<Relationship Id="{rid}" Type="{R}/{kind}" Target="{target}"/>' for rid, (kind, target) in links.items()
    )


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (40, 40), 200).save(buffer, "PNG")
    return buffer.getvalue()


def p(inner: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def numbered(depth: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr>'


def docx(path: Path) -> Path:
    who = 'w:author="Dana" w:date="2024-03-05T21:10:00Z"'
    table = "<w:tbl>" + "".join(
        "<w:tr>" + "".join(f"<w:tc>{p(r(cell))}</w:tc>" for cell in row) + "</w:tr>"
        for row in (("Day", "Paid"), ("March 5", "$400"))
    ) + "</w:tbl>"  # fmt: skip
    box = f"<w:r><w:pict><w:txbxContent>{p(r('In a text box'))}</w:txbxContent></w:pict></w:r>"
    body = "".join([
        p(r("DECLARATION")),
        p(r("The father shall ") + f"<w:ins {who}>{r('not ')}</w:ins>" + r("have ")
          + f'<w:del {who}><w:r><w:delText>sole </w:delText></w:r></w:del>' + r("custody.")
          + '<w:r><w:commentReference w:id="0"/></w:r>'),
        p(r("First"), numbered(0)), p(r("inner"), numbered(1)), p(r("Second"), numbered(0)),
        table,
        p(r("A claim") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + r("secret", "<w:vanish/>")),
        p(box),
        p('<w:r><w:br w:type="page"/></w:r>'),
        p('<w:r><w:lastRenderedPageBreak/></w:r>' + r("On page two.")),
    ])  # fmt: skip
    level = '<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/></w:lvl>'
    return package(path, {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relationships({"r1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relationships({
            "r1": ("comments", "comments.xml"), "r2": ("footnotes", "footnotes.xml"),
            "r3": ("numbering", "numbering.xml"), "r4": ("header", "header1.xml"), "r5": ("image", "media/image1.png"),
        }),
        "word/comments.xml": f'<w:comments {W}><w:comment w:id="0" w:author="Judge" w:date="2024-03-06T08:00:00Z">'
                             f"{p(r('Is that so?'))}</w:comment></w:comments>",
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="2">{p(r("See exhibit B."))}</w:footnote>'
                              "</w:footnotes>",
        "word/numbering.xml": f'<w:numbering {W}><w:abstractNum w:abstractNumId="7">'
                              + level % (0, "decimal", "%1.") + level % (1, "lowerLetter", "(%2)")
                              + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
                                "</w:numbering>",
        "word/header1.xml": f"<w:hdr {W}>{p(r('Case FL-24-0117'))}</w:hdr>",
        "word/media/image1.png": png(),
    })  # fmt: skip


def xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Support"
    sheet.append(["Day", "Paid", "Share"])
    sheet.append([date(2024, 3, 5), 1234.5, 0.25])
    sheet["B2"].number_format, sheet["C2"].number_format = '"$"#,##0.00', "0%"
    sheet["B2"].comment = Comment("never arrived", "Dana")
    sheet["D3"] = "=SUM(B2:B2)"
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    hidden = book.create_sheet("Cash")
    hidden.sheet_state = "hidden"
    hidden["XFD1048576"] = "at the far end"
    book.save(path)
    return path


def pptx(path: Path) -> Path:
    def shape(text: str, top: int) -> str:
        return (f'<p:sp><p:spPr><a:xfrm><a:off x="1" y="{top}"/></a:xfrm></p:spPr><p:txBody><a:p><a:r><a:t>{text}</a:t>'
                "</a:r></a:p></p:txBody></p:sp>")  # fmt: skip

    row = "<a:tr>" + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>" for c in "AB")
    table = f"<p:graphicFrame><a:off x='1' y='900'/><a:tbl>{row}</a:tr></a:tbl></p:graphicFrame>"
    tree = "<p:sld {} {}><p:cSld><p:spTree>{}</p:spTree></p:cSld></p:sld>"
    return package(path, {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f'<p:presentation {A}><p:sldIdLst><p:sldId id="1" r:id="r2"/>'
                                '<p:sldId id="2" r:id="r1"/></p:sldIdLst></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relationships({"r1": ("slide", "slides/slide1.xml"),
                                                          "r2": ("slide", "slides/slide2.xml")}),
        "ppt/slides/slide1.xml": tree.format(A, 'show="0"', shape("Kept back", 5)),
        "ppt/slides/slide2.xml": tree.format(A, "", shape("below", 800) + shape("above", 10) + table),
        "ppt/slides/_rels/slide2.xml.rels": relationships({"r1": ("notesSlide", "../notesSlides/notes1.xml"),
                                                           "r2": ("comments", "../comments/c1.xml")}),
        "ppt/notesSlides/notes1.xml": tree.format(A, "", shape("say it slowly", 1)).replace("p:sld ", "p:notes ", 1)
                                      .replace("</p:sld>", "</p:notes>"),
        "ppt/comments/c1.xml": f'<p:cmLst {A}><p:cm authorId="3" dt="2024-03-05T09:00:00"><p:text>cut this</p:text>'
                               "</p:cm></p:cmLst>",
        "ppt/commentAuthors.xml": f'<p:cmAuthorLst {A}><p:cmAuthor id="3" name="Dana"/></p:cmAuthorLst>',
        "ppt/media/image1.png": png(),
    })  # fmt: skip


def odf(path: Path, kind: str, body: str, styles: str = "") -> Path:
    inside = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    styles = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    content = f"<office:document-content {ODF}>{styles}{inside}</office:document-content>"
    return package(path, {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def odt(path: Path) -> Path:
    about = "<dc:creator>Dana</dc:creator><dc:date>2024-03-05T21:10:00</dc:date>"
    changes = (
        '<text:tracked-changes><text:changed-region xml:id="c" text:id="c"><text:deletion><office:change-info>'
        f"{about}</office:change-info><text:p>sole</text:p></text:deletion></text:changed-region></text:tracked-changes>"
    )
    return odf(path, "text", changes + (
        "<text:h>Declaration</text:h><text:p>One<text:s text:c=\"2\"/>two<text:tab/>three"
        f"<office:annotation>{about}<text:p>who says so?</text:p></office:annotation></text:p>"
        '<text:p>have <text:change text:change-id="c"/>custody</text:p>'
        "<text:list><text:list-item><text:p>a point</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Day</text:p></table:table-cell>"
        "<table:table-cell><text:p>Paid</text:p></table:table-cell></table:table-row></table:table>"
        '<text:p text:style-name="P1">On page two.</text:p>'
    ), '<style:style style:name="P1"><style:paragraph-properties fo:break-before="page"/></style:style>')  # fmt: skip


def ods(path: Path) -> Path:
    def table(name: str, style: str) -> str:
        return (f'<table:table table:name="{name}" table:style-name="{style}"><table:table-row>'
                f"<table:table-cell><text:p>in {name}</text:p></table:table-cell>"
                '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
                '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
                "</table:table>")  # fmt: skip

    hidden = '<style:style style:name="t2"><style:table-properties table:display="false"/></style:style>'
    return odf(path, "spreadsheet", table("Shown", "t1") + table("Cash", "t2"), hidden)

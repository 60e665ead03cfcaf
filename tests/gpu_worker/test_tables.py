"""A table through a real worker: recognised or typed, it is a file for a spreadsheet, and no log tells of it."""

import csv
import io
import json

from openpyxl import load_workbook
from PIL import Image
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from scripts.table_pages import draw_pages

ROWS = [("Month", "Paid", "Due"), ("January", "$120.00", "$300.00"), ("February", "$90.00", "$300.00")]


def scan() -> tuple[bytes, list[list[str]]]:
    (page,) = draw_pages("ruled", 1)
    file = io.BytesIO()
    Image.fromarray(page.image).save(file, "PNG", dpi=(200, 200))
    return file.getvalue(), page.tables[0]


def typed() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=letter)
    canvas.drawString(72, 740, "What was paid for the support of the child in the first months of the year")
    for r, row in enumerate(ROWS):
        for c, text in enumerate(row):
            canvas.drawString(106 + 120 * c, 682 - 24 * r, text)
    canvas.grid([100 + 120 * i for i in range(4)], [700 - 24 * i for i in range(4)])
    canvas.save()
    return file.getvalue()


def test_tables_of_a_scan_and_of_a_typed_page_are_files_for_a_spreadsheet(workshop):
    picture, truth = scan()
    jobs = [workshop.upload(picture, "scan.png"), workshop.upload(typed(), "typed.pdf")]
    worker = workshop.start_worker()
    scanned, printed = (workshop.finish(job) for job in jobs)
    assert {scanned["status"], printed["status"]} == {"completed"}, worker.log

    rows = list(csv.reader(io.StringIO(workshop.artifact(printed, "table-0001.csv").decode("utf-8-sig"))))
    assert rows == [list(row) for row in ROWS]
    read = list(csv.reader(io.StringIO(workshop.artifact(scanned, "table-0001.csv").decode("utf-8-sig"))))
    assert (len(read), len(read[0])) == (len(truth), len(truth[0]))
    sheet = load_workbook(io.BytesIO(workshop.artifact(printed, "tables.xlsx"))).worksheets[0]
    assert sheet.title == "Table 1, page 1" and sheet["B3"].value == "$90.00"
    (page,) = json.loads(workshop.artifact(printed, "metadata.json"))["pages"]
    (table,) = page["tables"]
    assert (table["rows"], table["columns"], table["header_rows"], table["ruled"]) == (3, 3, 1, True)
    assert table["cells"][4][:5] == [1, 1, 1, 1, "$120.00"]
    assert worker.stop() == 0
    assert "$120.00" not in worker.log and "February" not in worker.log

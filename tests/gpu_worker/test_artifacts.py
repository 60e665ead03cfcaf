"""What `metadata.json` says of pages beyond their text."""

import json

from gpu_worker.artifacts import ArtifactFolder
from gpu_worker.enums import Outcome
from gpu_worker.job import Job
from gpu_worker.ocr.page_text import PageText
from gpu_worker.ocr.structure.role_lines import Role
from gpu_worker.ocr.structure.roles import DocumentRoles
from gpu_worker.reading.pages import PageResult


def page_result(page: int, layout_error: str | None) -> PageResult:
    read = PageText((), "", "onnx", 0.0, 850, 1100, layout_error=layout_error)
    return PageResult(page, Outcome.OCR, "onnx", None, 0.1, None, "", read, "pixel")


def test_pages_whose_lines_could_not_be_put_in_order_are_named_and_counted(tmp_path):
    artifacts = ArtifactFolder(tmp_path)
    for page, error in enumerate((None, "ValueError in gutters.py, line 12", None), start=1):
        artifacts.add_page(page_result(page, error))
    job = Job("job", "document", "lease", 1, "letter.pdf", None, False)
    roles = DocumentRoles(((Role.HEADER, Role.BODY, Role.HEADER), (Role.BODY,), ()), ((), (), ()))
    artifacts.finish(job, "application/pdf", "onnx", roles)
    metadata = json.loads((tmp_path / "metadata.json").read_text())
    assert metadata["document"] == {
        "document_id": "document", "original_filename": "letter.pdf", "mime_type": "application/pdf",
        "ocr_engine": "onnx", "pages": 3, "outcomes": {"ocr": 3}, "pages_in_plain_order": 1,
        "tables_not_in_spreadsheet": 0,
    }  # fmt: skip
    assert metadata["roles"] == {"1": {"header": [0, 2]}}
    assert [page["layout_error"] for page in metadata["pages"]] == [None, "ValueError in gutters.py, line 12", None]

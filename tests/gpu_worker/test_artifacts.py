"""What `metadata.json` says of pages beyond their text."""

import json

from gpu_worker.artifacts import ArtifactFolder
from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.pages import PageResult


def page_result(page: int, layout_error: str | None) -> PageResult:
    read = PageText((), "", "onnx", 0.0, 850, 1100, layout_error=layout_error)
    return PageResult(page, "ocr", "onnx", None, 0.1, None, "", 850, 1100, read)


def test_pages_whose_lines_could_not_be_put_in_order_are_named_and_counted(tmp_path):
    artifacts = ArtifactFolder(tmp_path)
    for page, error in enumerate((None, "ValueError in gutters.py, line 12", None), start=1):
        artifacts.add_page(page_result(page, error))
    artifacts.finish({"pages": 3})
    metadata = json.loads((tmp_path / "metadata.json").read_text())
    assert metadata["document"] == {"pages": 3, "pages_in_plain_order": 1}
    assert [page["layout_error"] for page in metadata["pages"]] == [None, "ValueError in gutters.py, line 12", None]

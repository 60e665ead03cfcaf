"""A text is what a person or an old printer wrote, to its end."""

from pathlib import Path

import pytest

from gpu_worker.render.errors import RenderError
from gpu_worker.render.text_pages import TextPages


def test_a_program_s_file_that_begins_as_a_text_is_no_thousand_pages_of_it(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"P5 1700 600 255\n" + b"\xff" * 5000 + bytes(range(256)) * 2000)
    with pytest.raises(RenderError, match="unsupported_type"):
        TextPages(str(tmp_path / "a"))


def test_a_log_that_a_crash_filled_with_zeros_is_read(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"5 March 2024: he did not come.\n" * 500 + bytes(200))
    assert "he did not come" in TextPages(str(tmp_path / "a")).read_text(1).text

"""The benchmark's measures, and one run of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from scripts.bench import gpu_report
from scripts.bench.host_model import IMAGE, PDF, Page, limit, main
from scripts.bench.ocr_metrics import edit_distance, order_distance, order_free_edits, score_page, summarise
from scripts.bench.ocr_structure import TableTally
from scripts.table_pages import draw_pages

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("a" * 300, "a" * 299 + "b", 1)],
)
def test_edit_distance(first, second, expected):
    assert edit_distance(first, second) == edit_distance(second, first) == expected


def test_words_are_compared_as_a_bag_and_the_text_in_order():
    score = score_page("Alpha beta\nGAMMA beta", "beta gamma alpha delta", ordered=True)
    assert (score.matched, score.truth_words, score.found_words) == (3, 4, 4)
    totals = summarise([score])
    assert totals.word_f1 == totals.word_recall == totals.word_precision == 0.75
    assert totals.order_distance == order_distance("Alpha beta\nGAMMA beta", "beta gamma alpha delta") > 0.3
    assert summarise([score_page("a", "a", ordered=False)]).order_distance is None


def test_characters_are_compared_wherever_they_stand():
    assert order_free_edits(["the", "quick", "fox"], ["fox", "the", "qvick"]) == 1
    assert order_free_edits(["word"], []) == order_free_edits([], ["word"]) == 4


def test_a_run_writes_every_measure_of_every_engine(tmp_path, note):
    image, lines = note
    cv2.imwrite(str(tmp_path / "note.png"), image)
    (tmp_path / "note.txt").write_text("\n".join(lines))
    (tmp_path / "note.tables.json").write_text('[[["a", "b"], ["c", "d"]]]')
    (tmp_path / "unknown.png").write_bytes((tmp_path / "note.png").read_bytes())
    command = [sys.executable, ROOT / "scripts" / "bench" / "ocr.py", "--images", tmp_path, "--truth", tmp_path]
    command += ["--measures", "text,tables,boxes"]
    subprocess.run([*command, "--engines", "tesseract,onnx", "--json", tmp_path / "out.json"], check=True, cwd=tmp_path)
    report = json.loads((tmp_path / "out.json").read_text())
    assert list(report) == ["tesseract", "onnx"]
    measures = {"word_f1", "word_recall", "word_precision", "char_accuracy", "order_distance", "pages_per_second"}
    assert all(measures <= set(row) for row in report.values())
    onnx = report["onnx"]
    assert onnx["word_f1"] == 1 and onnx["order_distance"] == 0
    assert onnx["tables_cell_f1"] == 0 and onnx["tables_counted_right"] == 0.5, "of two pictures one has no table"
    assert onnx["boxes_precision"] == 0 and "boxes_state_accuracy" in onnx


def test_tables_of_a_page_are_measured_against_what_was_drawn():
    (page,) = draw_pages("ruled", 1)
    tally = TableTally()
    tally.add(page.tables, page.image, page.as_read())
    assert tally.summary()["tables_cell_f1"] == tally.summary()["tables_counted_right"] == 1
    tally.add([], page.image, page.as_read())
    assert tally.summary()["tables_counted_right"] == 0.5


def test_a_worker_s_path_is_measured_from_file_to_text(tmp_path, note):
    cv2.imwrite(str(tmp_path / "note.jpg"), note[0])
    shutil.copy(ROOT / "tests" / "documents" / "request_for_order.pdf", tmp_path)  # has its text
    (tmp_path / "unknown.bin").write_bytes(bytes(range(256)))
    command = [sys.executable, ROOT / "scripts" / "bench" / "ocr_throughput.py", "--files", tmp_path, "--pages", "6"]
    done = subprocess.run(
        [*command, "--engine", "onnx", "--json", tmp_path / "out.json"], capture_output=True, text=True, check=True
    )
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["engine"] == "onnx" and report["pages"] >= 6 and report["words"] > 6 * len(note[1])
    assert report["pages_per_second"] > 0 and report["last_mebibytes"] > 0 and report["gpu_busy_share"] is None
    assert "6 pages" in done.stdout


def test_no_page_with_truth_is_said_and_not_measured(tmp_path):
    command = [sys.executable, ROOT / "scripts" / "bench" / "ocr.py", "--images", tmp_path, "--truth", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "has its truth" in done.stderr


def test_the_model_of_hosts_says_what_was_measured_and_what_the_document_says(capsys):
    for page, measured in ((PDF, 68), (IMAGE, 45)):  # an H100 with 16 cores
        speed, stage = limit(page, 16, "H100")
        assert stage == "parent" and abs(speed / measured - 1) < 0.05
    assert limit(PDF, 4, "H100")[1] == "children" and limit(Page(8, 84), 32, "RTX 3090")[1] == "card"
    assert main([]) == 0
    assert capsys.readouterr().out in (ROOT / "docs" / "performance.md").read_text()


def test_the_gpu_s_report_ends_in_its_time_and_names_what_was_left_out(tmp_path, capsys):
    folders = ["--images", tmp_path, "--pdfs", tmp_path, "--out", tmp_path]
    assert gpu_report.main([*map(str, folders), "--seconds", "0"]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert {part: report[part] for part in gpu_report.PARTS} == dict.fromkeys(
        gpu_report.PARTS, {"failed": "no time was left for it"}
    )
    assert gpu_report.ALL_SECONDS < 600 and "compiled" in capsys.readouterr().out

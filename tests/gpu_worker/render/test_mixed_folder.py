"""A folder of every kind that the script draws: each file and each part has an outcome that a person can act on."""

from collections import Counter
from pathlib import Path

from gpu_worker.errors import DOCUMENT_PROBLEMS
from gpu_worker.render.errors import RenderError
from gpu_worker.render.readers import READERS
from gpu_worker.render.unpacking import Unpacking, name_of
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import TAKEN, explain_refusal, kind_named
from scripts.make_mixed_folder import KINDS, make_mixed_folder


def outcomes(path: Path, folder: Path) -> list[str]:
    """What becomes of a file and of everything inside it: a kind that is read, or a code."""
    head = path.read_bytes()[:HEAD_BYTES]
    kind = inspect(head)
    if not head or kind not in TAKEN or kind is None:
        assert not head or explain_refusal(kind)
        return ["refused"]
    try:
        reader = READERS[kind.reader](str(path))
        assert reader.count or any(True for _ in reader.parts())
        rows, is_last = Unpacking(reader, path.stat().st_size).take(0, folder)
    except RenderError as error:
        assert error.code in DOCUMENT_PROBLEMS and (error.kind is None or kind_named(error.kind).advice)
        return [error.code]
    assert is_last
    found = [reader.kind or kind.name] + [row["code"] for row in rows if row["code"]]
    for row in rows:
        if row["code"] is None:
            inside = folder / f"in {path.name} {row['position']}"
            inside.mkdir()
            found += outcomes(folder / name_of(row["position"]), inside)
    return found


def test_every_file_and_every_part_has_an_outcome(tmp_path: Path):
    made = make_mixed_folder(tmp_path / "folder", len(KINDS))
    assert len(made) >= 40 and set(made.values()) == {1}
    found: Counter[str] = Counter()
    for number, path in enumerate(sorted((tmp_path / "folder").rglob("*.*"))):
        room = tmp_path / f"room {number}"
        room.mkdir()
        found.update(outcomes(path.rename(room / "original"), room))  # no reader ever sees a name
    read = {kind.name for kind in TAKEN} & set(found)
    assert len(read) >= 28, sorted(read)
    assert found["refused"] >= 5 and found["password_protected"] == 1 and found["system_file"] == 1
    assert found["corrupt_pdf"] == found["corrupt_image"] == 1
    assert found["corrupt_archive"] == 3 and found["7z"] == found["rar"] == 1
    assert found["xlsx"] == found["docx"] == 1 and "corrupt_office" not in found
    assert found["pdf"] > 7, "those inside mails and archives too"

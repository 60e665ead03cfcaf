"""The real rclone syncs a folder into the bucket as docs/bulk.md says, and a batch takes it in."""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from control_plane.batches.importer import Importer, tick
from tests.control_plane.desk import PDF, REPOSITORY, Desk


def rclone(desk: Desk, home: Path, *arguments: str) -> None:
    """Run rclone with its configuration in the environment: no key is in a file or in the arguments."""
    settings = desk.settings
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(home),
        "RCLONE_CONFIG_SPACES_TYPE": "s3", "RCLONE_CONFIG_SPACES_PROVIDER": "Other",
        "RCLONE_CONFIG_SPACES_ENDPOINT": settings.spaces_endpoint,
        "RCLONE_CONFIG_SPACES_REGION": settings.spaces_region,
        "RCLONE_CONFIG_SPACES_ACCESS_KEY_ID": settings.spaces_key,
        "RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY": settings.spaces_secret,
        "RCLONE_S3_NO_CHECK_BUCKET": "true",
    }  # fmt: skip
    ended = subprocess.run(["rclone", *arguments], env=environ, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


def take_in(desk: Desk) -> dict:
    batch_id = desk.post("/batch/start", prefix="inbox/", name="rclone").json["id"]
    with ThreadPoolExecutor(4) as pool:
        queue, storage = desk.clients.database, desk.clients.storage
        importer = Importer(desk.settings, queue, storage, pool, pool, strays_due=float("inf"))
        while tick(importer):
            pass
    return desk.get("/batch/status", batch_id=batch_id).json["batches"][0]


def test_a_synced_folder_is_taken_in_once(desk: Desk, tmp_path: Path):
    assert shutil.which("rclone"), "install rclone: see the README"
    folder = tmp_path / "case files"
    (folder / "Ünterlagen 2024").mkdir(parents=True)
    (folder / "Ünterlagen 2024" / "Brief 📄 #1 & Co.pdf").write_bytes(PDF)
    (folder / "notes.txt").write_text("Dear Sir")
    (folder / "program.bin").write_bytes(b"MZ\x90\0")
    target = f"spaces:{desk.settings.spaces_bucket}/inbox"
    arguments = ["sync", str(folder), target, "--transfers", "8", "--checkers", "16", "--fast-list"]

    rclone(desk, tmp_path, *arguments)
    first = take_in(desk)
    assert (first["documents"], first["known"], first["unsupported"]) == (2, 0, 1)
    keys = desk.sql("select object_key, md5 is not null, bytes from master_document_registry order by 1")
    assert keys == [("inbox/notes.txt", True, 8), ("inbox/Ünterlagen 2024/Brief 📄 #1 & Co.pdf", True, len(PDF))]

    (folder / "new.txt").write_text("one more")
    (folder / "notes.txt").write_text("Dear Sir, changed")
    rclone(desk, tmp_path, *arguments)
    second = take_in(desk)
    assert (second["documents"], second["known"]) == (2, 1)

    (folder / "new.txt").unlink()
    rclone(desk, tmp_path, *arguments)
    rows = desk.sql("select id::text from master_document_registry")
    links = [desk.get(f"/api/documents/{document_id}").json["original"] for (document_id,) in rows]
    assert {httpx.get(link).content for link in links} == {PDF, b"Dear Sir", b"Dear Sir, changed", b"one more"}


def test_the_documented_command_is_the_tested_one():
    page = (REPOSITORY / "docs" / "bulk.md").read_text()
    command = re.search(r"^rclone sync .*$", page, re.MULTILINE).group()
    for option in ("--transfers", "--checkers", "--fast-list"):
        assert option in command
    for variable in ("TYPE", "PROVIDER", "ENDPOINT", "REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        assert f"RCLONE_CONFIG_SPACES_{variable}" in page

"""What the Dockerfiles copy is all that the programs of an image need of this repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployment.front import REPOSITORY

IMAGES = {
    "control_plane/Dockerfile": [
        "from control_plane.search.word_pieces import tokenize; assert len(tokenize('custody', 9)) == 3",
        "import control_plane.__main__, control_plane.server, dashboard.__main__, scripts.setup_spaces, "
        "scripts.check_originals",
        "import sys, wordfreq, gpu_worker.analysis_worker.__main__; "
        "assert not {'torch', 'cv2', 'onnxruntime', 'PIL'} & set(sys.modules), 'the analyst is to be small'",
    ],
    "Dockerfile.worker": [
        "from gpu_worker.embedding.word_pieces import tokenize; assert len(tokenize('custody', 9)) == 3",
        "import gpu_worker.__main__, gpu_worker.worker",
    ],
}


@pytest.mark.parametrize("dockerfile", IMAGES)
def test_an_image_s_programs_start_from_what_is_copied(dockerfile: str, tmp_path: Path) -> None:
    text = (REPOSITORY / dockerfile).read_text()
    for name, default in re.findall(r"^ARG (\w+)=(\w+)$", text, re.MULTILINE):
        text = text.replace(f"${{{name}}}", default)
    for line in text.splitlines():
        if line.startswith("COPY "):
            *sources, destination = line.split()[1:]
            for source in sources:
                copy(REPOSITORY / source, tmp_path / destination.removeprefix("/app/").lstrip("/"))
    for statement in IMAGES[dockerfile]:
        done = subprocess.run(
            [sys.executable, "-c", statement], cwd=tmp_path, env={"PATH": os.environ["PATH"]},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def copy(source: Path, destination: Path) -> None:
    """As COPY does it: a folder's contents, or a file, into a folder where there is one."""
    if source.is_dir():
        shutil.copytree(source, destination, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        return
    destination.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, destination)

"""The worker's image installs what the worker imports, in the versions that are tested."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from pathlib import Path

from control_plane.settings import languages
from gpu_worker.ocr.languages import BY_ITSELF

ROOT = Path(__file__).resolve().parents[2]
OTHER_VERSION = {"torch", "torchvision"}  # the image's run on CUDA, the tests' on the CPU
IN_DOCKERFILE = {"rapidocr"}


def pins(path: Path) -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in path.read_text().splitlines()]
    return dict(re.split(r"==", line.replace("[binary]", "")) for line in lines if "==" in line)


def imported() -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "gpu_worker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"gpu_worker"}


def test_the_image_has_the_languages_that_the_control_plane_lets_one_ask_for():
    dockerfile = (ROOT / "Dockerfile.worker").read_text()
    packs = re.search(r'ARG TESSERACT_LANGUAGES="([a-z_ ]+)"', dockerfile)
    assert packs and set(packs[1].split()) == languages.PACKS
    assert languages.BY_ITSELF == BY_ITSELF
    assert not BY_ITSELF & (languages.PACKS - {"eng"})


def test_every_package_that_the_worker_imports_is_in_its_image():
    packages = importlib.metadata.packages_distributions()
    needed = {packages[name][0].lower().replace("_", "-") for name in imported()}
    assert needed <= set(pins(ROOT / "gpu_worker" / "requirements.txt"))


def test_the_image_has_the_versions_that_are_tested():
    image = pins(ROOT / "gpu_worker" / "requirements.txt")
    tested = pins(ROOT / "requirements.txt") | pins(ROOT / "tests" / "requirements.txt")
    different = {n for n, version in image.items() if tested.get(n, version) != version}
    assert different <= OTHER_VERSION
    dockerfile = (ROOT / "Dockerfile.worker").read_text()
    for name in IN_DOCKERFILE:
        assert f"{name}=={tested[name]}" in dockerfile
    assert "USER worker" in dockerfile and 'CMD ["python", "-m", "gpu_worker"]' in dockerfile

"""What `make run`, `make test` and the images install: complete, with hashes, and without what must not ship."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts.list_licences import PAGE, render
from tests.deployment.front import REPOSITORY

LOCKS = REPOSITORY / "locks"
SETS = {
    "run": ["requirements.txt"], "test": ["tests/requirements.txt", "tests/torch.txt"],
    "control_plane": ["control_plane/requirements.txt"], "worker": ["gpu_worker/requirements.txt"],
}  # fmt: skip
PROGRAMS = {"control_plane": ["control_plane", "dashboard", "inspector"], "worker": ["gpu_worker", "inspector"]}
AGPL = "borb"  # asked for by `vastai`, for invoices as PDF


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, set[str]]:
    """Packages of a set with their versions; two where Python 3.12 and newer need another one."""
    found: dict[str, set[str]] = {}
    for path in (LOCKS / f"{name}.txt", LOCKS / f"{name}_torch.txt"):
        for line in path.read_text().splitlines() if path.exists() else ():
            if pin := re.match(r"([\w.-]+)==([\w.+!]+)", line):
                found.setdefault(normal(pin[1]), set()).add(pin[2])
    return found


def wanted(path: Path) -> dict[str, str]:
    """The pins of a requirements file and of those that it includes."""
    pins: dict[str, str] = {}
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            pins |= wanted(path.parent / line.removeprefix("-r "))
        elif pin := re.match(r"([\w.-]+)(?:\[\w+\])?==(\S+)", line):
            pins[normal(pin[1])] = pin[2]
    return pins


def imported(folder: Path) -> set[str]:
    """Top-level modules that a program imports anywhere, less the standard library's."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", SETS)
def test_a_lock_has_what_its_requirements_pin(name: str) -> None:
    versions = locked(name)
    for file in SETS[name]:
        for package, version in wanted(REPOSITORY / file).items():
            assert version in versions.get(package, ()), f"{package} of {file}: run `make lock`"


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_file_is_known_by_its_hash_and_none_by_an_address(path: Path) -> None:
    entries = re.split(r"\n(?! )", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE).strip())
    assert len(entries) > 0
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==[\w.+!]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry), entry[:80]


def test_a_package_has_one_version_in_all_sets() -> None:
    """What is tested is what runs, but for torch: the worker has another CUDA build, with what that needs."""
    tested = locked("test")
    of_torch = {re.match(r"[\w-]+", line)[0] for line in (LOCKS / "worker_torch.txt").read_text().splitlines()
                if line[0].isalpha()}  # fmt: skip
    for name in ("run", "control_plane", "worker"):
        versions = locked(name)
        differing = {package for package in versions if versions[package] != tested.get(package)}
        assert differing <= (of_torch if name == "worker" else set()), name


# A speech model is no part of our image: whoever builds one with a model brings its library along (docs/kinds.md).
BROUGHT_ALONG = {"faster_whisper", "pocketsphinx"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_has_every_package_that_its_programs_import(name: str) -> None:
    distributions, has = packages_distributions(), set(locked(name))
    for program in PROGRAMS[name]:
        for module in imported(REPOSITORY / program) - set(PROGRAMS[name]):
            if module in BROUGHT_ALONG:
                continue
            # Triton comes with torch for CUDA only: not installed here, and named in the lock as it is imported.
            packages = distributions.get(module, [module])
            assert {normal(package) for package in packages} & has, f"{program} imports {module}"


def test_everything_is_installed_from_a_lock() -> None:
    for file in ("Makefile", "Dockerfile.worker", "control_plane/Dockerfile"):
        text = (REPOSITORY / file).read_text()
        for line in (line for line in text.splitlines() if "pip install" in line):
            assert "--no-deps --require-hashes" in line, line
        named = set(re.findall(r"locks/(\w+\.txt)", text))
        assert named and all((LOCKS / lock).exists() for lock in named)


def test_the_agpl_is_not_installed_and_vastai_does_without() -> None:
    """Every verb we use runs against the emulator in tests/vast, in this environment."""
    assert find_spec(AGPL) is None, f"pip uninstall {AGPL}: this environment is older than the lock"
    assert all(AGPL not in locked(name) for name in SETS)


def test_the_page_of_licences_is_current_and_none_binds_what_we_write() -> None:
    page = PAGE.read_text()
    assert page == render(), "run `python -m scripts.list_licences`"
    packages = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \|", page.partition("## Python packages")[2], re.MULTILINE)
    assert len(packages) > 100
    binding = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|Affero|SSPL|BUSL", re.IGNORECASE)
    assert [(name, licence) for name, licence in packages if binding.search(licence)] == []

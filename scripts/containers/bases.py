"""Stand-ins for the base images that the Dockerfiles and the compose file name: a Debian with our programs in it."""

import hashlib
import shutil
import ssl
import subprocess
from pathlib import Path

from local_cloud.postgres import BIN
from local_cloud.postgrest import find_postgrest
from local_cloud.s3 import weed_program
from scripts.containers.engine import HOME, REPOSITORY, STANDINS, ask, build_options, has_image, run

DEBIAN = "localhost/debian"
# As in every base image of Docker's: what apt fetched and indexed does not stay in a layer.
CLEAN = '''DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
'''
BASES = {
    "docker.io/library/python:3.11-slim-bookworm": "python",
    "docker.io/library/nginx:1.28": "nginx",
    "docker.io/certbot/certbot:v2.11.0": "certbot",
    "docker.io/pgvector/pgvector:pg17": "postgres",
    "docker.io/pgvector/pgvector:pg18": "postgres",
    "docker.io/postgrest/postgrest:v12.0.2": "postgrest",
    "docker.io/chrislusf/seaweedfs:4.48": "seaweedfs",
}


def make_bases() -> None:
    """Each stand-in, where it is missing or its recipe is not what it was."""
    if not has_image(DEBIAN):
        make_debian()
    make_authority()
    for tag, name in BASES.items():
        recipe = STANDINS / f"{name}.Dockerfile"
        made_of = _digest(name)
        if not has_image(tag) or ask("podman", "image", "inspect", "--format", "{{.Labels.made_of}}", tag) != made_of:
            context = _make_context()
            print(f"making a stand-in for {tag}", flush=True)
            options = [*build_options(), f"--label=made_of={made_of}", f"--tag={tag}", f"--file={recipe}"]
            run(["podman", "build", *options, str(context)], HOME / "bases.log")


def make_debian() -> None:
    """Debian bookworm by debootstrap, from where this machine's apt has it."""
    print("making a Debian by debootstrap (once)", flush=True)
    root = HOME / "debian"
    sites = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Label: Debian"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    shutil.rmtree(root, ignore_errors=True)
    options = ["--variant=minbase", "--include=ca-certificates"]
    run(["debootstrap", *options, "bookworm", str(root), sites[0]], HOME / "bases.log")
    for folder in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / folder)
        (root / folder / "partial").mkdir(parents=True)
    (root / "etc/apt/apt.conf.d/docker-clean").write_text(CLEAN)
    archive = HOME / "debian.tar"
    run(["tar", "-C", str(root), "-cf", str(archive), "."])
    run(["podman", "import", "--change", "CMD=/bin/sh", str(archive), DEBIAN], HOME / "bases.log")
    archive.unlink()
    shutil.rmtree(root)


def make_authority() -> None:
    """What stands for Let's Encrypt: a key and a certificate, known to the stand-ins and to nobody else."""
    folder = HOME / "authority"
    if (folder / "authority.pem").exists():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=Stand-in authority",
         "-keyout", str(folder / "authority.key"), "-out", str(folder / "authority.pem")],
        check=True, capture_output=True,
    )  # fmt: skip


def _make_context() -> Path:
    """A folder with everything that the recipes copy."""
    context = HOME / "context"
    context.mkdir(exist_ok=True)
    server = BIN.parent
    for folder in (server, server.parent.with_name(f"{server.parent.name}.libs")):
        target = context / folder.relative_to(server.parent.parent)
        if not target.exists():
            shutil.copytree(folder, target, symlinks=True)
    programs = {"postgrest": find_postgrest(REPOSITORY / ".local" / "programs"), "weed": weed_program()}
    for name, program in programs.items():
        if not (context / name).exists():
            shutil.copy(program, context / name)
    for file in (*STANDINS.iterdir(), *(HOME / "authority").iterdir()):
        if file.is_file():
            shutil.copy(file, context / file.name)
    # What this machine trusts, and our authority: registries are reached through the one, the house through the other.
    trusted = Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt").read_text()
    (context / "certificates.crt").write_text(trusted + (HOME / "authority" / "authority.pem").read_text())
    return context


def _digest(name: str) -> str:
    """Of a stand-in's recipe and of the files it copies from beside it."""
    recipe = (STANDINS / f"{name}.Dockerfile").read_text()
    copied = [STANDINS / word for word in recipe.split() if "/" not in word and (STANDINS / word).is_file()]
    texts = [recipe, (HOME / "authority" / "authority.pem").read_text(), *(file.read_text() for file in copied)]
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:12]

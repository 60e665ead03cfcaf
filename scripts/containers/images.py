"""`make images`: builds every Dockerfile on stand-in base images, and says how large each image is.

The worker's is built with torch for processors (`--build-arg TORCH=test_torch_cpu`): with CUDA's libraries it would be
3.4 GB to fetch, for machines that are not here.
"""

import re
import subprocess
import sys
from dataclasses import dataclass

from scripts.containers.bases import make_bases
from scripts.containers.engine import HOME, REPOSITORY, build_options, run, size_mb


@dataclass(frozen=True)
class Image:
    """A Dockerfile of ours: its tag here, the folder it is built in, and what it is built with."""

    tag: str
    dockerfile: str
    context: str = "."
    arguments: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """The image its Dockerfile starts from, in full."""
        named = re.findall(r"^FROM (\S+)", (REPOSITORY / self.dockerfile).read_text(), re.MULTILINE)[-1]
        return named if "/" in named else f"docker.io/library/{named}"


IMAGES = (
    Image("aseagi-control-plane", "control_plane/Dockerfile"),
    Image("aseagi-backup", "scripts/Dockerfile.backup", "scripts"),
    Image("aseagi-worker", "Dockerfile.worker", arguments=("TORCH=test_torch_cpu",)),
)


def make_images(names: tuple[str, ...] = ()) -> None:
    """All images, or those named; a failed build shows the end of its log and ends the program."""
    make_bases()
    for image in IMAGES:
        if names and image.tag.removeprefix("aseagi-") not in names:
            continue
        log = HOME / f"{image.tag}.log"
        told = [f"--build-arg={argument}" for argument in image.arguments]
        file = ["--file", str(REPOSITORY / image.dockerfile), "--tag", f"localhost/{image.tag}"]
        log.write_text("")
        try:
            run(["podman", "build", *build_options(), *told, *file, str(REPOSITORY / image.context)], log)
        except subprocess.CalledProcessError:
            sys.exit(f"{image.dockerfile} does not build:\n{log.read_text()[-3000:]}")
        whole, base = size_mb(f"localhost/{image.tag}"), size_mb(image.base)
        print(f"{image.tag}: {whole} MB, {whole - base} MB of them ours", flush=True)


if __name__ == "__main__":
    make_images(tuple(sys.argv[1:]))

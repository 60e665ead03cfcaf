"""SeaweedFS as the S3: `weed mini`, every port on loopback, keys in files and environment, never on a command line."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from .errors import ProgramMissing
from .keys import Keys, write_private
from .ports import GRPC_OFFSET, LOOPBACK
from .probes import bucket_answers, s3_client
from .processes import Service

REGION = "us-east-1"
BUCKET = "aseagi"


def s3_service(folder: Path, log: Path, ports: Mapping[str, int], keys: Keys) -> Service:
    """The server with its bucket; inside, filer and volume server want a signed token too, so S3 is the only door."""
    folder.mkdir(parents=True, exist_ok=True)
    config = _write_identities(folder / "identities.json", keys)
    endpoint = f"http://{LOOPBACK}:{ports['s3']}"
    client = s3_client(endpoint, REGION, keys.s3_access_key, keys.s3_secret_key)
    internal = {f"WEED_JWT_{name}_KEY": keys.s3_internal_key for name in INTERNAL_TOKENS}
    return Service(
        name="seaweedfs",
        command=[weed_program(), "mini", *_options(folder, ports, config)],
        environ={"PATH": "/usr/bin:/bin", "HOME": str(folder), **internal},
        log=log,
        ready=lambda: bucket_answers(client, BUCKET),
        advice=f"Read the log; free some disk space, or move {folder.parent} (with the documents) away; start again.",
        cwd=folder,
        leftovers=_sockets(ports),
    )


INTERNAL_TOKENS = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")


def _options(folder: Path, ports: Mapping[str, int], config: Path) -> list[str]:
    return [
        f"-dir={folder}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        f"-bucket={BUCKET}",
        f"-s3.config={config}",
        f"-s3.port={ports['s3']}",
        f"-s3.port.grpc={ports['s3_grpc']}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-master.port={ports['master']}",
        f"-master.port.grpc={ports['master_grpc']}",
        "-master.telemetry=false",
        f"-volume.port={ports['volume']}",
        f"-volume.port.grpc={ports['volume_grpc']}",
        f"-filer.port={ports['filer']}",
        f"-filer.port.grpc={ports['filer_grpc']}",
        f"-admin.port={ports['weed_admin']}",
        "-admin.ui=false",
        "-webdav=false",
    ]


def _write_identities(path: Path, keys: Keys) -> Path:
    identity = {
        "name": "aseagi",
        "credentials": [{"accessKey": keys.s3_access_key, "secretKey": keys.s3_secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return write_private(path, json.dumps({"identities": [identity]}))


def _sockets(ports: Mapping[str, int]) -> tuple[Path, ...]:
    """Unix sockets that SeaweedFS leaves in the temporary folder."""
    names = [f"seaweedfs-s3-{ports['s3']}.sock", f"seaweedfs-filer-{ports['filer']}.sock"]
    names += [f"seaweedfs-{part}-grpc-{ports[f'{part}_grpc']}.sock" for part in ("s3", "master", "volume", "filer")]
    names.append(f"seaweedfs-admin-grpc-{ports['weed_admin'] + GRPC_OFFSET}.sock")
    return tuple(Path("/tmp") / name for name in names)


def weed_program() -> str:
    beside_python = Path(sys.executable).parent / "weed"
    program = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if program is None:
        raise ProgramMissing("weed (SeaweedFS) is missing: run `make run` and start again.")
    return program

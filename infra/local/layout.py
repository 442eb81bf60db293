"""Where a stack keeps its things: everything below one data folder, `.glimpse` by default."""

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DATA_DEFAULT = CHECKOUT / ".glimpse"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one stack; two stacks with different `root`s share nothing."""

    root: Path

    @property
    def lock(self) -> Path:
        """Held with flock by the supervisor for as long as it lives."""
        return self.root / "lock"

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets" / "secrets.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Generated configuration files: rewritten on every start, never edited by hand."""
        return self.root / "run"

    @property
    def demo(self) -> Path:
        """Exists once the demo filling was done, so that a later start does not repeat it."""
        return self.root / "demo-is-filled"

    def store(self, role: str) -> Path:
        """The data folder of one server (`mongod`, `redis`, `s3`, `proxy`)."""
        return self.root / "data" / role

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def make(self) -> "Layout":
        """Create the folders; only their owner may look in."""
        for folder in (self.root, self.secrets.parent, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        return self


def layout_of(data: Path | None) -> Layout:
    """The layout for `--data DIR`; None means `.glimpse` in the checkout."""
    return Layout((data or DATA_DEFAULT).expanduser().resolve())

"""Run every rule over the checkout; print what breaks them, and fail if anything does."""

import sys

from infra.checks.declared import undeclared
from infra.checks.length import too_long
from infra.checks.locks import unfit_lines
from infra.checks.places import strange_places
from infra.checks.sources import tracked
from infra.local.layout import CHECKOUT


def main() -> int:
    files = tracked(CHECKOUT)
    complaints = [
        *too_long(CHECKOUT, files),
        *undeclared(CHECKOUT, files),
        *unfit_lines(CHECKOUT, files),
        *strange_places(files),
    ]
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

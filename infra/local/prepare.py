"""`python -m infra.local.prepare`: make collections, indexes and the bucket, then end."""

import asyncio
import sys

from app.settings import SettingsError, load_settings
from app.setup import prepare


def main() -> None:
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    asyncio.run(prepare(settings))


if __name__ == "__main__":
    main()

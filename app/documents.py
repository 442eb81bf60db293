"""Every stored document, so that one list makes the indexes and opens the models."""

from typing import Any

from app.identity.models import KeptAnswer, Session, User

ALL: list[Any] = [User, Session, KeptAnswer]

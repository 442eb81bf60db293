"""Redis keys of what is derived from one person's place in the graph."""

from app.cache import person_tag


def relations_key(user_id: str) -> str:
    """Whom they hide and which popular people they follow (`app.graph.relations`)."""
    return f"{person_tag(user_id)}:{user_id}:relations"


def tray_key(user_id: str) -> str:
    """Whose stories their tray may hold (`app.stories.trays`), dropped likewise."""
    return f"{person_tag(user_id)}:{user_id}:tray"


def home_key(user_id: str) -> str:
    """Their home feed. Its key stands here because a change of the graph drops it."""
    return f"{person_tag(user_id)}:{user_id}:home"

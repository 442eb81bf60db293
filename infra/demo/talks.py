"""What the demo's people write to each other. Data only; `infra.demo.talking` makes it happen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    by: str
    hours_ago: float
    text: str = ""
    post: str = ""
    """The key of a post that is shared with it (see `infra.demo.acts.post_key`)."""
    reactions: tuple[tuple[str, str], ...] = ()
    """(who, emoji)"""


@dataclass(frozen=True, slots=True)
class Talk:
    members: tuple[str, ...]
    """The first one begins."""
    lines: tuple[Line, ...]
    """In the order of time."""
    name: str = ""
    """Of a group; empty for two."""
    unread_by: str = ""
    """Who has not looked since they last wrote."""

    @property
    def key(self) -> str:
        return self.name or "+".join(self.members)


TALKS = (
    Talk(
        ("mei", "ana"),
        (
            Line("mei", 29.0, "I still can't believe you waited on that roof"),
            Line("ana", 28.8, "My hands can 🥶"),
            Line("mei", 28.7, "Worth it though", post="ana/rooftops-sunset"),
            Line("ana", 28.5, "Trade you one Boston sunset for one blue hour?"),
            Line("mei", 2.0, "Deal. Done. Here you go", "mei/singapore-skyline", (("ana", "❤️"),)),
            Line("ana", 1.9, "The reflections!! What did you do about the wind?"),
            Line("mei", 1.8, "Asked it nicely. Twenty times.", reactions=(("ana", "😂"),)),
        ),
    ),
    Talk(
        ("ana", "mei", "tomas", "luca"),
        (
            Line("ana", 50.0, "So. A walk with cameras, in spring. Whose roof?"),
            Line("luca", 49.6, "Mine has no railing, which is why it has the view"),
            Line("tomas", 49.5, "As an architect I did not hear that"),
            Line("mei", 49.1, "May? I can be in Europe the whole second week"),
            Line("tomas", 26.4, "Barcelona then. I know a courtyard", "tomas/casa-mila"),
            Line("luca", 26.0, "I will be late but I will be there", reactions=(("ana", "😂"),)),
            Line("ana", 25.5, "Booked. I'm bringing the tripod", reactions=(("mei", "🎉"),)),
        ),
        name="Roof club",
    ),
    Talk(
        ("ana", "sam"),
        (
            Line("ana", 9.0, "Is the corner table free around four?"),
            Line("sam", 8.9, "For you it is"),
            Line("sam", 1.75, "Your flat white is getting cold"),
            Line("sam", 1.7, "I drank it. Making you another ☕"),
        ),
        unread_by="ana",
    ),
    Talk(
        ("lena", "mateo"),
        (
            Line("lena", 33.0, "Can Chelsea come to the picnic?"),
            Line("mateo", 32.0, "Chelsea is the reason there is a picnic"),
        ),
    ),
    Talk(
        ("yuki", "ana"),
        (Line("yuki", 5.5, "Hello! I draw, mostly roofs. May I draw one of yours?"),),
        unread_by="ana",
    ),
)
"""ana does not follow yuki: that one is a request."""

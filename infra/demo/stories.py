"""The demo's stories of the day, highlights and close friends. Data only;
`infra.demo.telling` makes it happen."""

from dataclasses import dataclass
from typing import Any

Scene = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Told:
    by: str
    hours_ago: float
    photo: str
    alt: str
    overlays: Scene = ()
    """As the API takes them."""
    stickers: Scene = ()
    filter: str = "none"
    audience: str = "followers"
    seen_by: str = ""
    reactions: tuple[tuple[str, str], ...] = ()
    """(who, emoji); of those who have seen it, as all below."""
    answers: tuple[tuple[str, int, int | float | str], ...] = ()
    """(who, number of the sticker, answer)."""
    replies: tuple[tuple[str, str], ...] = ()
    """(who, text): messages that quote it."""

    @property
    def name(self) -> str:
        """What tells it from others of the day."""
        return f"{self.by}/{self.photo}"


def _text(text: str, y: float, font: str = "modern", **look: Any) -> dict[str, Any]:
    return {"kind": "text", "text": text, "font": font, "x": 0.5, "y": y, **look}


def _place(name: str, y: float, x: float = 0.5) -> dict[str, Any]:
    return {"kind": "place", "name": name, "x": x, "y": y}


STORIES = (
    Told(
        "luca",
        21.0,
        "colosseum-sky",
        "The Colosseum's arches, lit, against a blue evening sky",
        (_text("in ritardo, come sempre", 0.2, "serif"), _place("Roma", 0.82)),
        filter="vivid",
        seen_by="ana tomas sam mei",
        reactions=(("tomas", "👏"),),
    ),
    Told(
        "jonas",
        17.5,
        "lake-peak",
        "A snowy peak above a dark, still lake",
        (_text("4 °C. Swam anyway.", 0.16, "strong"),),
        (
            {
                "kind": "slider",
                "prompt": "How cold do you get just looking at it?",
                "emoji": "🥶",
                "x": 0.5,
                "y": 0.72,
            },
        ),
        "cool",
        seen_by="ana kofi noor grace",
        reactions=(("noor", "🥶"), ("ana", "👏")),
        answers=(("ana", 0, 0.92), ("kofi", 0, 1.0), ("noor", 0, 0.75)),
    ),
    Told(
        "tomas",
        14.0,
        "piazza-oculus",
        "A tower seen through the dark round opening of a roof",
        (_text("look up", 0.86, "typewriter", background="soft"),),
        filter="noir",
        seen_by="ana luca grace",
    ),
    Told(
        "aisha",
        11.5,
        "deep-field",
        "Thousands of galaxies in the Hubble deep field",
        (_text("every dot is a galaxy", 0.46, "neon", color="teal"),),
        seen_by="mei sam kofi",
        reactions=(("mei", "🤯"), ("sam", "😮")),
    ),
    Told(
        "zanele",
        8.7,
        "moose",
        "A bull moose lying among red bushes",
        (
            _text("traffic jam", 0.14, "strong", background="solid"),
            {"kind": "emoji", "emoji": "🚧", "x": 0.82, "y": 0.2, "rotation": 12, "scale": 1.4},
        ),
        seen_by="kofi lena",
        reactions=(("kofi", "😂"), ("lena", "😂")),
    ),
    Told(
        "hana",
        7.2,
        "forget-me-nots-close",
        "Small blue flowers close up",
        (),
        ({"kind": "question", "prompt": "What shall I draw next?", "x": 0.5, "y": 0.3},),
        "dream",
        seen_by="priya grace lena",
        answers=(("priya", 0, "A tea flower! They look like tiny camellias"), ("lena", 0, "A cat")),
    ),
    Told(
        "noor",
        6.1,
        "desert-hikers",
        "Six hikers walking up the ridge of a dune",
        (_text("No shade until noon", 0.2, "classic", background="soft"),),
        seen_by="jonas kofi",
    ),
    Told(
        "kofi",
        4.2,
        "canyon-wren",
        "A small brown wren on top of a rock",
        (_text("sound on. well, almost", 0.15, "classic", background="solid"),),
        (
            {
                "kind": "quiz",
                "question": "Who is singing?",
                "options": ["House wren", "Canyon wren", "A very small osprey"],
                "correct": 1,
                "x": 0.5,
                "y": 0.76,
            },
        ),
        seen_by="zanele aisha jonas noor",
        reactions=(("zanele", "😍"),),
        answers=(("zanele", 0, 1), ("aisha", 0, 2), ("jonas", 0, 1), ("noor", 0, 0)),
    ),
    Told(
        "lena",
        3.1,
        "chelsea",
        "Close-up of a ginger cat looking aside",
        (_text("she has opinions about the new sofa", 0.84, "typewriter", background="solid"),),
        audience="close_friends",
        seen_by="sam zanele",
        reactions=(("zanele", "🙀"),),
    ),
    Told(
        "mei",
        2.6,
        "singapore-towers",
        "Office towers in pink light, mirrored in the bay",
        (
            {"kind": "hashtag", "tag": "bluehour", "x": 0.5, "y": 0.14, "color": "white"},
            _place("Marina Bay", 0.86),
        ),
        seen_by="tomas luca",
    ),
    Told(
        "mei",
        2.5,
        "bridge-at-night",
        "Steel beams of a bridge at night, lit in blue",
        (),
        (
            {
                "kind": "poll",
                "question": "Tripod or no tripod?",
                "options": ["Always", "Lean on a wall"],
                "x": 0.5,
                "y": 0.7,
            },
        ),
        seen_by="tomas luca sam",
        answers=(("tomas", 0, 0), ("luca", 0, 1), ("sam", 0, 1)),
    ),
    Told(
        "ana",
        1.6,
        "rooftops-sunset",
        "City roofs at sunset, the sun low over a street",
        (_text("same roof, day 212", 0.15, "serif"), _place("Beacon Street, Boston", 0.86)),
        (
            {
                "kind": "poll",
                "question": "Stay for the blue hour?",
                "options": ["Always", "Too cold"],
                "x": 0.5,
                "y": 0.66,
            },
        ),
        "warm",
        seen_by="kofi mei sam luca lena grace hana jonas",
        reactions=(("mei", "😍"), ("sam", "🔥"), ("grace", "❤️")),
        answers=(
            ("kofi", 0, 0),
            ("mei", 0, 0),
            ("sam", 0, 1),
            ("luca", 0, 1),
            ("lena", 0, 0),
            ("jonas", 0, 0),
        ),
        replies=(("kofi", "Day 212! What happens on day 365?"),),
    ),
    Told(
        "ana",
        1.4,
        "rooftops-light",
        "Low sun flooding a street between brick buildings",
        ({"kind": "mention", "username": "mei", "x": 0.5, "y": 0.2},),
        ({"kind": "question", "prompt": "What shall I wait for tomorrow?", "x": 0.5, "y": 0.72},),
        seen_by="mei kofi aisha hana",
        reactions=(("mei", "🌇"),),
        answers=(
            ("aisha", 0, "Jupiter. It is up before eight."),
            ("hana", 0, "The magnolia on your corner"),
            ("kofi", 0, "Harbour birds, first light"),
        ),
    ),
    Told(
        "sam",
        0.7,
        "espresso",
        "A small cup of espresso on a red saucer",
        (_text("quality control", 0.14, "neon", color="orange"),),
        (
            {
                "kind": "slider",
                "prompt": "How awake are you?",
                "emoji": "☕",
                "x": 0.5,
                "y": 0.8,
            },
        ),
        "warm",
        seen_by="lena luca",
        answers=(("lena", 0, 0.2), ("luca", 0, 0.55)),
    ),
)
"""The oldest first: so they are told, and so a person's stand in the viewer."""

CLOSE_FRIENDS = {"lena": "ana sam zanele", "ana": "mei sam"}

HIGHLIGHTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ana", "Rooftops", ("ana/rooftops-sunset", "ana/rooftops-light")),
    ("kofi", "Birds", ("kofi/canyon-wren",)),
    ("mei", "Blue hour", ("mei/singapore-towers", "mei/bridge-at-night")),
)
"""(whose, name, stories): they stay when the day is over."""

"""Who is in the demo, and what they say. Data only; `infra.demo.fill` makes it happen."""

from dataclasses import dataclass, field

PASSWORD = "glimpse-demo-1"  # noqa: S105  printed for everybody to use
EMAIL_HOST = "demo.glimpse.invalid"


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of a photo as an avatar: its centre and side, as shares of the shorter side."""

    photo: str
    x: float
    y: float
    side: float


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    full_name: str
    bio: str
    avatar: Crop | None = None
    """None: letters on a gradient."""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    photo: str
    alt: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, and the replies under it."""

    by: str
    text: str
    replies: tuple["Said", ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    by: str
    hours_ago: float
    caption: str
    pictures: tuple[Picture, ...]
    place: tuple[str, float, float] | None = None
    said: tuple[Said, ...] = ()
    likes: int = 6
    """How many of the others like it (those who can see it)."""
    key: str = field(default="")

    @property
    def name(self) -> str:
        """What tells it from the author's others."""
        return self.key or self.pictures[0].photo


PEOPLE = (
    Person(
        "ana",
        "Ana Ribeiro",
        "Chasing light from rooftops. Lisbon → Boston.",
        Crop("rooftops-light", 0.62, 0.42, 0.6),
    ),
    Person(
        "kofi", "Kofi Mensah", "Birds before breakfast. 🪶 Accra", Crop("osprey", 0.5, 0.3, 0.34)
    ),
    Person(
        "mei",
        "Tan Mei Lin",
        "Night city, tripod, noodles. Singapore",
        Crop("singapore-towers", 0.5, 0.5, 0.7),
    ),
    Person(
        "jonas",
        "Jonas Lindqvist",
        "Cold lakes and old mountains. I carry too many lenses.",
        Crop("lake-peak", 0.45, 0.35, 0.7),
    ),
    Person(
        "priya", "Priya Nair", "Third generation in tea. Munnar 🍃", Crop("tea-rows", 0.5, 0.6, 0.8)
    ),
    Person(
        "tomas",
        "Tomás Herrera",
        "Arquitecto. Courtyards, stairs, and the sky between.",
        Crop("casa-mila", 0.5, 0.5, 0.9),
    ),
    Person(
        "aisha",
        "Aisha Bello",
        "Astronomer by night, asleep by day. Opinions my own, photons borrowed.",
        Crop("saturn", 0.96, 0.5, 0.95),
    ),
    Person("luca", "Luca Moretti", "Roma · Milano · sempre in ritardo."),
    Person(
        "noor",
        "Noor Haddad",
        "Desert guide. Water first, photos second.",
        Crop("desert-hikers", 0.45, 0.74, 0.5),
    ),
    Person(
        "sam",
        "Sam Delaney",
        "Barista. Film when I can afford it ☕",
        Crop("espresso", 0.75, 0.45, 0.85),
    ),
    Person(
        "hana",
        "Hana Kobayashi",
        "Botanical illustrator. Petals under a loupe.",
        Crop("blossom", 0.55, 0.6, 0.6),
    ),
    Person(
        "grace",
        "Grace O'Connell",
        "Photo archivist. Everything here is older than me.",
        Crop("nagasaki-boats", 0.7, 0.45, 0.6),
    ),
    Person(
        "mateo",
        "Mateo Quispe",
        "Family album. Friends only 🌼",
        Crop("dandelion-close", 0.5, 0.4, 0.7),
        private=True,
    ),
    Person("lena", "Lena Fischer", "Chelsea's human.", Crop("chelsea", 0.62, 0.5, 0.9)),
    Person(
        "zanele",
        "Zanele Dube",
        "Wildlife vet. They look at me, I look at them.",
        Crop("otter", 0.3, 0.3, 0.5),
    ),
    Person("yuki", "Yuki Mori", "quiet account", private=True),
)

FOLLOWS = {
    "ana": "kofi mei jonas priya tomas aisha luca noor sam hana grace mateo lena zanele",
    "kofi": "ana zanele jonas aisha hana noor",
    "mei": "ana tomas luca aisha sam",
    "jonas": "ana kofi noor grace priya",
    "priya": "ana hana sam jonas mei",
    "tomas": "ana luca mei grace noor",
    "aisha": "ana mei sam jonas grace kofi",
    "luca": "ana tomas sam mei lena",
    "noor": "ana jonas zanele kofi",
    "sam": "ana lena luca mei aisha priya mateo",
    "hana": "ana priya grace lena zanele",
    "grace": "ana hana tomas jonas",
    "mateo": "ana lena sam zanele",
    "lena": "ana sam hana zanele luca mateo",
    "zanele": "ana kofi lena noor mateo",
    "yuki": "ana mei hana",
}
"""Who follows whom."""

LET_IN = {"mateo": "ana lena sam zanele"}
"""Private accounts, and the requests they accepted."""

WAITING = (("ana", "yuki"), ("kofi", "mateo"), ("hana", "mateo"))
"""(who asked, whom): requests of private accounts that wait for an answer."""

LOGINS = [("ana", PASSWORD), ("kofi", PASSWORD), ("mateo", PASSWORD)]
"""Those to try first: ana has the fullest feed, mateo is private and has requests waiting."""

"""The phone API's messages as OpenAPI shows them. Contracts: `contracts/answers.schema.json`."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from lianhu.letters.rules import MOST_LETTERS

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
GridCode = Annotated[str, Field(pattern=r"^[0-9]{17}$")]
NO_NUL = r"^[^\x00]*$"  # no database takes it
Proof = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
Version = Annotated[int, Field(ge=0, le=2**62)]


class Strict(Schema):
    """A message that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class EnrolAsk(Strict):
    """A single-use token from a QR code, and what the phone calls itself."""

    token: Annotated[str, Field(min_length=1, max_length=400)]
    device_name: Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
    public_key: Annotated[str, Field(max_length=1000, pattern=NO_NUL)] | None = None
    # The device that this phone was before, and the number its letters begin at if it was none.
    continues: UUID | None = None
    first_seq: Annotated[int, Field(ge=1, le=2**53)] = 1
    # Signed with the private half of `public_key`: docs/decisions/0015.
    proof: Proof | None = None


class EnrolAnswer(Schema):
    """The device, and its credential, which is told only now."""

    device_id: UUID
    credential: str
    # Digits to show until the desk has confirmed the phone; absent where it need not.
    confirm: str | None = None


class Enrolment(Schema):
    """Whether the desk has confirmed the phone, and the digits that it shows until then."""

    confirmed: bool
    confirm: str | None = None


class ChallengeAsk(Strict):
    """The phone that wants to sign something."""

    device_id: UUID


class Challenge(Schema):
    """What to sign; good for minutes."""

    challenge: str


class RenewAsk(Strict):
    """The SHA-256 of the next credential, signed for; the key itself only if it never signed."""

    device_id: UUID
    challenge: Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
    next: Sha256
    proof: Proof
    public_key: Annotated[str, Field(max_length=1000, pattern=NO_NUL)] | None = None


class RenewAnswer(Schema):
    """The hash that was taken."""

    taken: str


class PersonAnswer(Schema):
    """Who this phone belongs to."""

    name: str
    roles: list[str]


class RescueKey(Schema):
    """To whom a phone seals what it writes (P-256, SPKI in base64), and in whose name."""

    version: int
    key: str
    writer: UUID


class Me(Schema):
    """Who I am, which grids are mine, and the version of each."""

    epoch: UUID
    person: PersonAnswer
    grids: dict[str, int]
    mine: int
    # The highest number of a letter that the office knows of this phone.
    last_seq: int
    rescue: RescueKey
    places: dict[str, str]
    server_time: str
    min_schema: int
    demo: bool
    mark: int
    covered: int
    # The copy is given back after so long without another contact.
    lease_hours: int
    # Does the county ask for digits before the copy opens?
    pin: bool
    # Should the phone take a new credential, or bring its key?
    renew: bool


class PullAsk(Strict):
    """What the phone holds already."""

    have: Annotated[dict[GridCode, Version], Field(max_length=400)]
    mine: Version | None = None
    catalogue: Annotated[str, Field(max_length=80)] | None = None


class Parcel(Schema):
    """Everything a line person may hold of one grid."""

    grid: str
    version: int
    name: str
    place_names: dict[str, str]
    households: list[dict[str, Any]]
    matters: list[dict[str, Any]]
    visits_due: list[dict[str, Any]]
    visit_plan: dict[str, Any]
    resources: list[dict[str, Any]]
    notices: list[dict[str, Any]]


class Mine(Schema):
    """Matters I reported or that wait on me, confidential ones included; what became of my
    letters that waited for somebody."""

    version: int
    matters: list[dict[str, Any]]
    letters: list[dict[str, Any]]


class PullAnswer(Schema):
    """Whole parcels that differ, and codes of grids that are no longer mine."""

    epoch: UUID
    person: PersonAnswer
    server_time: str
    grids: dict[str, int]
    parcels: list[Parcel]
    gone: list[str]
    demo: bool
    min_schema: int
    places: dict[str, str]
    mark: int
    covered: int
    # The copy is given back after so long without another contact.
    lease_hours: int
    # Does the county ask for digits before the copy opens?
    pin: bool
    # Should the phone take a new credential, or bring its key?
    renew: bool
    mine: Mine | None = None
    catalogue: dict[str, Any] | None = None


class LetterAsk(Schema):
    """One sealed letter: `sha256` is that of the UTF-8 bytes of `text`."""

    id: UUID
    sha256: Sha256
    text: Annotated[str, Field(min_length=1)]
    media: Annotated[list[Sha256], Field(max_length=9)] = []


class LettersAsk(Schema):
    """A batch of at most 20 letters and 256 KB."""

    letters: Annotated[
        list[LetterAsk], Field(min_length=1, json_schema_extra={"maxItems": MOST_LETTERS})
    ]


class LetterAnswer(Schema):
    """What became of one letter."""

    id: UUID
    sha256: str
    outcome: Annotated[str, Field(pattern="^(stored|held|quarantined|retry)$")]
    code: str | None = None
    ref: str | None = None


class LettersAnswer(Schema):
    """The outcomes in the order sent.

    A verified backup with a higher `covered` (of `me`, of a pull) than `mark` holds them."""

    epoch: UUID
    mark: int | None = None
    results: list[LetterAnswer]


class HalfAsk(Strict):
    """The private half of a phone's own pair, as it sealed it to the county."""

    id: Annotated[str, Field(min_length=1, max_length=40, pattern=NO_NUL)]
    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=NO_NUL)]


class Half(Schema):
    """What stood in it."""

    text: str


class MediaPart(Schema):
    """How many bytes are there."""

    received: int


class MediaWhole(Schema):
    """The photo is whole and its hash fits."""

    media_ok: bool


class Problem(Schema):
    """A problem document (RFC 9457) with a stable code."""

    type: str
    title: str
    status: int
    code: str

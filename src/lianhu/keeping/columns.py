"""Every column that holds sealed values or blind indexes: the one register of them.

Rotation, the check at the start and `lianhu keys list` walk it, and tests/keeping/test_sealed.py
fails when a model has a column of the kind that is not here. Models are named, not imported: this
wing may not read colours or care (see the contracts), and needs only the names of their tables.
"""

from dataclasses import dataclass

from django.apps import apps


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column, for what its values are sealed ("table.field"), and its blind index."""

    name: str
    where: str
    index: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with sealed columns. `owner` is the column that says whose own key seals
    (people/keys.py); the ring seals where there is none, or where it is empty."""

    label: str  # app.Model
    columns: tuple[Column, ...]
    chunk: int = 500  # rows of one transaction: writers wait for some tens of milliseconds
    owner: str = ""

    @property
    def name(self) -> str:
        """Its name in the database."""
        return str(apps.get_model(self.label)._meta.db_table)


KEYS = Table("people.PersonKey", (Column("key_sealed", "personkey.key"),))
TABLES = (
    Table("people.Person", (
        Column("id_sealed", "person.id", index="id_index"),
        Column("phone_sealed", "person.phone", index="phone_index"),
        Column("more_phones_sealed", "person.phones"),
    ), owner="id"),
    Table("people.RegisterImport", (Column("corrections_sealed", "register.corrections"),)),
    Table("people.ImportDraft", (
        Column("content_sealed", "draft.content"),
        Column("found_sealed", "draft.found"),
        Column("corrections_sealed", "draft.corrections"),
    ), chunk=1),
    Table("people.Change", (Column("values_sealed", "change.values"),), owner="person_id"),
    Table("people.Proposal", (Column("values_sealed", "proposal.values"),), owner="person_id"),
    Table("people.Export", (Column("asked_sealed", "export.asked"),)),
    Table("rights.Opening", (Column("words_sealed", "opening.words"),)),
    Table("grading.CareEpisode", (Column("words_sealed", "care.words"),), owner="id"),
    Table("accounts.Authenticator", (Column("secret_sealed", "authenticator.secret"),)),
    Table("matters.Matter", (Column("reporter_phone_sealed", "matter.phone"),)),
    Table("letters.Letter", (Column("text_sealed", "letter.text", index="text_index"),)),
    Table("territory.Resource", (Column("phone_sealed", "resource.phone"),)),
    # Last: keys that are made while the values above move are of the newest version already.
    KEYS,
)  # fmt: skip

# Keyed hashes of what is nowhere kept, so that none can be made anew. They are of tries within
# hours: with a version that is gone, some tries are forgotten.
FLEETING = ("accounts.Attempt.key", "rights.SignInCode.code_hash")

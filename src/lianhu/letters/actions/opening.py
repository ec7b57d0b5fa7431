"""A letter that its phone sealed to the county: what stands in it, for whoever wrote it only.

Anybody may seal to a public key, and anybody may find a sealed letter in the storage of a phone
that was lost. So the envelope names its writer, bound into its key, and is opened for a phone of
that person and for nobody else: it cannot be handed in, and read, in another's name.
"""

from uuid import UUID

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.exchange import envelope_of, open_envelope

FORMAT = "lianhu-letter/1"


def open_text(actor: Actor, letter_id: UUID, text: str) -> str:
    """The text in an envelope; any other text as it is, to be judged as it stands: also what is
    no whole envelope, which is kept for a person (``quarantined``).

    Refuses ``letter.key_gone`` (the county has no such key any more) and ``letter.of_another``
    (somebody else wrote it): it stays on the phone.
    """
    outer = envelope_of(text, FORMAT)
    if outer is None:
        return text
    if outer.get("writer") != str(actor.id):
        raise Refusal("letter.of_another")
    try:
        return open_envelope(outer, f"{FORMAT}\n{actor.id}\n{letter_id}").decode()
    except UnicodeDecodeError:
        return text
    except Refusal as refusal:
        if refusal.code == "exchange.no_version":
            raise Refusal("letter.key_gone") from refusal
        return text

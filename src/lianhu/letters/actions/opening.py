"""What a phone sealed to the county: what stands in it, for whoever wrote it only.

Anybody may seal to a public key, and anybody may find a sealed letter in the storage of a phone
that was lost. So the envelope names its writer, bound into its key, and is opened for a phone of
that person and for nobody else: it cannot be handed in, and read, in another's name.

A phone also leaves here the private half of the pair to which it seals what it wants to show
again (drafts, letters, small pictures). When its copy was lent anew it asks for that back.
"""

from uuid import UUID

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.exchange import envelope_of, open_written

FORMAT, HALF = "lianhu-letter/1", "lianhu-pair/1"


def open_text(actor: Actor, letter_id: UUID, text: str) -> str:
    """The text in an envelope; any other text as it is, to be judged as it stands: also what is
    no whole envelope, which is kept for a person (``quarantined``).

    Refuses ``letter.key_gone`` (the county has no such key any more) and ``letter.of_another``
    (somebody else wrote it): it stays on the phone.
    """
    outer = envelope_of(text, FORMAT)
    if outer is None:
        return text
    try:
        return open_written(outer, FORMAT, actor.id, letter_id).decode()
    except UnicodeDecodeError:
        return text
    except Refusal as refusal:
        if refusal.code == "sealed.unreadable":
            return text
        gone = refusal.code == "sealed.key_gone"
        raise Refusal("letter.key_gone" if gone else "letter.of_another") from refusal


def open_half(actor: Actor, pair_id: str, text: str) -> str:
    """The private half of a pair that a phone of this person made; nothing of it is kept here.

    Refuses ``sealed.of_another``, ``sealed.key_gone``, ``sealed.unreadable``.
    """
    outer = envelope_of(text, HALF)
    if outer is None:
        raise Refusal("sealed.unreadable")
    try:
        return open_written(outer, HALF, actor.id, pair_id).decode()
    except UnicodeDecodeError as error:
        raise Refusal("sealed.unreadable") from error

"""One-time codes by text message: asked for by number, good for ten minutes and five tries.

Nothing tells a known number from an unknown one: the same statements run, the same answer is
given, and the message goes out beside the request. A code for an unknown number is kept like any
other; nobody is told it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db.models import F
from django.utils.timezone import localdate

from lianhu.accounts.actions.attempts import throttle
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.seal import blind, blinds
from lianhu.kernel.sms import has_gateway, send_later
from lianhu.rights.models import SignInCode
from lianhu.rights.queries.own import Resident, chosen_resident, residents_of_number
from lianhu.rights.rules import CODE_DIGITS, terms

FIELD = "rights.code"
MESSAGE = (
    "【联户】{code}，{minutes} 分钟内有效。用它看您家在村里的登记。不是您要的，别告诉任何人。"
)


@dataclass(frozen=True, slots=True)
class Proven:
    """What a right code opened: one household, or several among which she has to say hers."""

    resident: Resident | None
    to_choose: bool = False


def ask_code(number: str, address: str, *, at: datetime) -> UUID:
    """Make a code for a mobile number and send it if the number is somebody's; its identifier.

    Refuses ``rights.no_gateway``, ``throttled`` (per number, per address).
    """
    if not has_gateway():
        raise Refusal("rights.no_gateway")
    throttle("code_address", address, at=at)
    # Few from one place, so that a stranger elsewhere does not use up all of hers.
    throttle("code_pair", f"{number}|{address}", at=at)
    throttle("code_number", number, at=at)
    rule = terms(localdate(at))
    found = residents_of_number(number)
    known = 0 < len(found) <= rule["number_most_households"]
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    row = SignInCode(id=uuid7(), expires_at=at + timedelta(minutes=rule["code_minutes"]))
    row.code_hash = blind(_said(row.id, number, code), FIELD)
    row.save(force_insert=True)
    text = MESSAGE.format(code=code, minutes=rule["code_minutes"])
    send_later(number if known else "", text)
    return row.id


def check_code(code_id: UUID, number: str, code: str, address: str, *, at: datetime) -> Proven:
    """What a code opens. Not one transaction: a wrong try counts although it is refused.

    Refuses ``rights.code_over`` (too late, used, or tried too often), ``rights.code_wrong``,
    ``throttled``. A right guess for a number that is nobody's is refused as a wrong one.
    """
    throttle("code_try_address", address, at=at)
    rule = terms(localdate(at))
    rows = SignInCode.objects.filter(
        id=code_id, used_at=None, expires_at__gt=at, tries__lt=rule["code_tries"]
    )
    if not rows.update(tries=F("tries") + 1):
        raise Refusal("rights.code_over")
    row = SignInCode.objects.get(id=code_id)
    kept, said = bytes(row.code_hash), blinds(_said(code_id, number, code), FIELD)
    right = any(compare_digest(kept, one) for one in said)
    # Of two at once only one gets in.
    if not right or not SignInCode.objects.filter(id=code_id, used_at=None).update(used_at=at):
        raise Refusal("rights.code_wrong", left=max(rule["code_tries"] - row.tries, 0))
    found = residents_of_number(number)
    if not 0 < len(found) <= rule["number_most_households"]:
        raise Refusal("rights.code_wrong", left=max(rule["code_tries"] - row.tries, 0))
    return Proven(found[0]) if len(found) == 1 else Proven(None, to_choose=True)


def choose_household(number: str, said: str, *, at: datetime) -> Resident:
    """The one of several households on a proven number that fits what she says.

    Refuses ``rights.not_chosen``, ``throttled``.
    """
    throttle("code_choose", number, at=at)
    resident = chosen_resident(residents_of_number(number), said)
    if resident is None:
        raise Refusal("rights.not_chosen")
    return resident


def forget_codes(*, before: datetime) -> int:
    """Drop codes that ended before a moment; how many."""
    dropped, _ = SignInCode.objects.filter(expires_at__lt=before).delete()
    return dropped


def _said(code_id: UUID, number: str, code: str) -> str:
    return f"{code_id}|{number}|{code}"

"""The phone API, version 1 (design/interfaces.md): enrol, me, parcels, letters, media."""

import re
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timezone import localdate
from ninja import NinjaAPI, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from lianhu.accounts.actions.attempts import check_throttle, note_try
from lianhu.accounts.actions.credentials import (
    is_due,
    make_challenge,
    recognise,
    renew_credential,
    waiting_code,
)
from lianhu.accounts.actions.devices import enrol_device, touch_device
from lianhu.accounts.roles import ROLES
from lianhu.accounts.rules import Told, asks_digits
from lianhu.audit.queries import Life, life
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.exchange import public_key
from lianhu.kernel.scope import narrow_to
from lianhu.letters.actions.opening import open_half
from lianhu.letters.actions.receiving import Incoming, receive
from lianhu.letters.queries.unheard import last_number
from lianhu.letters.rules import MOST_BYTES, MOST_LETTERS
from lianhu.media.actions import receive_part
from lianhu.media.queries import is_sha256, received
from lianhu.phone import parcels as depot
from lianhu.phone.catalogue import catalogue
from lianhu.phone.schemas import (
    Challenge,
    ChallengeAsk,
    EnrolAnswer,
    EnrolAsk,
    Enrolment,
    Half,
    HalfAsk,
    LettersAnswer,
    LettersAsk,
    Me,
    MediaPart,
    MediaWhole,
    Mine,
    Parcel,
    Problem,
    PullAnswer,
    PullAsk,
    RenewAnswer,
    RenewAsk,
)
from lianhu.phone.shapes import moment, person
from lianhu.territory.queries import place_names
from lianhu.territory.rules import ancestors
from lianhu.web.actor import address_of
from lianhu.web.middleware import problem
from lianhu.web.words import words_of

MIN_SCHEMA = 1
LABELS = {code: role.label for code, role in ROLES.items()}
PROBLEMS: dict[int, Any] = dict.fromkeys(
    (400, 401, 403, 404, 409, 413, 415, 422, 429, 503), Problem
)
_OUTBOX = re.compile(r"last=(\d{1,15}); photos=(\d{1,6})", re.ASCII)
_RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})", re.ASCII)


class Device(HttpBearer):
    """The credential that enrolment gave; `request.auth` is then the `Caller`."""

    def authenticate(self, request: HttpRequest, token: str) -> object:
        """The living device behind the credential and its user; refuses ``device.unknown``,
        ``device.unconfirmed``."""
        caller = recognise(token, at=timezone.now())
        narrow_to(caller.actor)
        return caller


class AnyDevice(HttpBearer):
    """The credential of a phone that may still wait; `request.auth` is then its digits, or none."""

    def authenticate(self, request: HttpRequest, token: str) -> object:
        """Digits in a tuple, since Ninja takes nothing for nobody; refuses ``device.unknown``."""
        return (waiting_code(token, at=timezone.now()),)


class Api(NinjaAPI):
    """Describes itself once a process: that takes 50 ms, and anybody may ask."""

    described: OpenAPISchema | None = None

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description; this API stands in one place only, so there is one."""
        if self.described is None:
            self.described = super().get_openapi_schema(
                path_prefix=path_prefix, path_params=path_params
            )
        return self.described


api = Api(
    title="Lianhu",
    version="1",
    description="Letters in, parcels out. Errors are problem documents with a stable code.",
    docs=Swagger(settings={"persistAuthorization": False}),
    auth=Device(),
    urls_namespace="api",
)


@api.exception_handler(AuthenticationError)
def _signed_out(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem("device.unknown", words_of(NotPermitted("device.unknown")), 401)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [".".join(str(part) for part in e["loc"][1:]) for e in error.errors][:20]
    return problem("request.bad_fields", "内容不对：有字段缺少或写错", 422, fields=fields)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The body is no JSON: the one thing that ninja itself says so."""
    return problem("request.unreadable", "内容读不出来", error.status_code)


def _actor(request: HttpRequest) -> Actor:
    """The person this phone belongs to, with the rights of today."""
    caller = request.auth  # type: ignore[attr-defined]
    told = _told(request.headers.get("Lianhu-Outbox", ""))
    touch_device(caller.device_id, caller.seen_at, caller.told, told, at=timezone.now())
    actor: Actor = caller.actor
    request.lianhu_actor = actor  # type: ignore[attr-defined]
    return actor


def _told(header: str) -> Told | None:
    """What a phone says of its outbox with each call: ``last=57; photos=2``."""
    match = _OUTBOX.fullmatch(header)
    return Told(int(match[1]), int(match[2])) if match else None


def _json(content: bytes, *, etag: str = "") -> HttpResponse:
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-store"  # the app keeps its own copy, sealed
    if etag:
        response["ETag"] = etag
    return response


@api.post("/phone/enrol", auth=None, response={200: EnrolAnswer, **PROBLEMS})
def enrol(request: HttpRequest, asked: EnrolAsk) -> object:
    """Exchange a single-use token for a device and its credential. Only what was refused counts
    against an address: on the day a town is taught, forty phones enrol behind one."""
    at = timezone.now()
    address = address_of(request, settings.LIANHU_PROXIES)
    check_throttle("enrol", address, at=at)
    try:
        device, credential = enrol_device(
            asked.token, asked.device_name, asked.public_key or "", at=at,
            continues=asked.continues, first_seq=asked.first_seq, proof=asked.proof or "",
        )  # fmt: skip
    except Refusal:
        note_try("enrol", address, at=at)
        raise
    told: dict[str, Any] = {"device_id": str(device.id), "credential": credential}
    if device.confirm_code:
        told["confirm"] = device.confirm_code
    return _json(msgspec.json.encode(told))


@api.get("/phone/enrolment", response={200: Enrolment, **PROBLEMS}, auth=AnyDevice())
def enrolment(request: HttpRequest) -> dict[str, Any]:
    """Whether the desk has confirmed this phone: all that its credential is good for before."""
    (code,) = request.auth  # type: ignore[attr-defined]
    return {"confirmed": not code, "confirm": code or None}


@api.post("/phone/challenge", response={200: Challenge, **PROBLEMS}, auth=None)
def challenge(request: HttpRequest, asked: ChallengeAsk) -> dict[str, Any]:
    """Something to sign for a new credential; the same whether there is such a phone or not."""
    return {"challenge": make_challenge(asked.device_id)}


@api.post("/phone/credential", response={200: RenewAnswer, **PROBLEMS}, auth=None)
def credential(request: HttpRequest, asked: RenewAsk) -> dict[str, Any]:
    """Take the SHA-256 of this phone's next credential, binding from its first use on. The proof
    is by the phone's key; Authorization is looked at only where that key has never signed."""
    _, _, bearer = request.headers.get("Authorization", "").partition(" ")
    renew_credential(
        asked.device_id, asked.challenge, asked.next, asked.proof, at=timezone.now(),
        public_key=asked.public_key or "", credential=bearer,
    )  # fmt: skip
    return {"taken": asked.next}


def _me(request: HttpRequest, grids: dict[str, int], now: Life) -> dict[str, Any]:
    """`now` was read before `grids`: versions are never told under an epoch that came later."""
    caller = request.auth  # type: ignore[attr-defined]
    codes = sorted({code for grid in grids for code in ancestors(grid)})
    names = (
        place_names([c for c in codes if len(c) < 17]) if len(grids) > 4 else place_names(codes)
    )
    return {
        "epoch": now.epoch,
        "mark": now.mark,
        "covered": now.covered,
        "lease_hours": read("phones.toml")["cache"]["lease_hours"],
        "pin": asks_digits(localdate(), demo=settings.LIANHU_DEMO),
        "renew": is_due(caller, at=timezone.now()),
        "person": person(caller.actor, LABELS),
        "grids": grids,
        "server_time": moment(timezone.now()),
        "min_schema": MIN_SCHEMA,
        "demo": settings.LIANHU_DEMO,
        "places": names,
    }


@api.get("/phone/me", response={200: Me, **PROBLEMS})
def me(request: HttpRequest) -> object:
    """Who I am, my grids and their versions."""
    actor = _actor(request)
    now = life()
    answer = _me(request, depot.own_grids(actor), now) | {
        "mine": depot.own_version(actor),
        "rescue": public_key() | {"writer": str(actor.id)},
        "last_seq": last_number(request.auth.device_id),  # type: ignore[attr-defined]
    }
    return _json(msgspec.json.encode(answer))


@api.get("/phone/parcels/{grid}", response={200: Parcel, 304: None, **PROBLEMS})
def parcel(request: HttpRequest, grid: str) -> object:
    """One grid's parcel; 304 when the version is the one named in If-None-Match."""
    actor = _actor(request)
    now = life()
    version = depot.own_grids(actor).get(grid)
    if version is None:
        raise NotPermitted("place.not_found")
    etag = f'"{now.epoch}.{version}"'
    if request.headers.get("If-None-Match") in {etag, f"W/{etag}"}:
        response = HttpResponse(status=304)
        response["ETag"] = etag
        return response
    found = depot.parcels(actor, {grid: version}, at=timezone.now(), life=now.epoch)
    return _json(found[grid], etag=etag)


@api.get("/phone/mine", response={200: Mine, **PROBLEMS})
def mine(request: HttpRequest) -> object:
    """Matters I reported or that wait on me, confidential ones included."""
    actor = _actor(request)
    return _json(depot.own_matters(actor, depot.own_version(actor), at=timezone.now()))


@api.post("/phone/parcels", response={200: PullAnswer, **PROBLEMS})
def pull(request: HttpRequest, asked: PullAsk) -> object:
    """Everything that differs from what the phone holds, in one round trip."""
    actor = _actor(request)
    at, now = timezone.now(), life()
    grids = depot.own_grids(actor)
    changed = {g: v for g, v in grids.items() if asked.have.get(g) != v}
    answer: dict[str, Any] = _me(request, grids, now)
    if not changed:
        # Nothing new: the names travelled with the parcels already.
        answer["places"] = {}
    found = depot.parcels(actor, changed, at=at, life=now.epoch) if changed else {}
    answer["parcels"] = [msgspec.Raw(content) for content in found.values()]
    answer["gone"] = sorted(set(asked.have) - set(grids))
    version = depot.own_version(actor)
    if asked.mine != version:
        answer["mine"] = msgspec.Raw(depot.own_matters(actor, version, at=at))
    etag, content = catalogue()
    if asked.catalogue != etag:
        answer["catalogue"] = msgspec.Raw(content)
    return _json(msgspec.json.encode(answer))


@api.post("/phone/letters", response={200: LettersAnswer, **PROBLEMS})
def letters(request: HttpRequest, asked: LettersAsk) -> object:
    """Up to twenty letters; each is kept before it is judged, and answered after the commit.

    The epoch is the one read before: what a restore overtook is then offered again. The mark is
    the one read after the commit, so a backup with a higher one holds these letters; it is left
    out where the two are of different epochs.
    """
    actor = _actor(request)
    if len(asked.letters) > MOST_LETTERS or len(request.body) > MOST_BYTES:
        raise Refusal("letters.too_many")
    incoming = [Incoming(i.id, i.sha256, i.text, tuple(i.media)) for i in asked.letters]
    device = request.auth.device_id  # type: ignore[attr-defined]
    before = life()
    answers = receive(actor, device, incoming, at=timezone.now())
    after = life()
    results = [
        {
            k: v
            for k, v in zip(("id", "sha256", "outcome", "code", "ref"), _row(a), strict=True)
            if v
        }
        for a in answers
    ]
    told: dict[str, Any] = {"epoch": before.epoch, "results": results}
    if after.epoch == before.epoch:
        told["mark"] = after.mark
    return _json(msgspec.json.encode(told))


def _row(answer: Any) -> tuple[object, ...]:
    return answer.id, answer.sha256, str(answer.outcome), answer.code, answer.ref


@api.post("/phone/half", response={200: Half, **PROBLEMS})
def half(request: HttpRequest, asked: HalfAsk) -> object:
    """Give back the private half of a phone's own pair, to a phone of whoever sealed it: once its
    copy is lent anew it shows again what is written on it and not yet sent."""
    return _json(
        msgspec.json.encode({"text": open_half(_actor(request), asked.id, asked.text)})
    )


@api.put(
    "/phone/media/{sha256}", response={201: MediaWhole, 202: MediaPart, **PROBLEMS},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/octet-stream": {}}},
        "parameters": [
            {"name": "Content-Range", "in": "header", "required": False,
             "schema": {"type": "string"}, "description": "bytes first-last/total"}
        ],
    },
)  # fmt: skip
def put_media(request: HttpRequest, sha256: str) -> object:
    """One part of a photo, or all of it without Content-Range. It may be sealed, as letters are."""
    actor = _actor(request)
    body = request.body
    start, total = 0, len(body)
    if header := request.headers.get("Content-Range"):
        match = _RANGE.fullmatch(header.strip())
        if match is None:
            raise Refusal("media.bad_range")
        start, last, total = (int(part) for part in match.groups())
        if last - start + 1 != len(body):
            raise Refusal("media.bad_range")
    there = receive_part(actor, sha256, start, total, body, at=timezone.now())
    if there is None:
        return Status(201, {"media_ok": True})
    return Status(202, {"received": there})


@api.api_operation(["HEAD"], "/phone/media/{sha256}", response={200: None, **PROBLEMS})
def head_media(request: HttpRequest, sha256: str) -> HttpResponse:
    """How much of a photo is there."""
    actor = _actor(request)
    there, whole = received(sha256, actor.id) if is_sha256(sha256) else (0, False)
    response = HttpResponse(status=200 if there or whole else 404)
    response["Upload-Offset"] = str(there)
    if whole:
        response["Upload-Complete"] = "?1"
    return response

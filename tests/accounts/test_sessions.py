"""Sessions: whose they are, who may end them, how long they last; links to a provider."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lianhu.accounts.actions.identities import (
    link_identity,
    unlink_identity,
    user_of_identity,
)
from lianhu.accounts.actions.sessions import (
    end_other_sessions,
    end_own_device,
    end_own_session,
    end_session,
    end_sessions_of,
    forget_sessions,
)
from lianhu.accounts.models import Device, Session, User
from lianhu.accounts.queries.sessions import (
    list_failures,
    list_sessions,
    own_devices,
    own_sessions,
)
from lianhu.accounts.rules import agent_family, coarse_network, counted_address
from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from tests import cast

ISSUER = "https://id.example"


def _code(call, *args, **more):
    with pytest.raises(Refusal) as refused:
        call(*args, **more)
    return refused.value.code


@pytest.fixture
def now():
    return {"at": timezone.now()}


def _session(actor) -> Session:
    return Session.objects.get(session_key=cast.session_of(User.objects.get(id=actor.id)))


def test_one_ends_ones_own_and_nobody_elses(secretary_east, secretary_west, now):
    mine, other = _session(secretary_east), _session(secretary_east)
    assert set(own_sessions(secretary_east, **now)) == {mine, other}
    assert _code(end_own_session, secretary_west, mine.mark, **now) == "session.unknown"
    end_own_session(secretary_east, mine.mark, **now)
    assert _code(end_own_session, secretary_east, mine.mark, **now) == "session.unknown"
    third = _session(secretary_east)
    assert end_other_sessions(secretary_east, third.mark, **now) == 1
    assert list(own_sessions(secretary_east, **now)) == [third]


def test_the_data_officer_ends_sessions_and_villages_do_not(
    data_officer, officer_town, secretary_east, secretary_west, secretary_neighbour, now
):
    one, _ = _session(secretary_east), _session(secretary_east)
    for actor in (secretary_west, secretary_neighbour, officer_town, secretary_east):
        assert not list_sessions(actor, **now).exists()
        assert _code(end_session, actor, one.mark, **now) == "session.unknown"
        assert _code(end_sessions_of, actor, secretary_east.id, **now) == "account.not_found"
    assert list_sessions(data_officer, **now).count() == 2
    assert list_sessions(data_officer, under=cast.WEST_TOWN, **now).count() == 0
    assert list_sessions(data_officer, words="李", **now).count() == 2
    assert end_session(data_officer, one.mark, **now) == secretary_east.id
    assert end_sessions_of(data_officer, secretary_east.id, **now) == 1
    verbs = Entry.objects.filter(verb__startswith="session.").values_list("verb", flat=True)
    assert list(verbs) == ["session.end", "session.end_all"]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_sessions_takes_one_query(
    rows, data_officer, secretary_east, django_assert_num_queries, now
):
    for _ in range(rows):
        _session(secretary_east)
    with django_assert_num_queries(1):
        assert len([row.user.name for row in list_sessions(data_officer, **now)]) == rows


def test_a_session_ends_twelve_hours_after_it_began(secretary_east, now):
    session = _session(secretary_east)
    left = session.expire_date - session.began_at
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    assert forget_sessions(at=now["at"] + timedelta(hours=11)) == 0
    assert forget_sessions(at=now["at"] + timedelta(hours=13)) == 1


def test_ones_own_phone(warden, warden_west, now):
    device, _ = cast.make_device(warden)
    assert _code(end_own_device, warden_west, device.id, **now) == "device.unknown"
    end_own_device(warden, device.id, **now)
    assert Device.objects.get().revoked_at
    assert not own_devices(warden).exists()
    assert _code(end_own_device, warden, device.id, **now) == "device.unknown"


def test_failures_are_the_data_officers_to_see(data_officer, officer_town, secretary_east, now):
    for actor in (officer_town, secretary_east):
        assert not list_failures(actor, **now).exists()
    assert not list_failures(data_officer, **now).exists()


def test_a_subject_is_linked_once_and_only_by_who_covers_the_person(
    data_officer, officer_town, secretary_east, secretary_west, now
):
    assert _code(user_of_identity, ISSUER, "s-1", **now) == "provider.not_linked"
    for actor in (secretary_east, secretary_west, officer_town):
        found = _code(link_identity, actor, officer_town.id, ISSUER, "s-1", **now)
        assert found == "account.not_found"
    own = _code(link_identity, data_officer, data_officer.id, ISSUER, "s-1", **now)
    assert own == "account.own"
    for bad in ("", " ", "x" * 256, "a\nb"):
        found = _code(link_identity, data_officer, officer_town.id, ISSUER, bad, **now)
        assert found == "provider.bad_subject"
    assert (
        _code(link_identity, data_officer, officer_town.id, "", "s", **now) == "provider.none"
    )
    link_identity(data_officer, officer_town.id, ISSUER, "s-1", **now)
    assert user_of_identity(ISSUER, "s-1", **now).id == officer_town.id
    assert (
        _code(user_of_identity, "https://evil.example", "s-1", **now) == "provider.not_linked"
    )
    for person, subject in ((secretary_east, "s-1"), (officer_town, "s-2")):
        found = _code(link_identity, data_officer, person.id, ISSUER, subject, **now)
        assert found == "provider.taken"
    _session(officer_town)
    assert _code(unlink_identity, secretary_west, officer_town.id, ISSUER, **now) == (
        "account.not_found"
    )
    unlink_identity(data_officer, officer_town.id, ISSUER, **now)
    assert not Session.objects.exists()
    assert _code(user_of_identity, ISSUER, "s-1", **now) == "provider.not_linked"
    found = _code(unlink_identity, data_officer, officer_town.id, ISSUER, **now)
    assert found == "provider.not_found"


def test_nobody_who_left_comes_in_by_the_provider(data_officer, officer_town, now):
    link_identity(data_officer, officer_town.id, ISSUER, "s-1", **now)
    User.objects.filter(id=officer_town.id).update(is_active=False)
    assert _code(user_of_identity, ISSUER, "s-1", **now) == "provider.not_linked"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
         "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 MicroMessenger/8.0", "微信 · 安卓手机"),
        ("Mozilla/5.0 (X11; Linux x86_64; UOS) Chrome/110 Safari/537.36", "Chrome · 统信"),
        ("curl/8", "别的浏览器"),
        ("", "别的浏览器"),
    ],
)  # fmt: skip
def test_agent_family(header, words):
    assert agent_family(header) == words


@pytest.mark.parametrize(
    ("address", "coarse", "counted"),
    [
        ("10.12.13.14", "10.12.*.*", "10.12.13.14"),
        ("127.0.0.1", "本机", "127.0.0.1"),
        ("2409:8a70:12:34:1:2:3:4", "2409:8a70:0012:…", "2409:8a70:12:34::/64"),
        ("::ffff:1.2.3.4", "1.2.*.*", "1.2.3.4"),
        ("unknown", "", "unknown"),
    ],
)
def test_addresses_are_kept_coarse_and_counted_by_line(address, coarse, counted):
    assert coarse_network(address) == coarse
    assert counted_address(address) == counted

"""schemathesis over our own OpenAPI: whatever is sent, signed in or not, no server error."""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup

from tests import cast

# `make hostile` asks for more.
EXAMPLES = int(os.environ.get("LIANHU_TEST_SCHEMA", "12"))
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    ("POST", "/api/phone/enrol"),
    ("GET", "/api/phone/enrolment"),
    ("POST", "/api/phone/challenge"),
    ("POST", "/api/phone/credential"),
    ("GET", "/api/phone/me"),
    ("GET", "/api/phone/mine"),
    ("GET", "/api/phone/parcels/{grid}"),
    ("POST", "/api/phone/parcels"),
    ("POST", "/api/phone/letters"),
    ("POST", "/api/phone/half"),
    ("PUT", "/api/phone/media/{sha256}"),
    ("HEAD", "/api/phone/media/{sha256}"),
]


@pytest.fixture(autouse=True)
def one_connection(db):
    """As Django's own test client does: a request does not close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def schema(places, one_connection):
    return schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


def test_the_document_is_openapi_3_1_with_every_operation(schema):
    raw = schema.raw_schema
    assert raw["openapi"].startswith("3.1")
    found = {
        (method.upper(), path)
        for path, item in raw["paths"].items()
        for method in item
        if path.startswith("/api/phone/")
    }
    assert found == set(OPERATIONS)


@pytest.mark.parametrize("known", [True, False], ids=["enrolled", "stranger"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_server_error(schema, warden, household, media_folder, method, path, known):
    headers = {"Authorization": f"Bearer {cast.make_device(warden)[1]}"} if known else {}
    strategy = schema[path][method].as_strategy()
    wrong = schema[path][method].as_strategy(
        generation_mode=schemathesis.GenerationMode.NEGATIVE
    )

    @QUIET
    @given(case=strategy | wrong)
    def send(case):
        response = case.call(headers=headers)
        case.validate_response(response, checks=[not_a_server_error])
        if response.status_code >= 400 and method != "HEAD":
            assert "problem+json" in response.headers["content-type"][0], response.content

    send()


def test_the_check_can_fail(schema, warden, monkeypatch):
    def crash(actor):
        raise ZeroDivisionError

    monkeypatch.setattr("lianhu.phone.parcels.own_grids", crash)
    headers = {"Authorization": f"Bearer {cast.make_device(warden)[1]}"}
    case = schema["/api/phone/me"]["GET"].Case()
    with pytest.raises(FailureGroup) as failed:  # noqa: PT012
        response = case.call(headers=headers)
        case.validate_response(response, checks=[not_a_server_error])
    assert "Server error" in repr(failed.value.exceptions)

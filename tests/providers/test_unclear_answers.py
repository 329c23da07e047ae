"""What the two clients make of a provider that is busy, slow, gone or not to be understood."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from asking import CARD, error_of

from makers import nested
from ordercall.domain.outside_json import DEEPEST
from ordercall.errors import OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.outgoing import run
from stub import Stub


@pytest.mark.parametrize(
    ("status", "written", "seconds"),
    [
        (503, "7", 7),
        (500, "7", 7),
        (429, "7", 7),
        (429, "2.0", 2),
        (429, "0.5", 0.5),
        (429, "0", 0),
        (429, "-5", 0),
        (429, "inf", 3_600),
        (429, "86400", 3_600),
        (429, "nan", None),
        (429, "soon", None),
        (429, "", None),
        (429, "Mon, 23 Nov 2020 06:30:00 GMT", 0),
        (429, "Mon, 23 Nov 99999999999999999999 06:30:00 GMT", None),
    ],
)
def test_a_provider_says_how_long_to_wait(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient], status: int, written: str, seconds: float | None
) -> None:
    stub.answers({"message": "Slow down"}, status, Retry_After=written)

    assert error_of(lambda: run(new_kalimera(stub.url).create_contact(CARD))).retry_after == seconds


def test_a_busy_provider_may_say_until_when_to_wait(stub: Stub, new_kalimera: Callable[..., KalimeraClient]) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    stub.answers({"message": "Slow down"}, 429, Retry_After=in_a_minute)

    wait = error_of(lambda: run(new_kalimera(stub.url).create_contact(CARD))).retry_after

    assert wait == pytest.approx(60, abs=3)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"statusCode": 429, "message": "Too many requests"}, ProviderBusy),
        ({"success": False, "error": {"code": 503, "message": "Slow down"}}, ProviderBusy),
        ({"statusCode": 429, "message": "Too many requests", "limit": 100, "retry_after": 30}, ProviderBusy),
        ({"errors": [{"status": "503", "title": "Busy"}]}, ProviderBusy),
        ({"statusCode": 500, "message": "Internal Server Error"}, OutcomeUnknown),
        ({"status": "502"}, OutcomeUnknown),
        ({"success": False, "code": 504, "message": "Gateway timeout"}, OutcomeUnknown),
        ({"data": {"statusCode": 500}}, OutcomeUnknown),
        ({"success": False, "code": 429, "message": "Too many", "errors": ["503"], "status": 500}, OutcomeUnknown),
        ({"statusCode": 422, "message": "Bad phone"}, ProviderRefused),
        ({"success": False, "code": 5001}, ProviderRefused),
    ],
    ids=str,
)
def test_a_status_in_the_words_of_a_200_means_what_it_means_as_a_status(
    stub: Stub, kalimera: KalimeraClient, body: dict[str, object], kind: type[ProviderError]
) -> None:
    stub.answers(body)

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is kind
    assert type(error_of(lambda: kalimera.add_contacts("main", {"c-1": None, "c-2": None}))) is kind


@pytest.mark.parametrize(
    "body",
    [
        {"statusCode": 429, "message": "Too many requests", "added": ["c-1"]},
        {"statusCode": 429, "message": "1 of 2 contacts added"},
        {"success": False, "errors": [{"contact_id": "c-2", "code": 429}]},
    ],
    ids=str,
)
def test_a_busy_answer_that_tells_of_a_part_says_not_that_nothing_happened(
    stub: Stub, kalimera: KalimeraClient, body: dict[str, object]
) -> None:
    stub.answers(body)

    addition, _call = kalimera.add_contacts("main", {"c-1": None, "c-2": None})

    assert "c-1" in addition.unclear | addition.added


def test_a_page_of_html_is_named_and_not_quoted(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b"<!doctype html><title>Service Unavailable</title>", 503, Content_Type="text/html")

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert str(error) == "Kalimera could not create the contact: 503 an HTML page instead of JSON"


def test_a_redirect_is_not_followed(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b"", 302, Location=f"{stub.url}/elsewhere")

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert type(error) is ProviderRefused
    assert stub.asked == ("POST", "/contact")


def test_a_connection_that_is_not_made_in_time_means_that_nothing_happened(
    new_kalimera: Callable[..., KalimeraClient],
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        client = new_kalimera(f"http://127.0.0.1:{full.getsockname()[1]}", seconds="0.2")
        error = error_of(lambda: run(client.create_contact(CARD)))

    assert (type(error), error.reason) == (ProviderBusy, "no connection (not within 0.1 s)")


def test_an_answer_that_does_not_come_in_time_is_unknown(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient]
) -> None:
    stub.silent = True

    error = error_of(lambda: run(new_kalimera(stub.url, seconds="0.1").create_contact(CARD)))

    assert type(error) is OutcomeUnknown
    assert error.reason == "no clear answer (not within 0.1 s)"


def test_a_connection_that_is_lost_after_sending_is_unknown(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.hangs_up = True

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert type(error) is OutcomeUnknown
    assert len(stub.requests) == 1


def test_an_answer_that_cannot_be_unpacked_is_unknown(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b"this is no gzip", 200, Content_Encoding="gzip")

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is OutcomeUnknown


@pytest.mark.parametrize("levels", [DEEPEST + 1, 600, 20_000])
def test_an_answer_that_is_nested_too_deeply_is_unknown(stub: Stub, kalimera: KalimeraClient, levels: int) -> None:
    stub.answers(b'{"id": "c-1", "more": %s}' % nested(levels - 1))

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is OutcomeUnknown


@pytest.mark.parametrize("wrap", [b'{"a": %s}', b"[%s]"], ids=["objects", "arrays"])
def test_the_deepest_answer_that_is_allowed_is_understood_and_kept(
    stub: Stub, kalimera: KalimeraClient, wrap: bytes
) -> None:
    more = b'{"phone": 1}'
    for _ in range(DEEPEST - 2):
        more = wrap % more
    stub.answers(b'{"id": "c-1", "more": %s}' % more)

    created = run(kalimera.create_contact(CARD))

    assert created.contact_id == "c-1"
    assert '"phone":' in json.dumps(created.call.to_json())


def test_a_connection_that_is_refused_means_that_nothing_happened(new_kalimera: Callable[..., KalimeraClient]) -> None:
    with socket.socket() as nobody:  # bound, but not listening
        nobody.bind(("127.0.0.1", 0))
        error = error_of(lambda: run(new_kalimera(f"http://127.0.0.1:{nobody.getsockname()[1]}").create_contact(CARD)))

    assert type(error) is ProviderBusy
    assert error.reason == "no connection (ClientConnectorError)"


@pytest.mark.parametrize("url", ["ftp://kalimera.test", "kalimera.test", "http://"])
def test_an_address_that_cannot_be_asked_is_a_provider_error(
    new_kalimera: Callable[..., KalimeraClient], url: str
) -> None:
    assert isinstance(error_of(lambda: run(new_kalimera(url).create_contact(CARD))), ProviderError)


def test_three_failures_open_the_circuit_breaker(stub: Stub, new_kalimera: Callable[..., KalimeraClient]) -> None:
    client = new_kalimera(stub.url)
    stub.answers({"message": "Down"}, 503)
    for _ in range(3):
        error_of(lambda: run(client.create_contact(CARD)))

    error = error_of(lambda: run(client.create_contact(CARD)))

    assert (type(error), error.reason, len(stub.requests)) == (ProviderBusy, "it did not answer lately", 3)


def test_who_asks_first_hears_that_the_circuit_breaker_is_open(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient]
) -> None:
    client = new_kalimera(stub.url)
    stub.answers({"message": "Slow down"}, 429, Retry_After="60")
    error_of(lambda: run(client.create_contact(CARD)))

    error = error_of(client.check_circuit)

    assert type(error) is ProviderBusy
    assert error.retry_after == pytest.approx(60, abs=3)


def test_refusals_are_answers_and_leave_the_circuit_breaker_closed(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Invalid phone"}, 400)

    for _ in range(5):
        error_of(lambda: run(kalimera.create_contact(CARD)))

    assert len(stub.requests) == 5


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "http://[::1", f"http://{70 * 'a'}.test"])
def test_an_address_that_is_none_is_a_provider_error(new_kalimera: Callable[..., KalimeraClient], url: str) -> None:
    assert isinstance(error_of(lambda: run(new_kalimera(url).create_contact(CARD))), ProviderError)


def test_an_answer_that_breaks_off_is_unknown(stub: Stub, new_kalimera: Callable[..., KalimeraClient]) -> None:
    stub.answers(b'{"id": "c-1', 201, Content_Length="500", Connection="close")

    assert type(error_of(lambda: run(new_kalimera(stub.url).create_contact(CARD)))) is OutcomeUnknown

"""What each answer of Kalimera means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asking import CARD, PHONE, WINDOW, error_of

from ordercall.errors import (
    AlreadyThere,
    CredentialsRefused,
    NotShown,
    OutcomeUnknown,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.contacts import read_id
from ordercall.providers.outgoing import run
from stub import Stub

MEANINGS = [
    *[(status, ProviderRefused) for status in (301, 302, 304, 307, 308, 400, 402, 404, 405, 409, 410, 413, 415, 422)],
    *[(status, CredentialsRefused) for status in (401, 403)],
    *[(status, ProviderBusy) for status in (408, 429, 503)],
    *[(status, OutcomeUnknown) for status in (500, 501, 502, 504, 520, 599)],
]


@pytest.mark.parametrize(("status", "meaning"), MEANINGS)
def test_what_each_status_of_kalimera_means(
    stub: Stub, kalimera: KalimeraClient, status: int, meaning: type[ProviderError]
) -> None:
    stub.answers({"message": "No"}, status)

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert type(error) is meaning
    assert error.call is not None
    assert error.call.status == status


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_contact_that_is_created_is_told_with_its_id(stub: Stub, kalimera: KalimeraClient, status: int) -> None:
    stub.answers({"contact_id": "c-1"}, status)

    created = run(kalimera.create_contact(CARD))

    assert (created.contact_id, created.call.status) == ("c-1", status)


@pytest.mark.parametrize("key", ["id", "contact_id", "contactId", "_id", "uuid"])
@pytest.mark.parametrize("wrapper", [None, "data", "contact", "result"])
def test_an_id_is_found_wherever_it_stands(key: str, wrapper: str | None) -> None:
    body = {key: "c-1", "phone": PHONE}

    assert read_id({"success": True, wrapper: body} if wrapper else body) == "c-1"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": 42}, "42"),
        ({"id": 2**53 + 1}, "9007199254740993"),
        ({"id": None, "uuid": "c-1"}, "c-1"),
        ({"id": "", "contact_id": "c-1"}, "c-1"),
        ({"id": "request-7", "contact": {"id": "c-1"}}, "c-1"),
        ({"id": True}, None),
        ({"id": {}}, None),
        ({"id": []}, None),
        ({"data": []}, None),
        ({}, None),
        ([], None),
        (["c-1"], None),
        ("c-1", None),
        (None, None),
    ],
)
def test_only_a_text_or_a_whole_number_is_an_id(body: Any, expected: str | None) -> None:
    assert read_id(body) == expected


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"success": False, "message": "The phone is not valid"}, ProviderRefused),
        ({"success": False, "message": "This contact exists already", "contact_id": "c-9"}, AlreadyThere),
    ],
)
def test_a_contact_that_is_refused_under_status_200_is_refused(
    stub: Stub, kalimera: KalimeraClient, body: dict[str, Any], kind: type[ProviderRefused]
) -> None:
    stub.answers(body, 200)

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert type(error) is kind
    assert getattr(error, "existing_id", None) == body.get("contact_id")


@pytest.mark.parametrize("body", [{}, {"success": True}, [], b"", b"null"])
def test_a_contact_that_is_made_without_a_name_has_no_id(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body, 201)

    assert run(kalimera.create_contact(CARD)).contact_id is None


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"Hello"])
def test_what_is_no_json_does_not_say_whether_a_contact_was_made(
    stub: Stub, kalimera: KalimeraClient, body: Any
) -> None:
    stub.answers(body, 201)

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ({"id": "c-7", "phone": PHONE}, "c-7"),
        ({"id": "c-7", "phones": ["+919000011111", PHONE]}, "c-7"),
        ({"id": "c-7", "phone": "+919000011111"}, None),
        ({"data": {"contact_id": "c-7", "mobile_number": "9000011111"}}, None),
        ({"id": "c-7", "number": 5}, "c-7"),
        ({"id": "c-7", "phone": "+919000011111", "whatsapp": PHONE}, None),
        ({"phone": PHONE, "data": {"id": "c-7", "phone": "+919000011111"}}, None),
        ({"phone": PHONE, "data": {"id": "c-7"}}, "c-7"),
        ({"data": {"id": "c-7", "profile": {"phone": "9000011111"}}}, None),
    ],
)
def test_a_contact_with_another_phone_is_not_the_one_that_was_asked_for(
    stub: Stub, kalimera: KalimeraClient, body: Any, made: str | None
) -> None:
    stub.answers(body, 201)

    assert run(kalimera.create_contact(CARD)).contact_id == made


@pytest.mark.parametrize(
    ("status", "body", "existing_id"),
    [
        (400, {"message": "Contact already exists", "contact_id": "c-7"}, "c-7"),
        (400, {"error": {"message": "This contact exists"}, "data": {"id": "c-7"}}, "c-7"),
        (400, {"errors": {"phone": ["already taken"]}}, None),
        (400, {"detail": "Duplicate contact"}, None),
        (409, {"message": "duplicate"}, None),
        (409, {"message": "exists", "contact": {"id": "c-7", "phone": PHONE}}, "c-7"),
        (409, {"message": "exists", "contact": {"id": "c-7", "phone": "+91 90xxx xxx02"}}, "c-7"),
        (409, {"message": "exists", "contact": {"id": "c-7", "phone": "+91 98xxx xxx11"}}, None),
        (409, {"message": "exists", "contact": {"id": "c-7", "phone": "+919000011111", "whatsapp": PHONE}}, None),
        (409, {"phone": PHONE, "message": "exists", "contact": {"id": "c-7", "phone": "+919000011111"}}, None),
        (409, {"message": "exists", "contact": {"id": "c-7", "profile": {"mobile": "+919000011111"}}}, None),
        (409, {"message": "exists", "data": {"id": "c-7", "attributes": {"phone": "+919000011111"}}}, None),
        (409, {"message": "A contact with this email already exists", "contact_id": "c-7"}, None),
        (409, {"errors": {"email": ["already taken"]}, "id": "c-7"}, None),
        (409, {"errors": {"email": ["already taken"], "phone": ["already taken"]}, "id": "c-7"}, "c-7"),
        (409, {"message": "This email exists", "contact": {"id": "c-7", "phone": "+919000011111"}}, None),
        (400, {"message": "exists", "id": "c-7", "mobile": "090000 11111"}, None),
        (400, b"Contact already exists", None),
    ],
)
def test_a_contact_that_exists_is_told_with_its_id_where_that_is_shown(
    stub: Stub, kalimera: KalimeraClient, status: int, body: Any, existing_id: str | None
) -> None:
    stub.answers(body, status)

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert isinstance(error, AlreadyThere)
    assert error.existing_id == existing_id


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, {"message": "Invalid phone"}, ProviderRefused),
        (400, {"message": "The campaign does not exist"}, ProviderRefused),
        (400, {"message": "Unknown list, no duplicate"}, ProviderRefused),
        (400, {}, ProviderRefused),
        (401, {"message": "This token exists no more"}, CredentialsRefused),
    ],
)
def test_another_refusal_is_not_taken_for_a_contact_that_exists(
    stub: Stub, kalimera: KalimeraClient, status: int, body: Any, meaning: type[ProviderError]
) -> None:
    stub.answers(body, status)

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is meaning


FOUND = [
    {"id": "c-1", "phone": PHONE},
    {"data": {"contact_id": "c-1", "phone": "91 90000 00002"}},
    [{"id": "c-9", "phone": "+919000000009"}, {"id": "c-1", "phone": PHONE}],
    {"contacts": [{"_id": "c-1", "phone": PHONE}]},
    {"contacts": [{"id": "c-1", "phone": "9000000002"}]},
    {"contacts": [{"id": "c-1", "phone": 919000000002}]},
    {"items": [{"id": "c-1", "phone_number": "09000000002"}]},
    {"data": {"items": [{"id": "c-1", "phoneNumber": "0091 9000 000 002"}]}},
    {"data": [{"id": "c-1", "phone": None, "mobile": "(90000) 00002"}]},
    {"data": [{"id": "c-1", "mobile_number": "+91-90000-00002"}], "next_page": 2},
    {"results": [{"id": "c-9", "phones": ["9000000009"]}, {"uuid": "c-1", "phones": ["9000000009", "9000000002"]}]},
    {"contacts": [{"id": "c-1", "phone_numbers": [{"type": "home", "number": "9000000002"}]}]},
    {"data": [{"type": "contacts", "id": "c-1", "attributes": {"phone": PHONE}}]},
    {"_embedded": {"contacts": [{"id": "c-1", "phone": PHONE}]}},
    {"data": {"contacts": {"edges": [{"node": {"id": "c-1", "phone": PHONE}}]}}},
    {"phone": PHONE, "contact": {"id": "c-1"}},
    {"id": "c-1", "phone": PHONE, "data": {"note": "rings twice"}},
    [{"contact": {"id": "c-1", "phone": PHONE}}],
]


@pytest.mark.parametrize("body", FOUND)
def test_a_contact_is_found_by_its_phone_in_whatever_form_that_is_kept(
    stub: Stub, kalimera: KalimeraClient, body: Any
) -> None:
    stub.answers(body)

    assert run(kalimera.find_contact(PHONE)) == "c-1"


STRANGERS = [
    {"data": [{"id": "c-9", "phone": "+919000011111", "whatsapp": PHONE}]},
    {"data": [{"id": "c-9", "phone": "+919000011111", "mobile": PHONE}]},
    {"phone": PHONE, "data": {"id": "c-9", "phone": "+919000011111"}},
    {"phone": PHONE, "found": False, "id": "request-1"},
    {"phone": PHONE, "data": {"found": False}, "id": "request-1"},
    {"phone": PHONE, "id": "request-1", "data": []},
    {"phone": PHONE, "id": "request-1", "contact": None},
    {"phone": PHONE, "id": "request-1", "results": [{"id": "c-9", "phone": "+919000011111"}]},
    {"query": {"phone": PHONE, "id": "request-1"}, "data": []},
    {"contacts": [{"id": "c-9", "phone": "+919000011111", "emergency_contact": {"id": "p-7", "phone": PHONE}}]},
    {"data": [{"id": "c-9", "attributes": {"phone": "+919000011111", "tel": PHONE}}]},
]


@pytest.mark.parametrize("body", STRANGERS, ids=str)
def test_somebody_elses_contact_is_never_found(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    try:
        found = run(kalimera.find_contact(PHONE))
    except NotShown:
        found = None

    assert found is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, []),
        (200, {"data": []}),
        (200, {"contact": None}),
        (200, b"null"),
        (200, {"found": False}),
        (200, {"results": [{"id": "c-9", "phone": "+919000000009"}], "total": 1}),
        (200, {"data": {"contacts": [{"id": "c-9", "phone": "9000000009"}]}}),
        (200, {"contacts": [{"id": "c-9", "phone": "+19000000002"}, {"id": "c-8", "phone": "90000000029"}]}),
        (200, {"success": False, "message": "No contact with this phone"}),
        (404, {"message": "Contact not found"}),
        (404, {"error": {"code": "NO_CONTACT", "message": "The contact does not exist"}}),
        (404, {"detail": "Phone number not found"}),
    ],
)
def test_kalimera_has_no_contact_with_a_phone(stub: Stub, kalimera: KalimeraClient, status: int, body: Any) -> None:
    stub.answers(body, status)

    assert run(kalimera.find_contact(PHONE)) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"message": "Not found"}),
        (404, b"<html>Cannot GET /contact</html>"),
        (405, {"message": "Method not allowed"}),
        (400, {"message": "Unknown parameter: phone"}),
        (200, {"success": False, "message": "This plan has no look-ups"}),
        (200, b"<html>Welcome</html>"),
        (200, {}),
        (200, {"id": "c-9"}),
        (200, {"contacts": [{"id": "c-9", "name": "Asha"}]}),
        (200, {"contacts": [{"id": "c-9", "phone": "+919000000009"}], "total": 300}),
        (200, {"contacts": [{"id": "c-9", "phone": "+919000000009"}], "meta": {"current_page": 1, "last_page": 4}}),
    ],
)
def test_a_look_up_that_cannot_look_does_not_say_that_nobody_is_there(
    stub: Stub, kalimera: KalimeraClient, status: int, body: Any
) -> None:
    stub.answers(body, status)

    assert type(error_of(lambda: run(kalimera.find_contact(PHONE)))) is NotShown


def test_a_look_up_with_a_wrong_token_is_an_error(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Unauthorized"}, 401)

    assert type(error_of(lambda: run(kalimera.find_contact(PHONE)))) is CredentialsRefused


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!doctype html><title>Back soon</title>", id="a page of HTML"),
        pytest.param({"success": False, "message": "The campaign is closed"}, id="a no in words"),
    ],
)
def test_a_yes_that_says_no_puts_nobody_on_the_campaign(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient], body: Any
) -> None:
    stub.answers(body, 200)
    client = new_kalimera(stub.url)

    assert isinstance(error_of(lambda: client.add_contacts("main", {"c-1": PHONE})), ProviderError)
    assert isinstance(error_of(lambda: client.update_campaign("main", "agent-hindi", WINDOW)), ProviderError)


@pytest.mark.parametrize(
    "body", [{"data": {"contact": {"id": "c-1"}}}, {"id": "request-7", "data": {"contact": {"id": "c-1"}}}]
)
def test_an_id_of_something_else_is_not_taken_for_the_contacts(body: Any) -> None:
    assert read_id(body) in ("c-1", None)


def test_a_look_at_a_campaign_with_a_wrong_token_is_an_error(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Unauthorized"}, 401)

    assert type(error_of(lambda: kalimera.listed_contacts("main"))) is CredentialsRefused


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Invalid phone", "input": {"product_title": "Already Ripped Jeans"}},
        {"message": "Invalid e-mail", "data": {"id": "request-7", "exists": False}},
    ],
)
def test_what_a_refusal_quotes_does_not_decide_whether_a_contact_exists(
    stub: Stub, kalimera: KalimeraClient, body: Any
) -> None:
    stub.answers(body, 400)

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is ProviderRefused


def test_a_contact_exists_whatever_else_the_refusal_quotes(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Contact already exists", "id": "c-1", "source": "unknown"}, 400)

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is AlreadyThere


@pytest.mark.parametrize("charset", ["utf-8", "UTF-16", "windows-1252", "iso-8859-1", "no-such-charset", '"utf-8"'])
def test_an_answer_is_read_in_the_charset_of_its_header(stub: Stub, kalimera: KalimeraClient, charset: str) -> None:
    encoding = "utf-8" if charset in ("no-such-charset", '"utf-8"') else charset
    body = '{"id": "c-1", "name": "José"}'.encode(encoding)
    stub.answers(body, Content_Type=f"application/json; charset={charset}")

    created = run(kalimera.create_contact(CARD))

    assert created.contact_id == "c-1"


def test_an_answer_with_bytes_of_no_charset_is_still_read(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b'{"id": "c-1", "note": "caf\xe9"}')

    assert run(kalimera.create_contact(CARD)).contact_id == "c-1"

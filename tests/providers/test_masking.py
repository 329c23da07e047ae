"""What of a provider's request and answer may be kept in the log."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ordercall.providers.masking import hide, mask, one_line

PHONE, EMAIL = "+919000000002", "asha.iyer+shop@example.co.in"


@pytest.mark.parametrize(
    "key",
    ["token", "access_token", "Authorization", "client_secret", "password", "X-Shopify-Hmac-Signature", "authToken"],
)
def test_a_secret_is_hidden(key: str) -> None:
    assert mask({key: "hush"}) == {key: "•••"}


@pytest.mark.parametrize(
    "key",
    ["name", "first_name", "last_name", "email", "customer_email", "address", "address1", "city", "state", "zip"],
)
def test_who_somebody_is_and_where_is_hidden(key: str) -> None:
    assert mask({key: "Asha"}) == {key: "•••"}


@pytest.mark.parametrize("key", ["phone", "customer_phone", "phoneNumber"])
def test_a_phone_shows_its_last_two_digits(key: str) -> None:
    assert mask({key: PHONE}) == {key: "•••02"}


def test_a_phone_that_is_written_as_a_number_is_hidden() -> None:
    assert mask({"phone": 919000000002}) == {"phone": "•••02"}


def test_a_missing_value_shows_as_missing() -> None:
    assert mask({"email": None, "phone": None}) == {"email": None, "phone": None}


def test_the_name_of_the_order_is_kept() -> None:
    assert mask({"order_name": "#1001"}) == {"order_name": "#1001"}


@pytest.mark.parametrize(
    "plain",
    [
        {"contact_id": "2b1c7d1e-64f5-4e9b-b7a4-5f8f51c0c0de"},
        {"contact_ids": ["c-1", "c-2"], "campaign_ids": ["main"]},
        {"agent_id": "agent-hindi", "start_time": "2026-11-23T18:05:00+05:30", "timezone": "Asia/Kolkata"},
        {"reason": "other", "restock": True, "total_price": 99.99, "count": 3, "ok": True},
    ],
)
def test_what_is_not_personal_is_kept(plain: dict[str, Any]) -> None:
    assert mask(plain) == plain


def test_a_long_order_id_is_kept_exact() -> None:
    assert mask({"shopify_id": 2**53 + 1}) == {"shopify_id": 2**53 + 1}


@pytest.mark.parametrize(
    "nested",
    [
        {"data": {"contact": {"phone": PHONE, "email": EMAIL}}},
        {"contacts": [{"phone": PHONE}, {"email": EMAIL}]},
        [[{"phone": PHONE, "email": EMAIL}]],
        {"errors": {"phone": [f"{PHONE} is taken"], "email": [f"{EMAIL} is taken"]}},
        {"phone": [PHONE], "email": {"value": EMAIL}},
    ],
)
def test_what_lies_deeper_is_hidden_too(nested: Any) -> None:
    shown = json.dumps(mask(nested), ensure_ascii=False)

    assert PHONE not in shown
    assert EMAIL not in shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (f"Contact {PHONE} exists", "Contact +••• exists"),
        ("Contact +91 90000 00002 exists", "Contact +••• exists"),
        ("Contact +91-90000-00002 exists", "Contact +••• exists"),
        ("Contact 9000000002 exists", "Contact ••• exists"),
        ("Contact 919000000002 exists", "Contact ••• exists"),
        (f"{EMAIL} is taken", "•••@••• is taken"),
        ("Order 6300000001001 is unknown", "Order 6300000001001 is unknown"),
        ("Contact 2b1c7d1e-64f5-4e9b-b7a4-123456789012 exists", "Contact 2b1c7d1e-64f5-4e9b-b7a4-123456789012 exists"),
    ],
)
def test_a_phone_or_an_email_in_a_providers_words_is_hidden(words: str, shown: str) -> None:
    assert mask({"message": words}) == {"message": shown}


def test_a_secret_that_is_an_object_or_a_list_is_hidden() -> None:
    shown = json.dumps(mask({"token": {"value": "hush"}, "secrets": ["hush"], "password": ["hush"]}))

    assert "hush" not in shown


def test_a_name_or_an_address_that_is_an_object_or_a_list_is_hidden() -> None:
    shown = json.dumps(mask({"address": {"line1": "14 Lake View Road"}, "name": ["Asha", "Iyer"]}))

    assert "Lake View" not in shown
    assert "Asha" not in shown


def test_a_long_text_is_cut() -> None:
    assert mask("x " * 5_000) == "x " * 1_000


def test_a_long_answer_without_a_space_is_masked_in_no_time() -> None:
    started = time.thread_time()

    mask({"message": "x" * 15_000})

    assert time.thread_time() - started < 0.5


def test_a_long_list_is_cut() -> None:
    assert mask(list(range(1_000))) == list(range(50))


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", [], {}])
def test_any_other_value_stays(value: Any) -> None:
    assert mask(value) == value


def test_what_is_masked_stays_as_it_was() -> None:
    original = {"phone": PHONE, "data": [{"email": EMAIL}]}

    mask(original)

    assert original == {"phone": PHONE, "data": [{"email": EMAIL}]}


@pytest.mark.parametrize("key", ["mobile", "whatsapp", "contact_number", "msisdn", "postal_code", "pincode", "street"])
def test_who_somebody_is_and_where_is_hidden_under_other_usual_names(key: str) -> None:
    assert mask({key: "55500 01"}) == {key: "•••"}


@pytest.mark.parametrize("words", ["55500 00001 exists", "055500-00001 exists", "00915550000001 exists"])
def test_a_phone_in_a_providers_words_is_hidden_however_it_is_written(words: str) -> None:
    assert "00001" not in mask({"message": words})["message"]


def test_a_phone_or_an_email_that_is_a_key_is_hidden() -> None:
    shown = json.dumps(mask({"errors": {PHONE: "exists already", EMAIL: "exists already"}}), ensure_ascii=False)

    assert PHONE not in shown
    assert EMAIL not in shown


def test_what_an_answer_quotes_is_hidden_wherever_it_stands() -> None:
    answer = {"message": "Asha Iyer is known", "Asha Iyer": ["Asha Iyer", 7, None]}

    assert hide({"Asha Iyer"}, answer) == {"message": "••• is known", "•••": ["•••", 7, None]}


def test_a_part_of_what_is_hidden_does_not_show_the_rest() -> None:
    assert hide({"Asha", "Asha Iyer"}, "Asha Iyer is known") == "••• is known"


def test_a_text_of_two_letters_is_not_looked_for_in_words() -> None:
    assert hide({"Om"}, "From Om") == "From Om"


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ({"message": "No", "error": "Why"}, "No"),
        ({"errors": {"base": ["No"]}}, "{'base': ['No']}"),
        ({"error": {"message": "Not \n so"}}, "Not so"),
        ("<!doctype html>", "an HTML page instead of JSON"),
        ("x" * 301, "x" * 300),
        ({}, ""),
        (None, ""),
    ],
)
def test_what_a_provider_says_is_one_line(answer: Any, line: str) -> None:
    assert one_line(answer) == line


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("No\x1b[2J\x1b[31m such\x07 contact\x00", "No[2J[31m such contact"),
        ("turned \u202eround\u202c\u2066x\u2069", "turned roundx"),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("+9190\u20690000\x000002", "+•••"),
        ("राजेश क\u094d\u200dष", "राजेश क\u094d\u200dष"),
    ],
)
def test_no_control_character_of_a_provider_is_kept(said: str, kept: str) -> None:
    assert mask({"message": said}) == {"message": kept}
    assert mask(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "invalid key: Bearer a8f3kq91mz0x",
        "shpat_0123456789abcdef0123456789abcdef is not valid",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl has expired",
        'token="s3cr3t-of-others" was sent',
        "api_key: 9f8e7d6c5b4a",
        "X-Signature=abc123def&x=1",
        "the key 0123456789abcdef0123456789abcdef01234567 is unknown",
        "Bea\x00rer a8f3kq91mz0x",
    ],
)
def test_a_key_that_a_provider_quotes_is_hidden_whosever_it_is(said: str) -> None:
    kept = mask({"message": said})["message"]

    assert "•••" in kept
    for secret in ("a8f3", "0123456789", "c2lnbm", "s3cr3t", "9f8e", "abc123"):
        assert secret not in kept


@pytest.mark.parametrize(
    "said",
    [
        "contact 5f2b6c1e9d3a4f0012ab34cd is not on campaign main",
        "gid://shopify/Order/6300000001001 was not found",
        "the token is wrong",
        "Password must be set; secret is required.",
    ],
)
def test_what_is_no_key_is_kept(said: str) -> None:
    assert mask({"message": said})["message"].replace("•••", "6300000001001") == said

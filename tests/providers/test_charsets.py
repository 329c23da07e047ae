"""Answers in charsets that their headers do not name, or that nobody knows: none breaks off, and none loses an id."""

from __future__ import annotations

import json

import pytest
from asking import CARD, error_of

from ordercall.errors import OutcomeUnknown
from ordercall.providers.charsets import decoded
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.outgoing import run
from stub import Stub

TEXT = json.dumps({"id": "संपर्क-१", "name": "José"}, ensure_ascii=False)
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8", "utf-8-sig")
NAMES = (
    *(None, "", "utf-8", "UTF8", "utf-16", "ascii", "latin-1", "shift_jis", "utf-7", "no-such", "x" * 5_000),
    *("idna", "undefined", "utf8\0", "base64", "rot13", "hex", "zlib", "punycode", "unicode_escape", "mbcs"),
)


@pytest.mark.parametrize("named", NAMES, ids=lambda name: str(name)[:20])
def test_an_answer_in_unicode_is_read_whatever_its_header_says(named: str | None) -> None:
    assert {decoded(TEXT.encode(written), named).removeprefix("\ufeff") for written in WIDE} == {TEXT}


@pytest.mark.parametrize("named", [name for name in NAMES if name != "latin-1"], ids=lambda name: str(name)[:20])
def test_bytes_of_no_charset_that_is_known_break_nothing_off(named: str | None) -> None:
    assert "c-1" in decoded(b'{"id": "c-1", "name": "Jos\xe9"}', named) or named in ("utf-16", "utf-7", "punycode")


@pytest.mark.parametrize("charset", ["idna", "undefined", "utf-16", "no-such-charset"])
def test_a_contact_is_made_once_though_its_answer_names_a_wrong_charset(
    stub: Stub, kalimera: KalimeraClient, charset: str
) -> None:
    stub.answers({"id": "c-1"}, Content_Type=f"application/json; charset={charset}")

    assert run(kalimera.create_contact(CARD)).contact_id == "c-1"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("body", [b'{"id": "c-1"}', b"\x1f\x8b\x08junk"])
def test_what_is_packed_otherwise_than_it_says_may_have_arrived(
    stub: Stub, kalimera: KalimeraClient, body: bytes, encoding: str
) -> None:
    stub.answers(body, Content_Encoding=encoding)

    assert type(error_of(lambda: run(kalimera.create_contact(CARD)))) is OutcomeUnknown


@pytest.mark.parametrize("body", [b'{"message": "a\\u0000b", "id": "c-1"}', b'{"message": "\\ud83d", "id": "c-1"}'])
def test_what_no_database_takes_is_left_out_of_an_answer(stub: Stub, kalimera: KalimeraClient, body: bytes) -> None:
    stub.answers(body)

    answered = str(run(kalimera.create_contact(CARD)).call.response)

    assert "message" in answered
    assert "\0" not in answered
    assert "\\x00" not in answered
    answered.encode()

"""The link by which a person chooses a password, sent to them by e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from test_people import choose, invite

from mail_server import MailServer, mail_server
from ordercall.domain.audit import Act
from ordercall.storage.records import audit
from web_app import Page, Shop, send_form

ASHA = "asha@example.com"


@pytest.fixture(scope="module")
def one_server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def mail(one_server: MailServer) -> MailServer:
    one_server.forget()
    return one_server


@pytest.fixture
def posting(new_shop: Any, mail: MailServer) -> Shop:
    """A shop that has a mail server."""
    shop: Shop = new_shop(SMTP_URL=mail.url)
    return shop


def send(owner: FlaskClient, path: str, to: str = ASHA) -> Any:
    return send_form(owner, "/settings/people/mail", token=path.rpartition("/")[2], email=to)


def test_a_link_arrives_and_works(posting: Shop, mail: MailServer) -> None:
    owner = posting.person()
    path = invite(owner)

    page = Page(send(owner, path))

    [letter] = mail.letters
    assert mail.recipients == [ASHA]
    assert letter["Subject"] == "Ordercall: Choose your password"
    assert f"http://localhost{path}" in letter.get_content()
    assert page.one("p", role="status").text == "It was sent by e-mail."
    assert choose(posting.client(), path).location == "/"


def test_that_it_was_sent_is_written_down_and_its_address_nowhere(posting: Shop, mail: MailServer) -> None:
    owner = posting.person()
    send(owner, invite(owner))

    with posting.db.read() as tx:
        rows = audit.oldest(tx, audit.Wanted())
    assert [row.who for row in rows if row.act == Act.LINK_SENT] == [posting.settings.admin_username]
    assert ASHA not in repr(rows)


@pytest.mark.parametrize(
    ("to", "answers", "status", "why"),
    [
        ("asha", {}, 400, "That is no e-mail address."),
        (f"{ASHA}, b@example.com", {}, 400, "That is no e-mail address."),
        (ASHA, {"rcpt to": "550 nobody"}, 502, "The letter did not arrive: the mail server refused every recipient."),
    ],
)
def test_where_it_does_not_arrive_the_link_is_still_shown(
    posting: Shop, mail: MailServer, to: str, answers: dict[str, str], status: int, why: str
) -> None:
    owner, mail.answers = posting.person(), answers
    path = invite(owner)

    answer = send(owner, path, to)

    assert answer.status_code == status
    assert Page(answer).has("p", text=why, role="alert")
    assert f"http://localhost{path}" in answer.text
    assert mail.letters == []


def test_what_is_no_link_any_more_is_sent_to_nobody(posting: Shop, mail: MailServer) -> None:
    owner = posting.person()
    path = invite(owner)
    choose(posting.client(), path)

    assert send(owner, path).status_code == 404
    assert mail.letters == []


def test_without_a_mail_server_none_is_offered(shop: Shop, person: FlaskClient) -> None:
    path = invite(person)

    assert send(person, path).status_code == 409
    assert "send it by e-mail" not in send_form(person, "/settings/people", name="Vikram", role="agent").text

"""A second factor whose person makes new codes or switches it off, or that is taken away; and what is written of it."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from test_people import number_of

from authenticator import AGENT, Authenticator, begin, confirm, halfway, is_in, send_code, with_an_app
from ordercall.domain.audit import Act
from ordercall.domain.people import Role
from ordercall.storage.records import audit
from web_app import MEMBER_PASSWORD, Page, Shop, login, send_form


@pytest.fixture
def agent(shop: Shop) -> FlaskClient:
    """The browser of an agent who has no second factor yet."""
    return shop.member(Role.AGENT)


@pytest.fixture
def app(shop: Shop, agent: FlaskClient) -> Authenticator:
    """The app of that agent, whose code of this moment is used up."""
    return with_an_app(shop, AGENT)


def acts(shop: Shop) -> list[str]:
    with shop.db.read() as tx:
        return [row.act for row in audit.oldest(tx, audit.Wanted())]


# -- recovery codes anew, and off


def proven(client: FlaskClient, deed: str, code: str, password: str = MEMBER_PASSWORD) -> Page:
    return Page(send_form(client, f"/account/factor/{deed}", current=password, code=code))


def test_new_recovery_codes_end_those_before(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    page = proven(client, "codes", app.next_code())
    [new, *_] = [each.text for each in page.one("ol").all("span", css="code")]
    before = send_code(halfway(shop), app.recovery[0])
    after = send_code(halfway(shop), new)

    assert (before.status_code, after.status_code) == (400, 302)


@pytest.mark.parametrize("deed", ["codes", "off"])
@pytest.mark.parametrize(
    ("password", "code", "why"),
    [("a guess", True, "That is not your present password."), (MEMBER_PASSWORD, False, "That code is wrong")],
)
def test_password_and_code_are_asked_for_both(
    shop: Shop, app: Authenticator, deed: str, password: str, code: bool, why: str
) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    page = proven(client, deed, app.next_code() if code else "000000x", password)

    assert page.has("p", text=why, role="alert")
    assert len(shop.rows("SELECT * FROM second_factors")) == 1
    assert len(shop.rows("SELECT * FROM recovery_codes")) == 10


def test_switched_off_it_is_asked_for_no_more(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    proven(client, "off", app.next_code())

    assert login(shop.client(), username=AGENT, password=MEMBER_PASSWORD).location == "/"
    assert shop.rows("SELECT * FROM recovery_codes") == []
    assert send_form(client, "/account/factor/off", current=MEMBER_PASSWORD, code=app.next_code()).status_code == 409


def test_all_other_sessions_end_when_it_is_switched_off(shop: Shop, app: Authenticator) -> None:
    here, there = halfway(shop), halfway(shop, address="203.0.113.8")
    send_code(here, app.next_code())
    send_code(there, app.next_code())

    proven(here, "off", app.next_code())

    assert (is_in(here), is_in(there)) == (True, False)


def test_another_password_asks_for_the_code_too(shop: Shop, app: Authenticator) -> None:
    """Whoever finds an open session and knows the password alone would have the account with it."""
    client, fields = halfway(shop), {"current": MEMBER_PASSWORD, "password": "quite another long one"}
    send_code(client, app.next_code())

    refused = send_form(client, "/account/password", **fields)
    taken = send_form(client, "/account/password", **fields, code=app.next_code())

    assert (refused.status_code, taken.status_code) == (400, 303)
    assert Page(refused).has("p", text="That code is wrong", role="alert")


# -- taken away


def test_an_owner_takes_it_away_and_all_sessions_end(shop: Shop, person: FlaskClient, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())
    row = f"person-{number_of(shop, AGENT)}"
    assert "Second factor on." in Page(person.get("/settings/people")).one(id=row).text

    send_form(person, f"/settings/people/{number_of(shop, AGENT)}/factor")

    assert not is_in(client)
    assert login(shop.client(), username=AGENT, password=MEMBER_PASSWORD).location == "/"
    assert "Second factor on." not in Page(person.get("/settings/people")).one(id=row).text


def test_nobody_takes_their_own_away_without_password_and_code(shop: Shop, person: FlaskClient) -> None:
    me = number_of(shop, shop.settings.admin_username)
    with_an_app(shop, shop.settings.admin_username)
    [(kept,)] = shop.rows("SELECT count(*) FROM second_factors")

    owner = shop.member(Role.OWNER)
    other = with_an_app(shop, "the owner")
    client = shop.client()
    login(client, username="the owner", password=MEMBER_PASSWORD)
    send_code(client, other.next_code())
    answer = send_form(client, f"/settings/people/{number_of(shop, 'the owner')}/factor")

    assert answer.status_code == 409
    assert (kept, len(shop.rows("SELECT * FROM second_factors"))) == (1, 2)
    assert send_form(client, f"/settings/people/{me}/factor").status_code == 303
    assert not is_in(owner)


def test_whoever_may_not_come_in_any_more_loses_it(shop: Shop, app: Authenticator) -> None:
    shop.context.access.people.disable(number_of(shop, AGENT))

    assert shop.rows("SELECT * FROM second_factors") == shop.rows("SELECT * FROM recovery_codes") == []


# -- what is written down


def test_all_of_it_is_in_the_audit_log(shop: Shop, person: FlaskClient, agent: FlaskClient) -> None:
    app = begin(agent, shop)
    [recovery, *_] = confirm(agent, app)
    client = halfway(shop)
    send_code(client, "000000x")
    send_code(client, recovery)
    proven(client, "codes", app.next_code())
    proven(client, "off", app.next_code())
    again = begin(client, shop)
    confirm(client, again)
    send_form(person, f"/settings/people/{number_of(shop, AGENT)}/factor")

    found = [act for act in acts(shop) if "factor" in act or "recovery" in act or act == Act.SIGN_IN_FAILED]
    assert found == [
        "factor_on",
        "recovery_codes_made",
        "sign_in_failed",
        "recovery_code_used",
        "recovery_codes_made",
        "factor_off",
        "factor_on",
        "recovery_codes_made",
        "factor_taken",
    ]
    with shop.db.read() as tx:
        rows = audit.oldest(tx, audit.Wanted())
    [failed] = [row for row in rows if row.act == Act.SIGN_IN_FAILED]
    assert json.loads(failed.details) == {"after": "the right password"}
    assert not [text for text in (app.secret, recovery, recovery.replace("-", "")) if text in repr(rows)]


def test_an_app_of_a_key_that_is_gone_is_told_of(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.recovery[0])
    with shop.db.begin() as tx:
        tx.exec_driver_sql("UPDATE second_factors SET key_mark = 'another'")

    assert Page(client.get("/account")).has("p", text="FLASK_SECRET_KEY is another than it was then")
    assert send_code(halfway(shop), app.recovery[1]).location == "/"
    shop.pass_time(minutes=1)
    assert send_code(halfway(shop), app.code()).status_code == 400

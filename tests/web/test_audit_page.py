"""The audit log: what people and keys do stands in it, with who, what, of which and from where; page, CSV and API."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient
from reporting import PHONE, report, ring
from test_people import LONG, choose, invite, number_of

from ordercall.bootstrap.audit import note_settings
from ordercall.domain.audit import Act
from ordercall.domain.people import Role, Scope
from ordercall.storage.records import audit
from web_app import Page, Shop, login, send_form


def written(shop: Shop, *acts: Act) -> list[audit.AuditRow]:
    """Return the rows of these acts, or all."""
    with shop.db.read() as tx:
        return [row for row in audit.oldest(tx, audit.Wanted()) if not acts or row.act in acts]


def last(shop: Shop) -> tuple[str, str, str, dict[str, Any]]:
    row = written(shop)[-1]
    return row.who, row.act, row.about, json.loads(row.details)


def key_of(shop: Shop, *scopes: Scope) -> dict[str, str]:
    return {"X-App-Token": shop.context.access.api_keys.make("a program", scopes, by="a test").secret}


# -- who came in


def test_a_login_and_a_logout_are_written_with_their_address(shop: Shop) -> None:
    shop.member(Role.AGENT, name="Asha", address=ELSEWHERE).get("/logout")

    rows = written(shop, Act.SIGNED_IN, Act.SIGNED_OUT)
    assert [(row.who, row.act, row.address) for row in rows] == [
        ("Asha", "signed_in", ELSEWHERE),
        ("Asha", "signed_out", ELSEWHERE),
    ]


def test_a_login_that_fails_is_written_without_what_was_typed(shop: Shop, person: FlaskClient) -> None:
    choose(shop.client(), invite(person))
    for name in ("Asha", "my-secret-password"):
        login(shop.client(address=ELSEWHERE), username=name, password="wrong")

    rows = written(shop, Act.SIGN_IN_FAILED)
    assert [(row.who, row.about) for row in rows] == [
        ("somebody", f"person {number_of(shop, 'Asha')}"),
        ("somebody", ""),
    ]
    assert "my-secret-password" not in str(rows)


# -- what people and keys do


def test_a_status_is_written_once_with_both_words(shop: Shop, person: FlaskClient) -> None:
    order = shop.receive(1001)

    send_form(person, f"/orders/{order}/status", status="Returned")

    [row] = written(shop, Act.STATUS_SET)
    assert (row.who, row.about, row.address) == (shop.settings.admin_username, f"order {order}", "127.0.0.1")
    assert json.loads(row.details) == {"from": "Placed", "to": "Returned"}


def test_a_status_that_a_key_sets_is_written_under_its_name(shop: Shop) -> None:
    order, key = shop.receive(1001), key_of(shop, Scope.STATUS)

    answer = shop.client(address=ELSEWHERE).post(f"/api/orders/{order}/status", json={"status": "Success"}, headers=key)

    assert answer.status_code == 200
    assert [(row.who, row.address) for row in written(shop, Act.STATUS_SET)] == [("key a program", ELSEWHERE)]


def test_a_cancel_is_written_as_asked_for(shop: Shop, person: FlaskClient) -> None:
    order = shop.receive(1001)

    send_form(person, f"/orders/{order}/status", status="Failed", reason="customer")

    assert [row.about for row in written(shop, Act.CANCEL_ASKED)] == [f"order {order}"]


def test_what_is_done_to_people_and_keys_is_written(shop: Shop, person: FlaskClient) -> None:
    choose(shop.client(), invite(person))
    asha = number_of(shop, "Asha")
    for deed, fields in (("role", {"role": "viewer"}), ("link", {}), ("log-out", {}), ("disable", {}), ("enable", {})):
        send_form(person, f"/settings/people/{asha}/{deed}", **fields)
    send_form(person, "/settings/keys", name="erp", scope="read")
    send_form(person, "/settings/keys/1/next")
    send_form(person, "/settings/keys/1/end")

    rows = [(row.who, row.act, row.about) for row in written(shop) if row.act not in (Act.SIGNED_IN, Act.SETTINGS)]
    owner, about = shop.settings.admin_username, f"person {asha}"
    assert rows == [
        (owner, "person_invited", about),
        ("Asha", "password_set", about),
        (owner, "role_set", about),
        (owner, "link_made", about),
        (owner, "sessions_ended", about),
        (owner, "person_disabled", about),
        (owner, "person_enabled", about),
        (owner, "key_made", "key 1"),
        (owner, "key_rotated", "key 2"),
        (owner, "key_ended", "key 1"),
    ]
    assert LONG not in str(written(shop))


def test_a_pause_and_its_end_are_written(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/pause", minutes="60", why="Rajesh of 98123 45210 asked")
    paused = last(shop)
    send_form(person, "/calls/resume")

    assert (paused[1], last(shop)[1]) == ("calls_paused", "calls_resumed")
    assert "98123" not in str(written(shop))


def test_a_number_that_must_not_be_called_is_written_without_the_number(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/settings/do-not-call", phone="+919812345210", wish="no calls")

    assert last(shop)[1:] == ("number_listed", "", {"numbers": 1, "source": "person", "why": "asked"})


def test_an_export_is_written(shop: Shop, person: FlaskClient) -> None:
    person.get("/orders.csv", buffered=True)

    assert last(shop)[1] == "exported"


def test_what_a_webhook_brings_and_a_program_reports_of_calls_is_not_written(shop: Shop) -> None:
    before = len(written(shop))
    order = ring(shop)
    report(shop, phone=PHONE, answer="confirmed")

    assert shop.order(order).confirmation_status == "Success"
    assert len(written(shop)) == before


# -- the page, the CSV and the API


@pytest.fixture
def busy(shop: Shop) -> int:
    """An order to which two things were done; with them and what else there is, 60 rows."""
    order = shop.receive(1001)
    with shop.db.begin() as tx, audit.acting("Asha", "192.0.2.1"):
        audit.write(tx, Act.STATUS_SET, f"order {order}", **{"from": "Placed", "to": "Success"})
        audit.write(tx, Act.CALL_ASKED, f"order {order}")
    with shop.db.begin() as tx, audit.acting("Ravi", "192.0.2.2"):
        for _ in range(58):
            audit.write(tx, Act.EXPORTED)
    return order


def shown(page: Page) -> list[str]:
    return [row.one("b").text for row in page.all("li") if row.attrs.get("id", "").startswith("row-")]


@pytest.mark.parametrize(
    ("address", "acts"),
    [
        ("who=Asha", ["Asked for a call", "Set a status"]),
        ("who=Asha&act=status_set", ["Set a status"]),
        ("about=%231001", ["Asked for a call", "Set a status"]),
        ("about=order {order}", ["Asked for a call", "Set a status"]),
        ("about=key 7", []),
        ("about=%239999", []),
        ("who=Asha&to=2001-01-01", []),
        ("who=Asha&from=2001-01-01&before=2", ["Set a status"]),
    ],
)
def test_the_filters_are_the_address(shop: Shop, busy: int, address: str, acts: list[str]) -> None:
    first = written(shop)[0].id
    asked = address.format(order=busy).replace("before=2", f"before={first + 1}")

    page = Page(shop.person().get(f"/settings/audit?{asked}"))

    if "before" in asked:
        acts = ["Set a status"] if written(shop)[0].who == "Asha" else []
    assert shown(page) == acts


def test_the_page_goes_on_behind_its_last_row(shop: Shop, busy: int) -> None:
    owner = shop.person()
    page = Page(owner.get("/settings/audit"))
    older = Page(owner.get(page.one("a", rel="next").attrs["href"]))

    assert len(shown(page)) == audit.PAGE
    assert len(shown(page)) + len(shown(older)) == len(written(shop))
    assert older.has("a", href=f"/orders/{busy}")


@pytest.mark.parametrize(
    "odd", ["act=nothing", "before=x", "from=never", "who=%00", "about=%F0", "about=order 99999999999"]
)
def test_an_odd_address_is_answered(shop: Shop, busy: int, odd: str) -> None:
    assert shop.person().get(f"/settings/audit?{odd}").status_code == 200


def test_the_csv_holds_what_the_page_shows_and_is_written_down(shop: Shop, busy: int) -> None:
    lines = shop.person().get("/settings/audit.csv?who=Asha", buffered=True).text.splitlines()

    assert [line.split(",")[4] for line in lines] == ["act", "status_set", "call_asked"]
    assert last(shop)[1] == "audit_exported"


def test_the_api_answers_a_key_for_admin_page_by_page(shop: Shop, busy: int) -> None:
    key, program = key_of(shop, Scope.ADMIN), shop.client(address=ELSEWHERE)

    first: Any = program.get("/api/audit", headers=key).json
    second: Any = program.get(f"/api/audit?before={first['before']}", headers=key).json

    ids = [row["id"] for row in first["rows"] + second["rows"]]
    assert (ids, second["before"]) == ([row.id for row in written(shop)][::-1], None)
    assert second["rows"][-1]["details"] in ({"from": "Placed", "to": "Success"}, json.loads(written(shop)[0].details))


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_only_owners_see_the_way_to_it(shop: Shop, role: Role) -> None:
    page = Page(shop.member(role).get("/settings/calling"))

    assert not page.has("a", href="/settings/audit")
    assert Page(shop.person().get("/settings/calling")).has("a", href="/settings/audit")


def test_settings_are_told_by_their_names_where_they_are_others_than_before(shop: Shop) -> None:
    chosen = frozenset({"FLASK_SECRET_KEY", "ADMIN_PASSWORD"})
    first = replace(shop.settings, chosen=chosen)
    for settings in (first, first, replace(first, admin_password="another one, long enough")):
        note_settings(shop.db, settings)

    rows = [json.loads(row.details)["changed"] for row in written(shop, Act.SETTINGS)][-2:]
    assert "ADMIN_PASSWORD" in rows[0]
    assert rows[1] == ["ADMIN_PASSWORD"]
    assert shop.settings.admin_password not in str(written(shop))

"""Settings, connections: *Check now*, what doctor found, and while it looks."""

from __future__ import annotations

from flask.testing import FlaskClient

from ordercall.domain.findings import Finding, Grade
from ordercall.storage.records import connection_checks
from reading import look
from web_app import Page, Shop, send_form

PATH = "/settings/connections"
FOUND = [
    Finding("calling hours", Grade.OK, "open until 21:00"),
    Finding("clock", Grade.WARNING, "It is slow.", "Switch on NTP."),
    Finding("Kalimera token", Grade.FAILURE, "Kalimera answered 401.", "Copy it again."),
]


def said(page: Page) -> str:
    return page.one("section", aria_labelledby="check-title").one("p", role="status").text


def check(shop: Shop) -> None:
    with shop.db.begin() as tx:
        connection_checks.store(tx, FOUND, now=shop.now)


def test_what_was_found_stands_with_its_remedy_and_its_age_the_worst_first(shop: Shop, person: FlaskClient) -> None:
    before = look(person, PATH)
    check(shop)
    shop.pass_time(minutes=3)

    page = look(person, PATH)

    assert said(before) == "Nobody has asked yet."
    assert said(page) == "Checked 3 min ago."
    assert [line.text for line in page.one("ul", aria_label="What was found").all("li")] == [
        "Kalimera token Kalimera answered 401. Copy it again. Fails",
        "clock It is slow. Switch on NTP. Warning",
        "calling hours open until 21:00 Well",
    ]


def test_a_click_asks_the_worker_and_another_one_meanwhile_asks_nobody(shop: Shop, person: FlaskClient) -> None:
    answers = [send_form(person, f"{PATH}/check") for _ in range(2)]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, PATH)}
    assert len(shop.rows("SELECT id FROM procrastinate_jobs WHERE task_name = 'check_connections'")) == 1


def test_while_it_looks_the_page_says_so_and_asks_again_by_itself(shop: Shop, person: FlaskClient) -> None:
    check(shop)
    send_form(person, f"{PATH}/check")

    page, part = look(person, PATH), look(person, f"{PATH}/check")

    for each in (page, part):
        assert said(each) == "Checking …"
        assert each.one(id="fresh").attrs["hx-get"] == f"{PATH}/check"
        assert "disabled" in each.one("button", text="Check now").attrs
        assert each.has("p", text="No worker is running.")
    assert page.one("meta", http_equiv="refresh").attrs["content"] == "2"
    assert not part.has("html")


def test_once_it_has_ended_the_part_asks_no_more(shop: Shop, person: FlaskClient) -> None:
    send_form(person, f"{PATH}/check")
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")
    check(shop)

    part = look(person, f"{PATH}/check")

    assert said(part) == "Checked just now."
    assert part.one(id="fresh").attrs["hx-get"].startswith("/live/around")
    assert "disabled" not in part.one("button", text="Check now").attrs


def test_only_a_session_may_ask(shop: Shop, person: FlaskClient) -> None:
    assert shop.client().get(f"{PATH}/check").location.startswith("/login")
    assert person.post(f"{PATH}/check").status_code == 400

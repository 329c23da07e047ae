"""Settings, do not call: one number and many are listed, looked up and taken off, and no page shows one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordercall.domain.do_not_call import Why
from ordercall.storage.records.do_not_call import PAGE
from ordercall.web.pages.no_calls import MOST_LINES
from reading import flashed, look
from web_app import Page, Shop, csrf_token, send_form

PATH = "/settings/do-not-call"
PHONE, OTHER = "+919876543210", "+919876543211"


def send(person: FlaskClient, deed: str = "no calls", **values: str) -> Page:
    """Press one of the buttons below the number; return the page that follows."""
    answer = send_form(person, PATH, wish=deed, **{"phone": PHONE} | values)
    return look(person, answer.location) if answer.status_code == 303 else Page(answer)


def bring(person: FlaskClient, written: str | bytes, status: int = 200) -> Page:
    """Send a file, as a browser does."""
    content = written.encode() if isinstance(written, str) else written
    sent: dict[str, Any] = {"csrf_token": csrf_token(person), "file": (BytesIO(content), "numbers.csv")}
    answer = person.post(f"{PATH}/import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == status
    return Page(answer)


def rows(page: Page, section: str = "list-title") -> list[list[str]]:
    """Return the cells of a table but the first of each line, which says when, or which line it is."""
    found = page.one("section", aria_labelledby=section)
    return [[cell.text for cell in row.all("td")] for row in found.one("tbody").all("tr")]


def test_a_number_is_listed_with_its_reason_and_its_end(shop: Shop, person: FlaskClient) -> None:
    page = send(person, phone="98765 43210", why="complaint", until="2030-01-31")

    assert flashed(page) == ["The number is not called any more."]
    assert rows(page) == [["admin (somebody on a page)", "a complaint or a dispute", "1 Feb 2030, 12:00:00 am IST"]]
    assert shop.order(shop.receive(1001, phone=PHONE)).calling_reason == "do_not_call"
    assert shop.order(shop.receive(1002, phone=OTHER)).calling_reason is None


def test_a_planned_call_of_the_number_is_withdrawn(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, phone=PHONE)

    send(person)

    assert shop.order(order_id).calling_reason == "do_not_call"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"phone": "Meera"}, "No phone number, or more than one."),
        ({"phone": f"{PHONE}, {OTHER}"}, "No phone number, or more than one."),
        ({"until": "2020-01-01"}, "Until is no day or time to come; write 2030-01-31, or nothing for good."),
        ({"why": "rude"}, f"The reason is none of {', '.join(Why)}."),
    ],
)
def test_what_cannot_be_used_is_told_and_stays_in_the_form(
    shop: Shop, person: FlaskClient, values: dict[str, str], fault: str
) -> None:
    page = send(person, **values)

    assert page.one("p", role="alert").text == fault
    assert page.one("input", id="phone").attrs["value"] == values.get("phone", PHONE)
    assert page.has("p", text="No number is on the list.")
    assert shop.rows("SELECT * FROM do_not_call") == []


def test_a_number_is_looked_up_without_standing_in_an_address(person: FlaskClient) -> None:
    send(person, why="own")

    found, unknown = send(person, "look"), send(person, "look", phone=OTHER)

    assert (
        "This number is not called: listed just now by admin, is the shop's own" in found.one("p", role="status").text
    )
    assert unknown.one("p", role="status").text == "This number is not on the list."
    assert send(person, "look", phone="Meera").has("p", role="alert")


def test_a_number_is_taken_off(shop: Shop, person: FlaskClient) -> None:
    send(person)

    first, second = send(person, "call", phone="98765 43210"), send(person, "call")

    assert flashed(first) == ["The number may be called again."]
    assert flashed(second) == ["The number is not on the list."]
    assert shop.order(shop.receive(1001, phone=PHONE)).calling_reason is None


def test_the_same_wish_again_is_no_news(shop: Shop, person: FlaskClient) -> None:
    send(person)

    page = send(person, until="2030-01-31")

    assert flashed(page) == ["The number is on the list already, for as long."]
    assert [row[-1] for row in rows(page)] == ["for good"]


def test_a_file_is_taken_in_with_a_report_of_each_line_the_unusable_first(shop: Shop, person: FlaskClient) -> None:
    page = bring(person, f"phone,until,why\n{PHONE},,own\nMeera\n{OTHER},2030-01-31\n{PHONE}\n")

    report = page.one("section", aria_labelledby="report-title")
    assert "Lines: 4. Not usable: 1." in report.text
    assert [row.one("th").text for row in report.one("tbody").all("tr")] == ["3", "2", "4", "5"]
    assert rows(page, "report-title") == [
        ["no phone number, or more than one"],
        ["listed"],
        ["listed"],
        ["on the list already"],
    ]
    assert [row[0] for row in rows(page)] == ["admin (a file that somebody brought)"] * 2
    assert shop.order(shop.receive(1001, phone=OTHER)).calling_reason == "do_not_call"


@pytest.mark.parametrize("written", ["", "phone\n"])
def test_a_file_without_numbers_lists_nothing(shop: Shop, person: FlaskClient, written: str) -> None:
    page = bring(person, written, 400)

    assert "at most 2,000 of them" in page.text
    assert shop.rows("SELECT * FROM do_not_call") == []


BY_COMMAND = "or give it whole to the command `ordercall do-not-call import`."


def test_a_list_of_too_many_lines_is_refused_with_how_to_divide_it(shop: Shop, person: FlaskClient) -> None:
    page = bring(person, "+919876543210\n" * (MOST_LINES + 1), 400)

    told = "The file has 2,001 lines, and 2,000 are taken at once. Divide it into 2 files"
    assert f"{told}, {BY_COMMAND}" in page.text
    assert shop.rows("SELECT * FROM do_not_call") == []


def test_a_list_that_is_larger_than_any_form_is_refused_with_how_to_divide_it(person: FlaskClient) -> None:
    answer = person.post(f"{PATH}/import", data=b"9" * 1_400_000, content_type="multipart/form-data; boundary=b")

    told = "The file is larger than what a form takes (1 MB). Divide it into files of 2,000 lines each"
    assert answer.status_code == 413
    assert f"{told}, {BY_COMMAND}" in Page(answer).text


def test_the_list_is_read_page_by_page(shop: Shop, person: FlaskClient) -> None:
    bring(person, "".join(f"+9198765{number:05d}\n" for number in range(PAGE + 1)))

    page = look(person, PATH)

    assert len(rows(page)) == PAGE
    assert len(rows(look(person, page.one("a", text="Older").attrs["href"]))) == 1


def test_what_has_ended_and_what_is_older_than_reasons_is_shown_as_such(shop: Shop, person: FlaskClient) -> None:
    send(person, until="2026-11-30")
    with shop.db.begin() as tx:
        tx.exec_driver_sql("UPDATE do_not_call SET why = NULL")
    shop.pass_time(days=10)

    [[_, why, until]] = rows(look(shop.person(), PATH))

    assert (why, until) == ("not known", "ended 1 Dec 2026, 12:00:00 am IST")


def test_no_page_shows_a_number_that_is_listed(person: FlaskClient) -> None:
    pages = [send(person, phone="+919812345670"), bring(person, "98123 45671\n"), look(person, PATH)]

    assert ["4567" in page.text for page in pages] == [False] * 3


@pytest.mark.parametrize("path", [PATH, f"{PATH}/import"])
def test_nobody_lists_a_number_without_a_login_or_from_another_page(shop: Shop, path: str) -> None:
    stranger, person = shop.client(), shop.person()

    assert stranger.post(path, data={"phone": PHONE}).status_code in (302, 401, 403)
    assert person.post(path, data={"phone": PHONE, "wish": "no calls"}).status_code in (400, 403)
    assert shop.rows("SELECT * FROM do_not_call") == []

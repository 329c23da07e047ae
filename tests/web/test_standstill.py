"""What is said when orders wait for their call longer than they should."""

from __future__ import annotations

from datetime import UTC

import pytest
from flask.testing import FlaskClient

from reading import look
from web_app import NOON, Page, Shop

POLL = {"HX-Request": "true", "HX-Target": "div#fresh"}


def trouble(page: Page) -> str:
    return page.one(id="trouble").text


def run_sql(shop: Shop, *statements: str) -> None:
    with shop.db.begin() as tx:
        for statement in statements:
            tx.exec_driver_sql(statement)


WORKER_ALIVE = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (CURRENT_TIMESTAMP)"
FAILED_BEFORE = "UPDATE procrastinate_jobs SET attempts = 3"
TOKEN_REFUSED = "INSERT INTO refused_credentials VALUES ('Kalimera', 'KALIMERA_AUTH_TOKEN', '401', 0)"
SILENT = f"INSERT INTO silent_providers (provider, since) VALUES ('Kalimera', {NOON.timestamp()})"  # noqa: S608 - ours
CAMPAIGN_FAILS = "INSERT INTO campaigns (campaign_id, failures) VALUES ('main', 2)"


def test_orders_that_are_on_their_way_are_no_trouble(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.pass_time(minutes=1)

    assert trouble(look(person)) == ""


def test_without_a_worker_the_page_says_how_to_start_one(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.receive(1002)
    shop.pass_time(minutes=3)

    said = trouble(look(person))

    assert said.startswith("No worker is running. 2 orders have waited to be called since 12:00")
    assert "ordercall worker" in said


def test_a_worker_whose_heart_beat_while_the_clock_was_ahead_does_not_look_alive(
    shop: Shop, person: FlaskClient
) -> None:
    run_sql(shop, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('2099-11-24 12:00:00+00:00')")
    shop.receive(1001)
    shop.pass_time(minutes=3)

    assert trouble(look(person)).startswith("No worker is running.")


def test_who_waits_since_another_day_is_told_with_the_day(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.pass_time(days=1)

    assert "1 order has waited to be called since 24 Nov, 12:00" in trouble(look(person))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (FAILED_BEFORE, "Kalimera does not answer. 1 order has waited to be called since 12:00"),
        (CAMPAIGN_FAILS, "Kalimera does not answer. 1 order has waited to be called since 12:00"),
        (SILENT, "Kalimera does not answer since 12:00 pm. 1 order waits to be called."),
        (TOKEN_REFUSED, "Kalimera does not accept our token. 1 order has waited to be called since 12:00"),
        ("SELECT 1", "Calls are late. 1 order has waited to be called since 12:00"),
    ],
    ids=["contact", "campaign", "silent", "token", "nothing"],
)
def test_the_page_says_why_orders_wait(shop: Shop, person: FlaskClient, fault: str, said: str) -> None:
    shop.receive(1001)
    shop.pass_time(minutes=3)
    run_sql(shop, fault, WORKER_ALIVE)

    page = look(person)

    assert trouble(page).replace("\u202f", " ").startswith(said)
    assert page.one(id="health").one("p", text="Kalimera").has(css="i")


@pytest.mark.parametrize(("minutes", "hangs"), [(9, False), (11, True)])
def test_a_job_that_runs_for_longer_than_it_should_is_told_though_no_order_is_late(
    shop: Shop, person: FlaskClient, minutes: int, hangs: bool
) -> None:
    since = f"{shop.now.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    run_sql(
        shop,
        "INSERT INTO procrastinate_jobs (id, queue_name, task_name, args, status) "
        "VALUES (99, 'default', 'cancel_order', '{}', 'doing')",
        f"INSERT INTO procrastinate_events (job_id, type, at) VALUES (99, 'started', '{since}')",  # noqa: S608 - ours
    )
    shop.pass_time(minutes=minutes)

    said = trouble(look(person))

    assert said.startswith("The worker hangs. 1 job has not ended since 12:00") is hangs
    assert bool(said) is hangs


def test_an_open_page_hears_of_it_though_nothing_was_logged(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    page = look(person)
    asked = page.one(id="fresh").attrs["hx-get"]
    shop.pass_time(minutes=3)

    told = Page(person.get(asked, headers=POLL))

    assert page.one(id="trouble").attrs["role"] == "status", "a reader speaks what comes into a region that it knows"
    assert not told.one("hx-partial", hx_target="#trouble").has(role="status")
    assert "No worker is running." in told.one("hx-partial", hx_target="#trouble").text
    assert person.get(told.one(id="fresh").attrs["hx-get"], headers=POLL).status_code == 204


def test_what_comes_up_later_lies_over_the_page_and_moves_nothing(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert "late" in look(person).one(id="trouble").classes
    shop.pass_time(minutes=3)
    assert "late" not in look(person).one(id="trouble").classes


def test_the_banner_says_why_orders_are_not_on_the_campaign(shop: Shop, person: FlaskClient) -> None:
    for number in (1001, 1002):
        shop.change(shop.receive(number), calling_state="failed", calling_reason="kalimera_refused")
    shop.receive(1003, phone=None)

    said = trouble(look(person))

    assert "3 orders are not on the calling campaign. Kalimera refused (2), No usable phone (1)." in said
    assert "Re-sync all 3" in said

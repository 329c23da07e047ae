"""What is said when orders wait for their call longer than they should."""

from __future__ import annotations

from datetime import UTC

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from ordercall.storage.tables import silent_providers
from reading import look
from web_app import NOON, Element, Page, Shop

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
    assert "Re-sync 2 of them" in said


def silence(shop: Shop, **columns: float) -> None:
    """Store how Kalimera stood: silent since noon, and what else is known of that."""
    with shop.db.begin() as tx:
        tx.execute(insert(silent_providers).values(provider="Kalimera", since=NOON.timestamp(), **columns))


def light(page: Page, label: str) -> Element:
    return page.one(id="health").one("p", text=label)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_an_outage_is_told_at_once_and_not_after_an_order_was_late(shop: Shop, person: FlaskClient) -> None:
    run_sql(shop, WORKER_ALIVE)
    asked = look(person).one(id="fresh").attrs["hx-get"]
    silence(shop)

    told = Page(person.get(asked, headers=POLL))

    said = plain(told.one("hx-partial", hx_target="#trouble").text)
    assert said.startswith("Kalimera does not answer since 12:00 pm. No order waits yet. Nothing is lost")
    assert plain(light(told, "Kalimera").text) == "Kalimera out since 12:00 pm"
    assert "text-bad" in light(told, "Kalimera").classes
    alarm = plain(told.one(id="health").attrs["data-alarm"])
    assert alarm == "Kalimera does not answer since 12:00 pm. No order waits yet."


def test_after_an_outage_the_page_counts_those_that_waited_until_they_have_gone(
    shop: Shop, person: FlaskClient
) -> None:
    run_sql(shop, WORKER_ALIVE)
    waited = [shop.receive(number) for number in (1001, 1002)]
    shop.pass_time(seconds=1)
    silence(shop, back_at=shop.now.timestamp(), waited=5)
    shop.pass_time(minutes=4)
    shop.receive(1003)

    page = look(person)
    said = plain(trouble(page))
    for order_id in waited:
        shop.change(order_id, calling_state="on_campaign")
    after = Page(person.get(page.one(id="fresh").attrs["hx-get"], headers=POLL))

    assert said == ("Kalimera is back since 12:00 pm, catching up: 3 of 5 orders placed, 2 to go, about 3 min.")
    assert light(page, "Kalimera").text == "Kalimera back, catching up"
    assert after.one("hx-partial", hx_target="#trouble").text == ""
    assert light(after, "Kalimera").has(css="dot")


def test_what_waits_for_long_after_an_outage_waits_for_another_reason(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    silence(shop, back_at=shop.now.timestamp(), waited=5)
    shop.pass_time(hours=1, minutes=1)
    run_sql(shop, WORKER_ALIVE)

    assert trouble(look(person)).startswith("Calls are late.")


def bring(shop: Shop, number: int) -> None:
    """Have Shopify bring so many orders, a minute apart."""
    for order_number in range(number):
        shop.pass_time(minutes=1)
        shop.receive(4000 + order_number + int(shop.now.timestamp()) // 86_400 * 100)


def weeks(shop: Shop, *orders: int) -> None:
    """Let the shop have had so many orders from noon on in each week before this one, and one at noon of this."""
    today = shop.now
    for back, number in enumerate(reversed(orders), 1):
        shop.now = today
        shop.pass_time(days=-7 * back)
        bring(shop, number)
    shop.now = today
    bring(shop, 1)


@pytest.mark.parametrize(
    ("orders", "told"),
    [((14, 14, 0, 14), True), ((14, 14, 14), True), ((14, 14), False), ((3, 3, 3, 3), False)],
    ids=["a holiday among them", "three weeks old", "two weeks old", "few orders"],
)
def test_the_light_of_the_webhooks_knows_the_rhythm_of_the_shop(
    shop: Shop, person: FlaskClient, orders: tuple[int, ...], told: bool
) -> None:
    weeks(shop, *orders)
    shop.pass_time(hours=2)

    page = look(person)

    assert (plain(light(page, "Webhooks").text) == "Webhooks quiet since 12:01 pm") is told
    assert ("No webhook from Shopify since 12:01 pm" in plain(trouble(page))) is told


def test_an_hour_in_which_few_orders_come_is_no_alarm(shop: Shop, person: FlaskClient) -> None:
    weeks(shop, 14, 14, 14, 14)
    shop.pass_time(hours=14)
    bring(shop, 1)
    shop.pass_time(hours=2)

    assert light(look(person), "Webhooks").text == "Webhooks 2 h ago"

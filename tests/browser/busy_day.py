"""A shop in the middle of a busy day: what the pages look like when people work with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kept import fill_as_before

from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.calling import INDIA
from ordercall.sandbox.orders import FIRST_ID, PEOPLE, Person, make_order
from ordercall.storage.records import activity
from web_app import Shop

NOW = datetime(2026, 11, 24, 14, 20, tzinfo=INDIA)
WEEK = timedelta(days=7)
LATIN_NAMES = [person for person in PEOPLE if person.first_name.isascii()]
"""A machine without a font for Devanagari would draw boxes."""

ORDERS_AN_HOUR = (2, 1, 0, 0, 0, 1, 3, 6, 9, 12, 17, 19, 16, 21, 6, 14, 15, 13, 12, 10, 15, 9, 6, 4)
"""A day of this shop, which sells most before lunch."""

FULL_HOURS = NOW.hour
FIRST = 2001
LATEST = FIRST + sum(ORDERS_AN_HOUR[:FULL_HOURS]) + 5
TROUBLED, REFUSED, WITHOUT_PHONE, TOLD = (LATEST - back for back in (1, 3, 4, 5))
"""Orders with a story: not on the campaign, a cancel that Shopify refused, no phone, a whole timeline."""


ODD = LATEST + 1
"""The first of the orders with long words and large amounts, if there are any."""

PAID_ABROAD = {
    "currency": "AED",
    "total_price": "221.00",
    "payment_gateway_names": ["Visa"],
    "financial_status": "paid",
    "total_outstanding": "0.00",
}
ANANYA = PEOPLE[0]
PHONE = "+915550001006"


def order_id(number: int) -> int:
    return FIRST_ID + number


def fill(shop: Shop, *, history: bool = False) -> None:
    """Give a shop 113 orders of today, and with *history* also those of two weeks; the older, the likelier decided."""
    shop.now = NOW
    fill_as_before(shop, "two weeks" if history else "a busy day", lambda: _fill(shop, history=history))


def _fill(shop: Shop, *, history: bool) -> None:
    chance = Random(7)  # noqa: S311 - every run shall see the same day
    today = list(_today(chance))
    shop.store(*today, *(_earlier(chance) if history else ()))
    _decide(shop, chance, history=history)
    _tell_stories(shop)


def add_odd_ones(shop: Shop) -> None:
    """Add orders of long words, in letters from right to left, and in many currencies; some are paid in part."""
    long = Person("Wolfeschlegel" * 5, "Hausenstein" * 5, "Roadwithoutend" * 9, "Llanfair" * 9, "Gogogoch" * 9, "", "")
    arab = Person("محمد عبد الله", "الأنصاري", "شارع الملك فهد ١٢", "دبي", "دبي", "", "")
    amounts = {"INR": "99999999.50", "AED": "1234567.50", "USD": "0.01", "KWD": "1234567.125", "JPY": "12345678"}
    for number, (currency, amount) in enumerate(amounts.items(), start=ODD):
        shop.receive(
            number,
            person=arab if currency == "AED" else long,
            name=f"#{number}{'SPECIAL' * 9 if number == ODD else ''}",
            currency=currency,
            total_price=amount,
            total_outstanding=amount if number % 2 else f"9{amount[1:]}",
        )


def _today(chance: Random) -> Iterator[dict[str, Any]]:
    midnight = NOW.replace(hour=0, minute=0)
    moments = [
        midnight + timedelta(hours=hour, minutes=chance.uniform(0, 59))
        for hour, count in enumerate(ORDERS_AN_HOUR[:FULL_HOURS])
        for _ in range(count)
    ]
    moments += [NOW - timedelta(minutes=minutes) for minutes in (17, 14, 11, 5, 2, 0)]
    for number, moment in enumerate(sorted(moments), start=FIRST):
        yield _order(number, moment, chance)


def _earlier(chance: Random) -> Iterator[dict[str, Any]]:
    """Yield the orders of the thirteen days before, with numbers that lead up to today's."""
    moments = [
        NOW.replace(hour=hour, minute=0) - timedelta(days=days) + timedelta(minutes=chance.uniform(0, 59))
        for days in range(13, 0, -1)
        for hour, usual in enumerate(ORDERS_AN_HOUR)
        for _ in range(round(usual * chance.uniform(0.4, 0.9)))
    ]
    for number, moment in enumerate(sorted(moments), start=FIRST - len(moments)):
        yield _order(number, moment, chance)


def _order(number: int, moment: datetime, chance: Random) -> dict[str, Any]:
    abroad = number % 19 == 0
    return make_order(
        number,
        person=chance.choice(LATIN_NAMES),
        created_at=moment.isoformat(timespec="seconds"),
        phone=None if number == WITHOUT_PHONE else f"+91555{number:07d}",
        **PAID_ABROAD if abroad else {},
    )


def _decide(shop: Shop, chance: Random, *, history: bool) -> None:
    """Let the agents have done their work: who was called an hour ago has decided, who came just now has not."""
    first = 1 if history else FIRST
    rows = []
    for number in range(first, LATEST + 1):
        decided = chance.random() < (LATEST - number) / 30
        status = chance.choices(("Success", "Failed", "Returned"), (80, 14, 6))[0] if decided else "Placed"
        calling = "queued" if number == LATEST else "on_campaign"
        rows.append((status, calling, "the agent" if decided else None, chance.uniform(400, 4000), order_id(number)))
    with shop.db.begin() as tx:
        tx.exec_driver_sql(
            "UPDATE orders SET confirmation_status = ?, calling_state = ?, status_changed_by = ?, "
            "status_changed_at = placed_at + ?, language = CASE state WHEN 'Gujarat' THEN 'hi' ELSE 'en' END, "
            "cancel_state = CASE confirmation_status WHEN 'Failed' THEN 'done' END WHERE shopify_id = ?",
            rows,
        )


def _tell_stories(shop: Shop) -> None:
    refusal = "the phone number is not valid."
    shop.change(
        order_id(TROUBLED),
        calling_state="failed",
        calling_reason="kalimera_refused",
        calling_detail=f"Kalimera could not create the contact: {refusal}",
        confirmation_status="Placed",
    )
    shop.change(
        order_id(REFUSED),
        confirmation_status="Failed",
        status_changed_by="admin",
        cancel_state="refused",
        cancel_detail="Shopify could not cancel the order: it has been fulfilled.",
    )
    shop.change(
        order_id(WITHOUT_PHONE), calling_state="not_called", calling_reason="no_phone", confirmation_status="Placed"
    )
    shop.change(
        order_id(TOLD),
        confirmation_status="Placed",
        customer_phone=PHONE,
        first_name=ANANYA.first_name,
        last_name=ANANYA.last_name,
        address=ANANYA.address,
        city=ANANYA.city,
        state=ANANYA.state,
        language="en",
        status_changed_by=None,
        status_changed_at=None,
        contact_id="5b0c7f5e-2f3c-4f7d-9d3e-1a2b3c4d5e6f",
        campaign_id="main",
        window_start=(NOW - timedelta(minutes=16)).timestamp(),
        window_end=(NOW + timedelta(minutes=104)).timestamp(),
    )
    with shop.db.begin() as tx:
        activity.record_all(tx, [*_timeline(order_id(TOLD)), *_troubles()])


def _timeline(shopify_id: int) -> list[activity.Entry]:
    told = [
        (17, Event.WEBHOOK_RECEIVED, "Webhook orders/create.", None, None),
        (17, Event.AGENT_SELECTED, "English agent: Tamil Nadu is not Gujarat.", None, None),
        (
            17,
            Event.SYNC_ERROR,
            "Kalimera could not create the contact: it is busy. Trying again in 20 seconds.",
            None,
            ProviderCall("POST", "/kalimera/contact", 503, 1204, {"name": "•••", "phone": "•••"}, {"error": "busy"}),
        ),
        (
            16,
            Event.CONTACT_CREATED,
            "Contact 5b0c7f5e-2f3c-4f7d-9d3e-1a2b3c4d5e6f.",
            None,
            ProviderCall(
                "POST",
                "/kalimera/contact",
                201,
                184,
                {"name": "•••", "phone": "•••", "metadata": {"order_name": f"#{TOLD}"}},
                {"contact_id": "5b0c7f5e-2f3c-4f7d-9d3e-1a2b3c4d5e6f"},
            ),
        ),
        (16, Event.CAMPAIGN_UPDATED, "English agent, 14:04 to 16:04.", None, None),
        (16, Event.CONTACT_LISTED, "On the list of campaign main.", None, None),
        (16, Event.SYNC_SUCCESS, "On the calling campaign.", None, None),
        (9, Event.NOTE_ADDED, "Customer asked on WhatsApp for delivery after six.", "admin", None),
    ]
    return [
        activity.Entry(shopify_id, event, message, NOW - timedelta(minutes=minutes), actor, call)
        for minutes, event, message, actor, call in told
    ]


def _troubles() -> list[activity.Entry]:
    return [
        activity.Entry(
            order_id(TROUBLED), Event.SYNC_ERROR, "Kalimera refused it.", NOW - timedelta(minutes=2), None, None
        ),
        activity.Entry(
            order_id(REFUSED), Event.CANCEL_ERROR, "Shopify refused it.", NOW - timedelta(minutes=5), None, None
        ),
    ]

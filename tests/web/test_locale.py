"""How money, numbers and dates are written: as the shop's locale does."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.sandbox.orders import make_order
from ordercall.web.view.format import clock, day, full, money, number
from reading import look, revenue
from web_app import Shop

NBSP, NARROW = "\u00a0", "\u202f"

MONEY = [
    ("en_IN", 143570, "INR", "₹1,43,570"),
    ("en_IN", 99.5, "INR", "₹99.50"),
    ("en_IN", -5, "INR", "-₹5"),
    ("en_IN", 550, "AED", f"AED{NBSP}550"),
    ("en_IN", 1.125, "KWD", f"KWD{NBSP}1.125"),
    ("en_IN", 100.5, "JPY", "JP¥100.50"),
    ("en_IN", 1, "XXQ", f"XXQ{NBSP}1"),
    ("en_IN", 1, None, "1"),
    ("en_US", 143570, "INR", "₹143,570"),
    ("de_DE", 1234.5, "EUR", f"1.234,50{NBSP}€"),
    ("fr_FR", 143570, "EUR", f"143{NARROW}570{NBSP}€"),
    ("hi_IN", 143570, "INR", "₹1,43,570"),
]


@pytest.mark.parametrize(("locale", "amount", "currency", "shown"), MONEY)
def test_money_is_written_as_the_locale_does(
    new_shop: Any, locale: str, amount: float, currency: str | None, shown: str
) -> None:
    with new_shop(DISPLAY_LOCALE=locale).app.app_context():
        assert money(amount, currency) == shown


DATES = {
    "en_IN": ("24 Nov 2026, 12:00:00 pm IST", "12:00:00 pm", "24 November 2026"),
    "en_US": ("Nov 24, 2026, 12:00:00 PM IST", "12:00:00 PM", "November 24, 2026"),
    "de_DE": ("24.11.2026, 12:00:00 IST", "12:00:00", "24. November 2026"),
}


@pytest.mark.parametrize("locale", DATES)
def test_dates_are_written_as_the_locale_does(new_shop: Any, locale: str) -> None:
    shop: Shop = new_shop(DISPLAY_LOCALE=locale)

    with shop.app.app_context():
        written = (full(shop.now), clock(shop.now), day(shop.now))

    assert tuple(text.replace(NARROW, " ") for text in written) == DATES[locale]


def test_numbers_are_grouped_as_the_locale_does(new_shop: Any) -> None:
    with new_shop().app.app_context():
        assert number(123456) == "1,23,456"


def test_a_page_is_written_in_one_locale(new_shop: Any) -> None:
    shop: Shop = new_shop(DISPLAY_LOCALE="de_DE")
    shop.store(
        *(make_order(1001 + each, created_at=shop.now.isoformat(), total_price="1000.50") for each in range(1_200))
    )

    page = look(shop.person())

    assert revenue(page)["All orders"] == ["1.200.600 ₹"]
    assert page.one("nav", css="tabs").all("a")[0].text == "All1.200"
    assert page.all(css="kpi")[0].one("strong").text == "1.200"

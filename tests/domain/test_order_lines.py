"""Which line of an order is the product, and what is still ordered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.orders.lines import LINES_TOLD, Kind, Line, read_lines
from properties import always

KINDS = {
    Kind.TIP: [
        "Tip",
        "tip",
        "Tips",
        "TIP",
        "Tip (10%)",
        "10% tip",
        "Delivery tip",
        "Tip for the driver",
        "Gratuity",
        "Trinkgeld",
        "टिप",
    ],
    Kind.FEE: [
        "COD Fee",
        "COD charges",
        "C.O.D. charge",
        "Cash on Delivery",
        "Cash on delivery fee",
        "Handling fee",
        "Convenience Fee - ₹49",
        "Shipping & Handling charges",
        "Small order fee",
        "Payment processing fee",
        "Platform fee | non-refundable",
        "Packing & forwarding charges",
        "Rain fee",
        "Express Delivery",
        "Priority shipping (1-2 days)",
        "GST",
        "Round off",
        "डिलीवरी शुल्क",
        "सीओडी चार्ज",
        "ડિલિવરી ચાર્જ",
    ],
    Kind.PROTECTION: [
        "Shipping Protection",
        "Shipping protection by Route",
        "Route Package Protection",
        "Package Protection Plus",
        "Order Protection (recommended)",
        "Delivery guarantee",
        "Shipping Insurance",
        "Package theft & damage protection",
        "Return protection",
        "Worry-Free Purchase®",
    ],
    Kind.GIFT_WRAP: [
        "Gift wrap",
        "Gift Wrapping",
        "gift-wrap",
        "Giftwrap",
        "Premium Gift Wrap Service",
        "Gift message",
        "गिफ्ट रैप",
        "ગિફ્ટ રેપ",
    ],
    Kind.GOODS: [
        "Block Print Cotton Kurta",
        "Felt Tip Pens, set of 12",
        "Tip Top Tailor's Chalk",
        "Gift Wrap Paper Roll",
        "Masala Chai Gift Box",
        "Codfish, smoked",
        "Screen protection film",
        "Hair Damage Protection",
        "Fees and Taxes: a Novel",
        "Delivery Room Slippers",
        "Insurance folder",
        "कुर्ता",
        "चार्जर",
        "ગિફ્ટ બોક્સ",
        "Express Delivery Toy Truck",
        "Tax Planner 2027",
        "",
    ],
}
TITLES = [(title, kind) for kind, titles in KINDS.items() for title in titles]
EXTRAS = [title for title, kind in TITLES if kind.is_extra]
PRODUCTS = [title for title, kind in TITLES if title and not kind.is_extra]


def goods(title: str, quantity: int = 1, *, ships: bool = True) -> Line:
    return Line(title, title, quantity, ships)


def _ranked(titles: list[str]) -> list[str]:
    return sorted(titles, key=lambda title: goods(title).kind)


@pytest.mark.parametrize(("title", "kind"), TITLES)
def test_a_title_names_an_extra_or_goods(title: str, kind: Kind) -> None:
    assert goods(title).kind is kind


@always
@given(st.sampled_from(PRODUCTS), st.lists(st.sampled_from(EXTRAS), max_size=4), st.integers(0, 4), st.integers(1, 9))
def test_beside_goods_no_extra_is_the_product_wherever_it_stands(
    product: str, extras: list[str], place: int, pieces: int
) -> None:
    lines = [goods(title) for title in extras]
    lines.insert(place, goods(product, pieces))

    ordered = read_lines(lines)

    assert (ordered.product, ordered.item_count, ordered.units_left) == (product, 1, pieces)
    assert ordered.items == ", ".join((f"{pieces} × {product}", *(f"1 × {title}" for title in _ranked(extras))))


@always
@given(st.lists(st.sampled_from(EXTRAS), min_size=1, max_size=4))
def test_where_nothing_else_was_ordered_an_extra_is_the_product(extras: list[str]) -> None:
    ordered = read_lines([goods(title) for title in extras])

    assert ordered.product in extras
    assert (ordered.item_count, ordered.units_left) == (len(extras), len(extras))


@always
@given(st.lists(st.sampled_from(EXTRAS), max_size=3), st.permutations(["Kurta", "Lamp"]))
def test_where_only_extras_are_left_nothing_is(extras: list[str], removed: list[str]) -> None:
    ordered = read_lines([*(goods(title, 0) for title in removed), *map(goods, extras)])

    assert ordered.units_left == 0
    assert (ordered.product, ordered.item_count) == (removed[0], 2)


@pytest.mark.parametrize(
    ("lines", "product", "items", "left"),
    [
        ([goods("Gift card", ships=False), goods("Kurta")], "Kurta", "1 × Kurta, 1 × Gift card", 2),
        ([goods("Gift card", ships=False)], "Gift card", "1 × Gift card", 1),
        ([goods("Kurta", 0), goods("Lamp", 2)], "Lamp", "2 × Lamp", 2),
        ([goods("Kurta", 0), goods("E-book", ships=False)], "E-book", "1 × E-book", 1),
        ([goods("Kurta"), goods("Lamp", 3)], "Kurta", "1 × Kurta, 3 × Lamp", 4),
        (
            [Line("Gorjeta", None, 1, ships=False, catalogued=False), goods("Kurta")],
            "Kurta",
            "1 × Kurta, 1 × Gorjeta",
            1,
        ),
        ([Line("Gorjeta", None, 1, ships=False, catalogued=False), goods("Kurta", 0)], "Kurta", "1 × Gorjeta", 0),
        ([Line("Sofa as drawn", None, 1, catalogued=False)], "Sofa as drawn", "1 × Sofa as drawn", 1),
        ([Line("Kurta", "Kurta - M", 2)], "Kurta", "2 × Kurta - M", 2),
        ([Line(None, "Kurta - M", 1)], "Kurta - M", "1 × Kurta - M", 1),
        ([Line(None, None, 1), goods("Lamp")], "Lamp", "1 × item, 1 × Lamp", 2),
        ([], None, None, None),
    ],
)
def test_what_is_ordered_now(lines: list[Line], product: str | None, items: str | None, left: int | None) -> None:
    ordered = read_lines(lines)

    assert (ordered.product, ordered.items, ordered.units_left) == (product, items, left)


def test_a_long_order_is_told_in_part_and_counted() -> None:
    ordered = read_lines([goods(f"Lamp {number}") for number in range(LINES_TOLD + 5)])

    assert ordered.items is not None
    assert ordered.items.endswith(f"1 × Lamp {LINES_TOLD - 1}, 5 more")

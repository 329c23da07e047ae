"""A window on which nobody reported, with real processes."""

from __future__ import annotations

import pytest

from installation import Installation
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]  # on Postgres it is seen in test_pausing_calls.py

BACK = 3 * 3_600
"""Seconds: a window of two hours and its grace are over."""


def test_silence_is_seen_after_a_kill_and_a_late_report_is_believed(shop: Installation) -> None:
    order = make_order(1001)
    shop.deliver(order)
    until(shop.on_campaign, "the order is on the campaign")
    shop.kill()
    shop.write("UPDATE calls SET window_start = window_start - ?, window_end = window_end - ?", BACK, BACK)

    shop.start()
    until(lambda: shop.rows("SELECT state FROM calls") == [("unanswered",)], "the silence is seen")
    shop.set_status(order["id"], "Success")

    assert shop.events(order["id"]).count("Call_Unanswered") == 1
    assert shop.rows(
        "SELECT calls.state, answer FROM calls JOIN call_orders ON calls.call_id = call_orders.call_id"
    ) == [("answered", "confirmed")]

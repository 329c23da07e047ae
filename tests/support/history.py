"""Many orders at once, made by the database itself: for tests of what must not depend on how many there are."""

from __future__ import annotations

from sqlalchemy import Connection, text

FIRST_ID = 6_400_000_000_000

_STORE = text("""
    INSERT INTO orders (
        shopify_id, order_name, product_title, total_price, currency, customer_email, customer_phone,
        confirmation_status, webhook_timestamp, first_name, last_name, city, state, placed_at, is_test,
        status_changed_at, status_changed_by, calling_state, calling_reason, cancel_state, fulfillment_status
    )
    WITH RECURSIVE numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :end)
    SELECT
        :first_id + n, '#' || (10000 + n), 'Product ' || (n % 13), (n * 7919) % 5000 / 10.0,
        CASE n % 10 WHEN 0 THEN 'AED' ELSE 'INR' END, 'someone' || n || '@example.com', '+91555' || (1000000 + n),
        CASE n % 8 WHEN 0 THEN 'Failed' WHEN 1 THEN 'Returned' WHEN 2 THEN 'Placed' WHEN 3 THEN 'Placed'
            ELSE 'Success' END,
        :start + (n - :first) * :apart, CASE n % 3 WHEN 0 THEN 'Asha' WHEN 1 THEN 'Meera' ELSE 'Ravi' END,
        CASE n % 7 WHEN 0 THEN 'Iyer' WHEN 1 THEN 'Rao' ELSE 'Shah' END, 'City ' || (n % 11), 'State ' || (n % 5),
        :start + (n - :first) * :apart, n % 97 = 0, :start + (n - :first) * :apart + 600,
        CASE WHEN n % 8 IN (2, 3) THEN NULL ELSE 'API' END,
        CASE WHEN n % 40 = 3 AND :waiting THEN 'not_called' WHEN n % 400 = 2 THEN 'queued' ELSE 'on_campaign' END,
        CASE WHEN n % 40 = 3 AND :waiting THEN 'earlier_program' END, CASE WHEN n % 8 = 0 THEN 'done' END,
        CASE WHEN n % 8 > 3 AND NOT :waiting THEN 'fulfilled' END
    FROM numbers
""")
_LOG = text("""
    INSERT INTO logs (shopify_id, timestamp, event_type, message)
    SELECT shopify_id, '2026-11-24T06:30:00+00:00', :event, '' FROM orders WHERE shopify_id >= :first
""")


def store(tx: Connection, number: int, *, start: float, end: float, first: int = 0, waiting: bool = True) -> None:
    """Store so many orders, placed one after the other between two times, with an entry each in the log.

    Args:
        first: the number of the first of them: what they are called and like follows from their number.
        waiting: some of them are not on the campaign, and no parcel has left; else somebody has seen to that.
    """
    numbers = {"first_id": FIRST_ID, "first": first, "end": first + number, "waiting": waiting}
    tx.execute(_STORE, numbers | {"start": start, "apart": (end - start) / number})
    tx.execute(_LOG, {"event": "Order_Status_Updated", "first": FIRST_ID + first})

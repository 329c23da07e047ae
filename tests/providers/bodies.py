"""Bodies of orders as the tests of the payload change them."""

from __future__ import annotations

from typing import Any

from makers import ORDER_ID, make_body
from ordercall.domain.orders.order import Order
from ordercall.providers.shopify.payload import read_order


def read(**changes: Any) -> Order:
    return read_order(make_body(**changes))


def with_amount(written: str) -> bytes:
    """Return a body whose total is *written* as it stands here, quoted or not."""
    return make_body(total_price="TOTAL").replace(b'"TOTAL"', written.encode())


def with_id(written: str) -> bytes:
    return make_body(admin_graphql_api_id=None).replace(b'"id": %d' % ORDER_ID, b'"id": ' + written.encode(), 1)

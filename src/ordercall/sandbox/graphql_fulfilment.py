"""Fulfilment orders and their holds, as GraphQL shows and changes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from graphql import GraphQLError

from ordercall.sandbox.fulfilment_orders import (
    OWN,
    THIRD_PARTY,
    THIS_APP,
    FulfilmentHold,
    FulfilmentOrder,
    FulfilmentOrders,
    Refused,
)
from ordercall.sandbox.graphql_access import Info, may
from ordercall.sandbox.graphql_ids import number, page_size
from ordercall.sandbox.graphql_views import View, gid, numbered
from ordercall.sandbox.order_book import Order, OrderBook, is_shipped, moment, parcel_of
from ordercall.sandbox.parcels import Parcels, Return

FOUND = re.compile(r"status:(?P<status>ON_HOLD|OPEN)(?: updated_at:>='(?P<since>[^']+)')?")
"""What ``fulfillmentOrders`` is asked for here."""


@dataclass(frozen=True, slots=True)
class FulfilmentFields:
    """The fields that are about fulfilment orders and parcels."""

    orders: FulfilmentOrders
    parcels: Parcels
    book: OrderBook

    def fields(self) -> View:
        """Return the root fields."""
        return {
            "fulfillmentOrders": self._in_state,
            "fulfillmentOrderHold": self._hold,
            "fulfillmentOrderReleaseHold": self._release,
            "return": self._return,
        }

    def of_order(self, order_id: int) -> View:
        """Return what an order shows beside what stands in its body."""

        def shown(info: Info, first: int | None = None, after: str | None = None, query: str | None = None) -> View:
            del query
            return _page(self.orders.of_order(order_id), info, first, after)

        return {"fulfillmentOrders": shown} | self._parcels_of(order_id)

    def _parcels_of(self, order_id: int) -> View:
        def made(_info: Info, first: int) -> list[View]:
            order, parcel = self.book.order(order_id) or {}, self.parcels.of_order(order_id)
            return [
                {
                    "id": gid("Fulfillment", one.get("id", order_id)),
                    "status": one["status"].upper(),
                    "displayStatus": parcel.state if one["status"] == "success" else "CANCELED",
                    "deliveredAt": parcel.delivered_at,
                    "totalQuantity": sum(line["quantity"] for line in one.get("line_items", [])),
                }
                for one in _fulfilments(order)[:first]
            ]

        def returns(_info: Info, first: int | None = None, after: str | None = None) -> View:
            found = self.parcels.of_order(order_id).returns
            return numbered([_return_view(one) for one in found], page_size(first), after)

        return {
            "displayFulfillmentStatus": lambda _info: self._display(order_id),
            "returnStatus": lambda _info: self.parcels.of_order(order_id).return_status,
            "fulfillments": made,
            "returns": returns,
        }

    def _display(self, order_id: int) -> str:
        """Return the order's one word: of what is left to ship where all of that stands still, whatever has left."""
        status = (self.book.order(order_id) or {}).get("fulfillment_status")
        if status in ("fulfilled", "restocked"):
            return str(status).upper()
        left = {one.shown_status for one in self.orders.of_order(order_id) if one.waits}
        if left in ({"ON_HOLD"}, {"SCHEDULED"}):
            return left.pop()
        if status == "partial":
            return "PARTIALLY_FULFILLED"
        return "IN_PROGRESS" if "IN_PROGRESS" in left else "UNFULFILLED"

    def _return(self, _info: Info, id: str) -> View | None:
        found = self.parcels.find(number(id, "Return"))
        return _return_view(found) if found else None

    def _in_state(
        self, info: Info, first: int | None = None, after: str | None = None, query: str | None = None
    ) -> View:
        asked = FOUND.fullmatch(query or "")
        if asked is None:
            raise GraphQLError(f"The sandbox finds {FOUND.pattern} only.", extensions={"code": "BAD_REQUEST"})
        since = moment(asked["since"]) if asked["since"] else None
        return _page(self.orders.in_state(asked["status"], since), info, first, after)

    def _hold(self, info: Info, id: str, fulfillmentHold: View) -> View:
        given = {"handle": fulfillmentHold.get("handle") or "", "notes": fulfillmentHold.get("reasonNotes") or ""}

        def hold(of: int) -> View:
            made = self.orders.hold(of, **given, seen=locations(info, "write"))
            return {"fulfillmentHold": _hold_view(made)}

        return self._change(id, hold, "fulfillmentHold", "fulfillmentOrder")

    def _release(self, info: Info, id: str, holdIds: list[str] | None = None, **_: str) -> View:
        holds = None if holdIds is None else [number(each, "FulfillmentHold") for each in holdIds]

        def release(of: int) -> View:
            self.orders.release(of, holds, seen=locations(info, "write"))
            return {}

        return self._change(id, release, "fulfillmentOrder")

    def _change(self, id: str, change: Callable[[int], View], *nulls: str) -> View:
        """Return the payload of a mutation. *nulls*: what is null in it where Shopify refuses."""
        of = number(id, "FulfillmentOrder")
        if not of:
            raise GraphQLError(f"Invalid id: {id}", extensions={"code": "RESOURCE_NOT_FOUND"})
        try:
            changed = change(of)
        except Refused as refused:
            user_error = {"field": refused.field, "message": str(refused), "code": refused.code}
            return dict.fromkeys(nulls) | {"userErrors": [user_error]}
        return {"fulfillmentOrder": _view(self.orders.find(of)), "userErrors": []} | changed


def _fulfilments(order: Order) -> list[Order]:
    """Return the fulfilments of an order; one of an order that was added as one that has shipped."""
    made = list(order.get("fulfillments") or [])
    return made or (parcel_of(order)["fulfillments"] if is_shipped(order) else [])


def locations(info: Info, what: str) -> list[str]:
    """Return the locations whose fulfilment orders the app may read, or write."""
    return [one for one in (OWN, THIRD_PARTY) if may(info.context.scopes, f"{what}_{one}_fulfillment_orders")]


def _page(found: Collection[FulfilmentOrder], info: Info, first: int | None, after: str | None) -> View:
    seen = locations(info, "read")
    return numbered([_view(one) for one in found if one.location in seen], page_size(first), after)


def _view(one: FulfilmentOrder) -> View:
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", one.id),
        "orderId": gid("Order", one.order_id),
        "status": one.shown_status,
        "supportedActions": [{"action": action} for action in one.actions],
        "deliveryMethod": {"methodType": one.method},
        "fulfillmentHolds": [_hold_view(hold) for hold in one.holds],
    }


def _return_view(one: Return) -> View:
    """Return a return with its pieces, which are all in one line of one reverse fulfilment order."""
    disposed = [
        {"id": gid("ReverseFulfillmentOrderDisposition", place), "type": word, "quantity": pieces}
        for place, (word, pieces) in enumerate(one.disposed.items())
        if pieces
    ]
    line = {"id": gid("ReverseFulfillmentOrderLineItem", one.id), "totalQuantity": one.units, "dispositions": disposed}

    def lines(_info: Info, first: int | None = None, after: str | None = None) -> View:
        return numbered([line], page_size(first), after)

    order = {"id": gid("ReverseFulfillmentOrder", one.id), "lineItems": lines}

    def orders(_info: Info, first: int | None = None, after: str | None = None) -> View:
        return numbered([order], page_size(first), after)

    return {
        "id": gid("Return", one.id),
        "status": one.status,
        "totalQuantity": one.units,
        "reverseFulfillmentOrders": orders,
    }


def _hold_view(hold: FulfilmentHold) -> View:
    return {
        "__typename": "FulfillmentHold",
        "id": gid("FulfillmentHold", hold.id),
        "handle": hold.handle,
        "reason": "OTHER",
        "reasonNotes": hold.notes,
        "heldByRequestingApp": hold.app == THIS_APP,
    }

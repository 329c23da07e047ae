"""Fulfilment orders and their holds, as GraphQL shows and changes them."""

from __future__ import annotations

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
from ordercall.sandbox.order_book import OrderBook, is_shipped
from ordercall.sandbox.parcels import Parcels, units_of

HELD = "status:ON_HOLD"


@dataclass(frozen=True, slots=True)
class FulfilmentFields:
    """The fields that are about fulfilment orders and parcels."""

    orders: FulfilmentOrders
    parcels: Parcels
    book: OrderBook

    def fields(self) -> View:
        """Return the root fields."""
        return {
            "fulfillmentOrders": self._held,
            "fulfillmentOrderHold": self._hold,
            "fulfillmentOrderReleaseHold": self._release,
        }

    def of_order(self, order_id: int) -> View:
        """Return what an order shows beside what stands in its body."""

        def shown(info: Info, first: int | None = None, after: str | None = None, query: str | None = None) -> View:
            del query
            return _page(self.orders.of_order(order_id), info, first, after)

        return {"fulfillmentOrders": shown} | self._parcels_of(order_id)

    def _parcels_of(self, order_id: int) -> View:
        order, parcel = self.book.order(order_id) or {}, self.parcels.of_order(order_id)
        left = {
            "id": gid("Fulfillment", order_id + 1),
            "status": "SUCCESS",
            "displayStatus": parcel.state,
            "deliveredAt": parcel.delivered_at,
            "totalQuantity": units_of(order),
        }
        returns = [
            {"id": gid("Return", one.id), "status": one.status, "totalQuantity": one.units} for one in parcel.returns
        ]
        return {
            "returnStatus": parcel.return_status,
            "fulfillments": lambda _info, first: [left][:first] if is_shipped(order) else [],
            "returns": lambda _info, first=None, after=None: numbered(returns, page_size(first), after),
        }

    def _held(self, info: Info, first: int | None = None, after: str | None = None, query: str | None = None) -> View:
        if query != HELD:
            raise GraphQLError(f"The sandbox finds {HELD} only.", extensions={"code": "BAD_REQUEST"})
        return _page(self.orders.held(), info, first, after)

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


def _hold_view(hold: FulfilmentHold) -> View:
    return {
        "__typename": "FulfillmentHold",
        "id": gid("FulfillmentHold", hold.id),
        "handle": hold.handle,
        "reason": "OTHER",
        "reasonNotes": hold.notes,
        "heldByRequestingApp": hold.app == THIS_APP,
    }

"""The tags and metafields of orders, as GraphQL shows and changes them. A change that changes nothing has no webhook.

The words of the refusals of metafields are not Shopify's own, which were not to be found; their codes are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ordercall.sandbox.graphql_access import Info
from ordercall.sandbox.graphql_ids import number
from ordercall.sandbox.graphql_views import View, gid, order_view
from ordercall.sandbox.metafields import Metafields
from ordercall.sandbox.order_book import Order, OrderBook

LONGEST_TAG = 40
"""Characters, as was recorded of draft orders."""
MOST_AT_ONCE = 25
"""Metafields that one mutation may set."""
NO_ORDER = {"field": ["id"], "message": "Order does not exist"}


@dataclass(frozen=True, slots=True)
class OrderWriting:
    """The fields that are about what apps write to orders."""

    book: OrderBook
    metafields: Metafields

    def fields(self) -> View:
        """Return the root fields."""
        return {
            "tagsAdd": self._add,
            "tagsRemove": self._remove,
            "metafieldsSet": self._set,
            "metafieldDefinitionCreate": self._define,
        }

    def of_order(self, order_id: int) -> View:
        """Return what an order shows beside what stands in its body."""

        def one(_info: Info, namespace: str, key: str) -> View | None:
            found = self.metafields.values.get((order_id, namespace, key))
            return _shown(namespace, key, *found) if found else None

        return {"metafield": one}

    def _add(self, info: Info, id: str, tags: list[str]) -> View:
        if any(len(tag) > LONGEST_TAG for tag in tags):
            return _refused("tags", f"Tag exceeds the maximum length of {LONGEST_TAG} characters")
        return self._tag(info, id, lambda order: self.book.tag(int(order["id"]), tags))

    def _remove(self, info: Info, id: str, tags: list[str]) -> View:
        if self.book.kept_tags.intersection(tags):
            return _refused("tags", "Tag cannot be removed")
        return self._tag(info, id, lambda order: self.book.untag(int(order["id"]), tags))

    def _tag(self, info: Info, order_gid: str, change: Callable[[Order], Order]) -> View:
        order = self._find(info, order_gid)
        if order is None:
            return {"node": None, "userErrors": [NO_ORDER]}
        return {"node": order_view(change(order)), "userErrors": []}

    def _define(self, _info: Info, definition: dict[str, Any]) -> View:
        where = (definition["namespace"], definition["key"])
        if where in self.metafields.definitions:
            error = {"field": ["definition", "key"], "message": "Key is in use for Order metafields", "code": "TAKEN"}
            return {"createdDefinition": None, "userErrors": [error]}
        self.metafields.definitions[where] = definition["type"]
        made = {"id": gid("MetafieldDefinition", definition["key"]), "namespace": where[0], "key": where[1]}
        return {"createdDefinition": made, "userErrors": []}

    def _set(self, info: Info, metafields: list[dict[str, Any]]) -> View:
        errors = list(filter(None, (self._why_not(info, place, one) for place, one in enumerate(metafields))))
        if len(metafields) > MOST_AT_ONCE:
            errors = [{"field": ["metafields"], "message": "Too many metafields", "code": "LESS_THAN_OR_EQUAL_TO"}]
        if errors:
            return {"metafields": None, "userErrors": errors}
        changed = set()
        for one in metafields:
            key = (number(one["ownerId"], "Order"), one["namespace"], one["key"])
            value = (one["type"], one["value"])
            changed |= {key[0]} if self.metafields.values.get(key) != value else set()
            self.metafields.values[key] = value
        for order_id in changed:
            self.book.change(order_id, lambda _: {})
        return {
            "metafields": [_shown(*map(one.get, ("namespace", "key", "type", "value"))) for one in metafields],
            "userErrors": [],
        }

    def _why_not(self, info: Info, place: int, one: dict[str, Any]) -> View | None:
        where = ["metafields", str(place)]
        if self._find(info, one["ownerId"]) is None:
            return {"field": [*where, "ownerId"], "message": "Owner does not exist", "code": "INVALID"}
        wanted = self.metafields.definitions.get((one["namespace"], one["key"]))
        if wanted not in (None, one["type"]):
            message = f"Type must be consistent with the definition's type: {wanted}"
            return {"field": [*where, "type"], "message": message, "code": "INVALID_TYPE"}
        return None

    def _find(self, info: Info, order_gid: str) -> Order | None:
        return self.book.order_for(info.context.scopes, number(order_gid, "Order"))


def _shown(namespace: Any, key: Any, kind: Any, value: Any) -> View:
    return {"id": gid("Metafield", key), "namespace": namespace, "key": key, "type": kind, "value": value}


def _refused(where: str, message: str) -> View:
    return {"node": None, "userErrors": [{"field": [where], "message": message}]}

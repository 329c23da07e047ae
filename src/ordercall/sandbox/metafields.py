"""What apps have written to the orders of the fake shop, beside what the orders themselves are."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Metafields:
    """The metafields of orders.

    Attributes:
        values: type and value of each, by the order's id, the namespace and the key.
        definitions: by namespace and key, the type that the shop has laid down; others may have any.
    """

    values: dict[tuple[int, str, str], tuple[str, str]] = field(default_factory=dict)
    definitions: dict[tuple[str, str], str] = field(default_factory=dict)

    def told(self, order_id: int, namespace: str = "ordercall") -> dict[str, str]:
        """Return the values of an order's metafields in one namespace, by key."""
        mine = (order_id, namespace)
        return {key: value for (*where, key), (_, value) in self.values.items() if tuple(where) == mine}

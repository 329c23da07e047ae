"""The tag and the metafields of an order that are ours, by GraphQL, whichever API the shop's orders are asked for by:
REST can only overwrite all tags at once.

The metafields stand in the shop's own namespace ``ordercall``, so that every app and Shopify Flow may read them. Each
has a definition, which the shop may change, so that they can be chosen there and are shown on the order's page in
Shopify. None of it needs a scope beyond ``write_orders``.

Source: Shopify's GraphQL reference for tagsAdd, tagsRemove, metafieldsSet and metafieldDefinitionCreate, and its page
on the directives of GraphQL, which it carries out. The fields of one mutation are carried out one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ordercall.domain.activity import ProviderCall
from ordercall.domain.parcels.write_back import Difference
from ordercall.providers.json_values import part
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.query_budget import seconds_until_half_full

NAMESPACE = "ordercall"
TEXT = "single_line_text_field"
TYPES = {"attempts": "number_integer", "answered_at": "date_time"}
"""The types of the metafields; all others are texts."""

NAMES = {
    "status": "Call: what was said",
    "attempts": "Call: how many rang",
    "language": "Call: its language",
    "answered_at": "Call: answered at",
}
"""What the metafields are called in Shopify's admin."""

SETTLED = "TAKEN"
"""The code for a definition that is there, be it of another type or name: then the shop wants it so."""

_CREATE = "{0}: metafieldDefinitionCreate(definition: ${0}) {{ userErrors {{ message code }} }}"
DEFINE = (
    f"mutation define({', '.join(f'${key}: MetafieldDefinitionInput!' for key in NAMES)}) "
    f"{{ {' '.join(map(_CREATE.format, NAMES))} }}"
)

TAGS = "query tags($id: ID!) { order(id: $id) { tags } }"
WRITE = """
mutation writeBack(
  $id: ID!, $remove: [String!]!, $add: [String!]!, $fields: [MetafieldsSetInput!]!,
  $removes: Boolean!, $adds: Boolean!, $sets: Boolean!
) {
  removed: tagsRemove(id: $id, tags: $remove) @include(if: $removes) { userErrors { message } }
  added: tagsAdd(id: $id, tags: $add) @include(if: $adds) { userErrors { message } }
  set: metafieldsSet(metafields: $fields) @include(if: $sets) { userErrors { message } }
}
"""


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What Shopify said: its words against each part that it did not take, by the part, and when to come again.

    Attributes:
        rest: seconds until half of the app's points are there, which are everybody's.
    """

    refused: Mapping[str, str]
    rest: float
    call: ProviderCall


class ShopWriteBack:
    """Speaks to one shop about what we write to its orders. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin) -> None:
        self._admin = admin

    def define(self) -> list[str]:
        """Have the shop know our metafields; return what it has against that. Those that it knows stay as they are."""
        asked = {
            key: {"name": name, "namespace": NAMESPACE, "key": key, "ownerType": "ORDER", "type": TYPES.get(key, TEXT)}
            for key, name in NAMES.items()
        }
        answer = self._admin.graphql("define the metafields", DEFINE, asked, in_part=True)
        errors = (error for key in answer.data for error in part(answer.data, key).get("userErrors") or ())
        return [str(error["message"]) for error in errors if error["code"] != SETTLED]

    def tags_of(self, shopify_id: int) -> list[str] | None:
        """Return all tags of an order, ours and everybody's; None: Shopify shows no such order."""
        found = self._admin.graphql("read the order's tags", TAGS, {"id": _gid(shopify_id)}).data
        return list(found["order"]["tags"]) if part(found, "order") else None

    def write(self, shopify_id: int, asked: Difference) -> WriteAnswer:
        """Take tags from an order, add one, and set metafields; each at most, and only what is named."""
        order = _gid(shopify_id)
        fields = [
            {"ownerId": order, "namespace": NAMESPACE, "key": key, "type": TYPES.get(key, TEXT), "value": value}
            for key, value in asked.fields.items()
        ]
        answer = self._admin.graphql(
            "write to the order",
            WRITE,
            {
                **{"id": order, "remove": list(asked.remove), "add": [asked.add], "fields": fields},
                **{"removes": bool(asked.remove), "adds": bool(asked.add), "sets": bool(fields)},
            },
        )
        refused = {name: words for name in answer.data if (words := answer.objections(name))}
        return WriteAnswer(refused, seconds_until_half_full(answer.cost), answer.call)


def _gid(shopify_id: int) -> str:
    return f"gid://shopify/Order/{shopify_id}"

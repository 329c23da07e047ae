"""The address that an order ships to, by GraphQL, whichever API the shop's orders are asked for by.

``orderUpdate`` takes an address as a whole: a field that is left out is emptied. So what nobody corrects is read just
before and sent with it: company, phone, and the name unless another was given. Shopify takes it also when the parcel
has left; whether it has is read too.

Source: Shopify's GraphQL reference for orderUpdate, MailingAddressInput and OrderDisplayFulfillmentStatus. Its refusals
have no codes; their words were recorded from a shop on 2026-04.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.characters import one_line
from ordercall.domain.places.addresses import Address, Shown, first_and_last
from ordercall.providers.json_values import part
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.order_shape import FULFILMENT, fulfilment
from ordercall.providers.shopify.payload import LONGEST_TEXT

PACKED = frozenset({"IN_PROGRESS", "PENDING_FULFILLMENT"})
"""Somebody packs the order, or was asked to."""

KEPT = ("firstName", "lastName", "company", "phone")
"""What an address holds beside the place, by Shopify's names."""

PLACE = "firstName lastName company address1 address2 city provinceCode zip countryCodeV2 phone"
READ = f"""
query address($id: ID!) {{
  order(id: $id) {{ cancelledAt {FULFILMENT} shippingAddress {{ {PLACE} }} }}
}}
"""
CORRECT = f"""
mutation correctAddress($id: ID!, $address: MailingAddressInput!) {{
  orderUpdate(input: {{id: $id, shippingAddress: $address}}) {{
    order {{ shippingAddress {{ {PLACE} }} }}
    userErrors {{ field message }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddressInShopify(Shown):
    """An order with its address as Shopify shows them now. ``kept``: what an address holds beside the place."""

    kept: Mapping[str, str]


class ShopAddresses:
    """Speaks to one shop about addresses. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin) -> None:
        self._admin = admin

    def read(self, shopify_id: int) -> AddressInShopify | None:
        """Return the order as it is now; None: there is none that this app is shown.

        Raises:
            CredentialsRefused, ProviderRefused: also when a part of the address is hidden from this app: sending the
                rest would empty it.
        """
        order = part(self._admin.graphql("read the address", READ, {"id": _gid(shopify_id)}).data, "order")
        if not order:
            return None
        found, status = part(order, "shippingAddress"), order.get("fulfillment_status")
        return AddressInShopify(
            place=_place(found),
            is_cancelled=order.get("cancelledAt") is not None,
            fulfilment=fulfilment(order),
            is_packed=status in PACKED,
            kept={name: found.get(name) or "" for name in KEPT},
        )

    def correct(self, shopify_id: int, wanted: Address, kept: Mapping[str, str]) -> Address | None:
        """Give the order another address; return it as Shopify has it then, where the answer tells.

        Raises:
            ProviderRefused: also when Shopify says in its answer why it will not.
        """
        asked = {"id": _gid(shopify_id), "address": _input(wanted, kept)}
        answer = self._admin.mutate("correct the address", CORRECT, asked)
        found = part(answer.data, "order", "shippingAddress")
        return _place(found) if found else None


def _input(wanted: Address, kept: Mapping[str, str]) -> dict[str, str]:
    names = (kept["firstName"], kept["lastName"])
    first, last = first_and_last(wanted.name or " ".join(filter(None, names))) if wanted.name or not names[1] else names
    fields = {
        **kept,
        "firstName": first,
        "lastName": last,
        "address1": wanted.address1,
        "address2": wanted.address2,
        "city": wanted.city,
        "provinceCode": wanted.province,
        "zip": wanted.zip,
        "countryCode": wanted.country,
    }
    return {name: value for name, value in fields.items() if value}


def _place(found: Mapping[str, Any]) -> Address:
    """Return the place with its texts as those of orders are taken in, so that both can be compared."""

    def told(*names: str) -> str:
        return one_line(" ".join(filter(None, map(found.get, names))), LONGEST_TEXT)

    return Address(
        name=told("firstName", "lastName"),
        address1=told("address1"),
        address2=told("address2"),
        city=told("city"),
        province=told("provinceCode"),
        zip=told("zip"),
        country=told("countryCodeV2"),
    )


def _gid(shopify_id: int) -> str:
    return f"gid://shopify/Order/{shopify_id}"

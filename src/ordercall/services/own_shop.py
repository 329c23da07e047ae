"""Which shop is ours. One app may be in several, and signs the webhooks of all of them with one secret.

The domain of a delivery stands in a header. Where it is not the one that is set, only Shopify can tell a shop that was
renamed from another one.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from ordercall.config import SANDBOX_STORE
from ordercall.storage.records import shop_names

OTHER_SHOP = (
    "It is about another shop than SHOPIFY_STORE_DOMAIN. If the shop was renamed, the next look at it shows that; "
    "without Shopify's credentials, set SHOPIFY_STORE_DOMAIN to its new name."
)


DOMAINS = ".myshopify.com"
AROUND = re.compile(r"^https?://|[.]?(?::\d+)?(?:/.*)?$")
"""What an address has around its domain."""


def domain_of(store: str) -> str:
    """Return the whole domain of a store's name; nothing where no store is set."""
    return f"{store}{DOMAINS}" if store else ""


def is_of_another(tx: Connection, shop: str, own: str) -> bool:
    """Return whether a domain is another shop's. Where either is not known nobody can tell, and it is taken for ours.

    So is the sandbox's, which is nobody's shop: who has our secret tries this installation with its orders.

    Args:
        shop: as a delivery names it.
        own: the domain that is set.
    """
    named = (AROUND.sub("", shop.strip().lower()) or shop).removesuffix(DOMAINS)
    if not own or named in ("", SANDBOX_STORE, own.removesuffix(DOMAINS)):
        return False
    return f"{named}{DOMAINS}" not in shop_names.same_shop(tx, own)

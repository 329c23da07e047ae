"""What a scene is, how one gets there, and where all of them are entered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any

import busy_day
from busy_day import order_id
from chromium import NARROW, WIDE
from complaints import Complaints
from playwright.sync_api import Page

from ordercall.domain.parcels.shipping import Shipping
from ordercall.domain.policy.rules import Policy
from ordercall.storage.records import policies
from web_app import Shop

Open = Callable[[Page, Shop], None]
Fill = Callable[[Shop], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """How one gets there.

    Args:
        open: leads a logged-in person's page to it.
        fill: what the shop holds before.
        complaints: what the browser says about it, as texts that its messages hold.
        narrow: it exists on small screens only.
    """

    open: Open
    fill: Fill
    complaints: tuple[str, ...] = ()
    narrow: bool = False


SCENES: dict[str, Scene] = {}


def enter(scene: Scene, page: Page, shop: Shop, complaints: Complaints) -> None:
    """Fill the shop and lead the page into the scene, at once and without motion."""
    complaints.expect(*scene.complaints)
    scene.fill(shop)
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(NARROW if scene.narrow else WIDE)
    scene.open(page, shop)
    page.evaluate("scrollTo(0, 0)")
    page.clock.resume()


def scene(fill: Fill = busy_day.fill, **kind: Any) -> Callable[[Open], Open]:
    """Enter a function as the scene of its name."""

    def enter(open_it: Open) -> Open:
        SCENES[open_it.__name__.replace("_", "-")] = Scene(open_it, fill, **kind)
        return open_it

    return enter


def nothing(_shop: Shop) -> None:
    """Leave the shop without an order."""


def two_weeks(shop: Shop) -> None:
    busy_day.fill(shop, history=True)


def free_rules(shop: Shop) -> None:
    """Have a busy day in a shop whose environment holds none of the rules about calls."""
    busy_day.fill(shop)
    with shop.db.begin() as tx:
        policies.publish(tx, Policy(), {}, by="settings", changed=["The first version."], now=shop.now)


def a_pickup(shop: Shop) -> None:
    """Have the courier come at five, and leave two parcels behind yesterday, of one a part."""
    busy_day.fill(shop)
    with shop.db.begin() as tx:
        policy = Policy(shipping=Shipping(pickup=time(17)))
        policies.publish(tx, policy, {}, by="settings", changed=["The first version."], now=shop.now)
    confirmed = shop.rows("SELECT shopify_id FROM orders WHERE confirmation_status = 'Success' ORDER BY shopify_id")
    for days, (shopify_id,) in enumerate(confirmed[:2], start=1):
        answered_at = shop.now.timestamp() - days * 86_400
        shop.change(shopify_id, status_changed_at=answered_at, fulfillment_status="partial" if days == 1 else None)


def order(number: int, query: str = "") -> str:
    return f"/orders/{order_id(number)}{query}"

"""What Shopify is asked for so that an order is held, or is not: one reading, and one request for each hold.

What a request answers shows the fulfilment order as it stands then, so it is read again only where that does not prove
what was wished: two questions for an order of one fulfilment order. Two answers of one moment may still belie each
other, where others split or move what is held; that comes by webhooks of its own and with each reading of the shop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from ordercall.domain.activity import ProviderCall
from ordercall.domain.parcels.holds import FulfilmentOrder, cannot_be_held, is_covered, to_hold, to_release
from ordercall.errors import ProviderRefused
from ordercall.providers.shopify.holds import ShopHolds

type Step = Callable[[], FulfilmentOrder | None]
"""A hold or a release that Shopify is asked for; it returns what was changed, if Shopify shows it."""

ROUNDS = 2
"""So often steps are taken in one go: once more where fulfilment orders changed meanwhile, and never a loop."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of it: the fulfilment orders as they are shown last, and what Shopify said against the last steps."""

    found: list[FulfilmentOrder]
    refusals: list[ProviderRefused]

    @property
    def held(self) -> set[str]:
        return {one.id for one in self.found if one.ours}

    def out_of_sight(self, held: Collection[str]) -> set[str]:
        """Return what was held and is not shown any more, as without its scope: of that nobody knows whether it is."""
        return set(held) - {one.id for one in self.found}

    @property
    def words(self) -> str | None:
        """What was said against it, or what Shopify offers no hold for; None: nothing speaks against another try."""
        said = [str(refusal) for refusal in self.refusals]
        said += [f"Shopify offers no hold for what is {one.status}." for one in cannot_be_held(self.found)]
        return " ".join(dict.fromkeys(said)) or None

    @property
    def call(self) -> ProviderCall | None:
        return next((refusal.call for refusal in self.refusals), None)


def bring_about(shopify: ShopHolds, shopify_id: int, *, free: bool, found: list[FulfilmentOrder] | None = None) -> Seen:
    """Ask for what is missing until nothing is, and return what is there then.

    Args:
        free: nothing of ours is to stay on the order; else all of it is to be held.
        found: its fulfilment orders, where they were read a moment ago.

    Raises:
        ProviderBusy, OutcomeUnknown, CredentialsRefused: what was asked for already is no second hold.
    """
    refusals: list[ProviderRefused] = []
    for _ in range(ROUNDS):
        found = shopify.of_order(shopify_id) if found is None else found
        steps = _steps(shopify, found, free=free)
        if not steps:
            return Seen(found, [])
        shown, refusals = _take(steps)
        after = [shown.get(one.id, one) for one in found]
        if len(shown) == len(steps) and _is_so(after, free=free):
            return Seen(after, [])
        found = None
    return Seen(shopify.of_order(shopify_id), refusals)


def _steps(shopify: ShopHolds, found: list[FulfilmentOrder], *, free: bool) -> list[Step]:
    if free:
        return [partial(shopify.release, one) for one in to_release(found)]
    return [partial(shopify.hold, one) for one in to_hold(found)]


def _take(steps: list[Step]) -> tuple[dict[str, FulfilmentOrder], list[ProviderRefused]]:
    """Take the steps; return what Shopify shows of each, by its id, and what it refused."""
    shown: dict[str, FulfilmentOrder] = {}
    refusals: list[ProviderRefused] = []
    for step in steps:
        try:
            if one := step():
                shown[one.id] = one
        except ProviderRefused as refusal:
            refusals.append(refusal)
    return shown, refusals


def _is_so(found: list[FulfilmentOrder], *, free: bool) -> bool:
    return not any(one.ours for one in found) if free else is_covered(found)

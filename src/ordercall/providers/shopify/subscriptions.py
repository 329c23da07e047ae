"""Which webhooks an app asks Shopify for, and what must change about those that it has.

An app sees the subscriptions that it made through the API. It never sees those that a person made under Settings,
Notifications, nor those that stand in the app's own configuration; and only there can the privacy topics stand.

Source: Shopify's reference for webhookSubscriptions, and its page on subscribing to webhooks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from ordercall.domain.topics import NAME_FULFILMENT_ORDERS, Topic
from ordercall.providers.shopify.scopes import HOLD_OWN, NEEDED_TO_SEE_RETURNS, missing_among

PATH = "/shopify/webhook"
ASKED_FOR = (
    Topic.CREATED,
    Topic.UPDATED,
    Topic.EDITED,
    Topic.CANCELLED,
    Topic.PAID,
    Topic.FULFILLED,
    Topic.REFUNDED,
    Topic.DELETED,
    Topic.UNINSTALLED,
)
"""That a parcel left in part comes as orders/updated as well."""

OF_PARCELS = (Topic.DELIVERY, Topic.RETURN_CLOSED, Topic.RETURN_REOPENED)
"""What only an app with the scopes for parcels asks for: Shopify refuses it without one, or it leads to nothing."""

OF_HOLDS = tuple(sorted(NAME_FULFILMENT_ORDERS))
"""What only an app asks for that holds parcels, and is shown fulfilment orders."""

JSON = "JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One webhook that the app asked for.

    Attributes:
        id: Shopify's global id.
        topic: in the spelling of :class:`Topic`.
        uri: the address that its webhooks go to.
        api_version: the version that its bodies are written in.
        include_fields: the only fields of a body that are sent; empty: all.
        filter: what a body must match to be sent; empty: everything is.
    """

    id: str
    topic: str
    uri: str
    api_version: str
    format: str = JSON
    include_fields: tuple[str, ...] = ()
    filter: str = ""

    @property
    def limits(self) -> str:
        """Why not every order comes whole and in JSON, in a few words for each cause; empty where every one does."""
        causes = (
            (f"the body is {self.format} and not JSON, so none can be read", self.format != JSON),
            (f"only the fields {', '.join(self.include_fields)} are sent", self.include_fields),
            (f"only what matches the filter {self.filter} is sent", self.filter),
        )
        return ", ".join(words for words, applies in causes if applies)


class Deed(StrEnum):
    """What has to be done about a topic."""

    NOTHING = "nothing"
    CREATE = "create"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Step:
    """What one topic needs. ``subscription`` is the one that is right or must be repaired; None where there is none."""

    topic: Topic
    deed: Deed
    subscription: Subscription | None = None

    @property
    def in_words(self) -> str:
        """What is there; addresses stand in it."""
        had = self.subscription
        if had is None:
            return "missing"
        return ", ".join(filter(None, (f"goes to {had.uri}", had.limits)))


def webhook_address(public_url: str) -> str:
    """Return where webhooks go of an installation that is reached at *public_url*, with or without their path."""
    return public_url.rstrip("/").removesuffix(PATH) + PATH


def topics_for(scopes: Collection[str], *, holds: bool) -> list[Topic]:
    """Return the topics that an app with these scopes asks for.

    Args:
        holds: parcels are held.
    """
    of_parcels = () if missing_among(NEEDED_TO_SEE_RETURNS, scopes) else OF_PARCELS
    of_holds = OF_HOLDS if holds and not missing_among([HOLD_OWN], scopes) else ()
    return [*ASKED_FOR, *of_parcels, *of_holds]


def plan(subscriptions: Iterable[Subscription], address: str, topics: Iterable[Topic] = ASKED_FOR) -> list[Step]:
    """Return for each topic what must be done so that all of it goes to *address*.

    A subscription beside one that is right is left alone: it may serve another installation.
    """
    mine = list(subscriptions)
    return [_step(topic, [each for each in mine if each.topic == topic], address) for topic in topics]


def _step(topic: Topic, subscriptions: list[Subscription], address: str) -> Step:
    here = [each for each in subscriptions if each.uri.rstrip("/") == address]
    right = next((each for each in here if not each.limits), None)
    if right:
        return Step(topic, Deed.NOTHING, right)
    wrong = next(iter(here or subscriptions), None)
    return Step(topic, Deed.REPAIR if wrong else Deed.CREATE, wrong)

"""Which orders become one call: those of one customer that wait at the moment at which a card is made.

A wrong joint call is worse than two rings, so every doubt keeps orders apart.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ordercall.domain.calls.decision import Decision
from ordercall.domain.orders.order import Status

MOST_TOGETHER = 5
"""Orders of one call: nobody keeps more apart on the phone, and a phone with more is a dealer's or a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An order whose call is planned and not on any list.

    Attributes:
        decision: about its call, taken now.
        told_once: what a card has room for once, such as the customer's name, the address and the currency.
        contact_id: of the card that was made for it; None: there is none.
        on_card: the orders that wait or waited for a call by this card, where it is that of a joint call.
        card_tells_of: so many orders: one may have got another card since.
    """

    shopify_id: int
    phone: str | None
    status: Status | None
    decision: Decision
    told_once: tuple[str, ...] = ()
    contact_id: str | None = None
    on_card: frozenset[int] = frozenset()
    card_tells_of: int = 1

    @property
    def has_its_own_card(self) -> bool:
        """Whether it is rung by the card that it has, and by no other: a card cannot be written anew."""
        return self.contact_id is not None and self.card_tells_of < 2


def called_with(first: Waiting, others: Sequence[Waiting], *, announced: Collection[int] | None = None) -> list[int]:
    """Return those of the other orders that one call is about together with the first, the oldest ids first.

    Args:
        announced: the orders that a card tells of which an earlier request may have made: no others join them. None: no
            card can have been made.
    """
    fitting = [other.shopify_id for other in others if other.shopify_id != first.shopify_id and _fit(first, other)]
    admitted = fitting if announced is None else [one for one in fitting if one in announced]
    return sorted(admitted)[: MOST_TOGETHER - 1]


def keeps_card(group: Collection[Waiting]) -> bool:
    """Return whether the orders of a call are rung by the card that they have: one that tells of them and no other."""
    if len(group) == 1 and all(one.has_its_own_card for one in group):
        return True
    everybody = frozenset(one.shopify_id for one in group)
    told = {(one.contact_id, one.on_card, one.card_tells_of) for one in group}
    return len(told) == 1 and all(one.on_card == everybody and one.card_tells_of == len(everybody) for one in group)


def _fit(first: Waiting, other: Waiting) -> bool:
    ready = all(
        one.decision.rings and one.status is Status.PLACED and not one.has_its_own_card for one in (first, other)
    )
    return ready and _terms(first) == _terms(other) and first.phone is not None and first.decision.agent is not None


def _terms(one: Waiting) -> tuple[object, ...]:
    decision = one.decision
    return one.phone, one.told_once, decision.language, decision.agent, decision.window, decision.policy

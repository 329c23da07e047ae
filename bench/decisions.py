"""Decisions a second: ``python bench/decisions.py``.

One process, one thread, no database: what ``decide`` takes of the processor for orders that differ, by the policy of
the description and by one with every field in use. A machine that does much else has less of it.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.calls.decision import History, ShopFacts, decide
from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.policy.rules import Agent, Payment, Policy, Table, Tongues, When, Who

NUMBER = 20_000
LEAST = 5_000
"""Decisions a second, below which a queue of ten thousand orders would wait for them."""

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PLACES = (("Gujarat", "GJ"), ("Maharashtra", "MH"), ("தமிழ்நாடு", None), ("Goa", "GA"), (None, None))
AGENTS = tuple(Agent(language=one, agent_id=f"agent-{one}", campaign_id="main") for one in Language)
FULL = Policy(
    who=Who(
        payment=Payment.GATEWAYS,
        gateways=("*cash*", "*cod*"),
        least_due=(("INR", Decimal(200)),),
        countries=("IN", "AE"),
    ),
    when=When(
        week=(*(CallingHours.parse("10:00-19:00"),) * 6, None),
        holidays=frozenset({date(2026, 11, 24), date(2027, 1, 26)}),
        delay=timedelta(minutes=15),
    ),
    tongues=Tongues(table=Table.INDIA),
    agents=AGENTS,
)


def orders() -> list[OrderFacts]:
    return [
        OrderFacts(
            shopify_id=number,
            customer_phone=None if number % 29 == 0 else "+919000000001",
            state=PLACES[number % 5][0],
            province_code=PLACES[number % 5][1],
            country="IN",
            gateways="Cash on Delivery (COD)" if number % 3 else "razorpay",
            is_cod=bool(number % 3),
            currency="INR",
            total_price=Decimal(number % 5_000),
            placed_at=START + timedelta(seconds=number),
        )
        for number in range(NUMBER)
    ]


def per_second(policy: Policy) -> float:
    """Return how many decisions a second this process takes, each at a moment of its own."""
    found, shop = orders(), ShopFacts(sandboxed=False)
    begun = time.process_time()
    for number, order in enumerate(found):
        now = START + timedelta(seconds=3 * number)
        decide(order, History(came_at=now), shop, policy, now)
    return NUMBER / (time.process_time() - begun)


if __name__ == "__main__":
    for name, policy in (("the description's policy", Policy(agents=AGENTS[:2])), ("every field in use", FULL)):
        rate = per_second(policy)
        print(f"{name}: {rate:,.0f} decisions a second")  # noqa: T201 - a bench tells what it measured
        assert rate >= LEAST

"""The page of refusals: what calls made and saved, and which products, states and pincodes refuse most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.calls.call import Answer
from ordercall.domain.rates import Against, Rate
from ordercall.storage.reads import refusals, spoken
from ordercall.storage.reads.refusals import Calls, Few, Refusals, Talk
from ordercall.web.view.filters import ListQuery
from ordercall.web.view.format import money, number
from ordercall.web.view.page_numbers import Tile
from ordercall.web.view.spoken import why_refused

SHOWN = 50
"""Groups of a table, those that refuse most: more nobody compares."""

TITLES = {"product": "By product", "state": "By state", "pincode": "By pincode"}
STYLES = {Against.ABOVE: "is-high", Against.BELOW: "is-low", Against.WITHIN: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A product, state or pincode. ``low``, ``high``, ``at``: of the scale, in percent; ``href``: what was refused."""

    name: str
    rate: Rate
    against: Against
    style: str
    low: float
    high: float
    at: float
    href: str

    @property
    def between(self) -> str:
        low, high = self.rate.interval
        return f"{100 * low:.0f} to {100 * high:.0f} %"

    @property
    def percent(self) -> str:
        return f"{100 * self.rate.share:.0f} %"


@dataclass(frozen=True, slots=True)
class Table:
    """The groups of one kind that say something, how many more there are of them, and the others as one."""

    kind: str
    title: str
    rows: list[Row]
    more: int
    few: Few


def page(tx: Connection, query: ListQuery, settings: Settings, now: datetime) -> dict[str, Any]:
    """Return what the page shows for the period of a list."""
    period = query.of_period().filter(now)
    found, made = refusals.read(tx, period), refusals.calls_made(tx, period)
    whys, without = why_refused(tx, period)
    of_shop = found.all
    top = _scale_top(found)
    return {
        "of_shop": of_shop,
        "base": 100 * of_shop.share / top if of_shop else 0,
        "top": round(100 * top),
        "tables": [_table(query, found, kind, of_shop, top) for kind in TITLES] if of_shop else [],
        "tiles": _tiles(found, made, refusals.talk_of(tx, period), settings),
        "whys": whys,
        "without_why": without,
        "most_shown": SHOWN,
        "words_read": spoken.MOST_READ,
        "agents": made,
        "looked_at": refusals.LOOKED_AT,
    }


def _table(query: ListQuery, found: Refusals, kind: str, of_shop: Rate, top: float) -> Table:
    groups = sorted(found.by[kind].items(), key=lambda one: (-one[1].share, one[0]))
    rows = [_row(query, kind, name, rate, of_shop, top) for name, rate in groups[:SHOWN]]
    return Table(kind, TITLES[kind], rows, len(groups) - len(rows), found.few.get(kind, Few()))


def _row(query: ListQuery, kind: str, name: str, rate: Rate, of_shop: Rate, top: float) -> Row:
    against, (low, high) = rate.against(of_shop), rate.interval
    href = ListQuery(range=query.range, answer=Answer.REFUSED).link(**{kind: name})
    low, high, at = (100 * min(share / top, 1) for share in (low, high, rate.share))
    return Row(name, rate, against, STYLES[against], low, high, at, href)


def _scale_top(found: Refusals) -> float:
    """Return the end of the scale that all tables share: the next tenth behind the highest interval."""
    ends = [rate.interval[1] for groups in found.by.values() for rate in groups.values()]
    ends += [found.all.share] if found.all else []
    return min((int(10 * max(ends, default=0)) + 1) / 10, 1)


def _tiles(found: Refusals, made: list[Calls], talk: Talk, settings: Settings) -> list[Tile]:
    calls, answered = sum(one.made for one in made), sum(one.answered for one in made)
    not_sent = sum(orders for orders, _ in found.not_sent.values())
    currency = max(found.not_sent, key=lambda one: found.not_sent[one][0], default="INR")
    amounts = [money(amount, name) for name, (_, amount) in found.not_sent.items()]
    share = f"{100 * answered / calls:.0f} % of them" if calls else "no call rang"
    if talk.calls:
        share += f", {number(round(talk.seconds / 60))} min of talk in the {number(talk.calls)} that tell"
    return [
        Tile("Calls", number(calls), _price_of(calls, settings.call_price, currency, "CALL_PRICE")),
        Tile("Answered", number(answered), share),
        Tile("Refused, not sent", number(not_sent), f"worth {' and '.join(amounts)}" if amounts else "none"),
        Tile(*_saved(calls, not_sent, settings, currency)),
    ]


def _price_of(calls: int, price: Decimal | None, currency: str, setting: str) -> str:
    return f"cost {money(calls * price, currency)}" if price is not None else f"{setting} says what one costs"


def _saved(calls: int, not_sent: int, settings: Settings, currency: str) -> tuple[str, str, str]:
    """Return what the parcels would have cost that were not sent, and what is left of it behind the calls."""
    if settings.return_price is None:
        return "Saved", "–", "RETURN_PRICE says what a returned parcel costs"
    saved = not_sent * settings.return_price
    if settings.call_price is None:
        return "Saved", money(saved, currency), "if each had come back; the calls not taken off"
    left = saved - calls * settings.call_price
    return "Saved", money(left, currency), f"if each had come back: {money(saved, currency)} less the calls"

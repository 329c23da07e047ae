"""A list's query string: what it filters by, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from ordercall.domain.calls.call import Answer
from ordercall.domain.calls.calling import Language, Reason
from ordercall.domain.characters import is_kept
from ordercall.domain.orders.order import Status
from ordercall.storage.reads.facets import Facets, Payment
from ordercall.storage.reads.order_filter import OrderFilter, addressed_id
from ordercall.storage.reads.order_lists import Sort
from ordercall.web.choices import read_choice
from ordercall.web.ids import read_id
from ordercall.web.view.contacts import contacts_open
from ordercall.web.view.periods import PERIODS, period_bounds, read_period

OFF_CAMPAIGN, TO_SHIP = "off-campaign", "to-ship"
FACETS = ("state", "payment", "language", "reason", "attempt", "answer", "agent", "product", "pincode")
PARAMETERS = ("status", *FACETS, "q", "range", "hour", "sort", "before", "after")
LONGEST_SEARCH = 100
"""Characters: a name, a phone or an e-mail address is shorter; each three letters of a search are looked up."""

LONGEST_FACET = 255
"""Characters: as long as the title of a product may be."""

LONGEST_ORIGIN = 1_500
"""Characters of a list's query string as other pages carry it along: a letter of an Indian script takes nine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """The query string of a list, parsed. What cannot be read counts as not given.

    ``status``: one of the four, or a list of work that has a tab as well. ``range``: a period, by its name or its days.
    ``usual_range``: that of a page whose URL has none. ``report``: whether this is the list of a status' report, whose
    URL has the status in its path. The others are as in :class:`ordercall.storage.reads.facets.Facets`, as words.
    """

    status: str = ""
    state: str = ""
    payment: str = ""
    language: str = ""
    reason: str = ""
    attempt: str = ""
    answer: str = ""
    agent: str = ""
    product: str = ""
    pincode: str = ""
    q: str = ""
    range: str = "today"
    hour: int | None = None
    sort: Sort = Sort.NEWEST
    before: int | None = None
    after: int | None = None
    usual_range: str = "today"
    report: bool = False

    @classmethod
    def read(cls, args: MultiDict[str, str], *, report: Status | None = None) -> ListQuery:
        """Read a list's URL, or the form fields that carry it elsewhere; *report*: the status in a report's path."""
        report = report or status_of(args.get("report", ""))
        status = report or read_choice(args.get("status"), (*Status, OFF_CAMPAIGN, TO_SHIP)) or ""
        hour = args.get("hour", "")
        usual = "14d" if report else "today"
        usual_sort = Sort.usual(to_ship=status == TO_SHIP)
        return cls(
            status=status,
            state=_fact(args.get("state", "")),
            payment=read_choice(args.get("payment"), Payment) or "",
            language=read_choice(args.get("language"), Language) or "",
            reason=read_choice(args.get("reason"), Reason) or "",
            answer=read_choice(args.get("answer"), Answer) or "",
            attempt=_small(args.get("attempt")),
            agent=_fact(args.get("agent", "")),
            product=_fact(args.get("product", "")),
            pincode=_fact(args.get("pincode", "")),
            q=_sought(args.get("q", "")),
            range=read_period(args) or usual,
            hour=int(hour) if hour.isdecimal() and hour.isascii() and len(hour) <= 2 and int(hour) < 24 else None,
            sort=read_choice(args.get("sort"), Sort) or usual_sort,
            before=read_id(args.get("before")),
            after=read_id(args.get("after")),
            usual_range=usual,
            report=report is not None,
        )

    @classmethod
    def of_origin(cls, origin: str) -> ListQuery:
        """Read a list's query string that was carried along to another page."""
        return cls.read(MultiDict(parse_qsl(origin.lstrip("?")[:LONGEST_ORIGIN])))

    def filter(self, now: datetime) -> OrderFilter:
        """Return which orders this is about.

        Args:
            now: the present in the zone of the pages; days begin at its midnight.
        """
        start, end = period_bounds(self.span, now)
        if start is not None and self.one_hour is not None:
            start += timedelta(hours=self.one_hour)
            end = start + timedelta(hours=1)
        return OrderFilter(
            status=Status.of(self.status),
            off_campaign=self.status == OFF_CAMPAIGN,
            to_ship=self.to_ship,
            facets=self.facets,
            text=self.q,
            contacts=contacts_open(),
            start=start.timestamp() if start else None,
            end=end.timestamp() if end else None,
            by_change=self.by_change,
        )

    @property
    def facets(self) -> Facets:
        """What the list is filtered by beside status, text and period."""
        return Facets(
            state=self.state,
            payment=Payment(self.payment) if self.payment else None,
            language=Language(self.language) if self.language else None,
            reason=Reason(self.reason) if self.reason else None,
            answer=Answer(self.answer) if self.answer else None,
            attempt=int(self.attempt) if self.attempt else None,
            agent=self.agent,
            product=self.product,
            pincode=self.pincode,
        )

    @property
    def facet_names(self) -> tuple[str, ...]:
        """The parameters of all that is such a filter."""
        return FACETS

    @property
    def to_ship(self) -> bool:
        """Whether this is the list of what waits for its parcel."""
        return self.status == TO_SHIP

    @property
    def span(self) -> str:
        """The period that the orders are of: a parcel is not less late because its order is of another day."""
        return "all" if self.to_ship else self.range

    @property
    def by_change(self) -> bool:
        """Whether the period is about the day of the status: the report of returns counts what came back in it."""
        return self.report and self.status == Status.RETURNED

    @property
    def one_hour(self) -> int | None:
        """The hour that the list is limited to; only that of a single day on the dashboard can be."""
        return self.hour if self.span in ("today", "yesterday") and not self.report else None

    @property
    def hour_named(self) -> str:
        """That hour as "14:00–15:00", or nothing."""
        return "" if self.one_hour is None else f"{self.one_hour:02d}:00–{(self.one_hour + 1) % 24:02d}:00"

    @property
    def ends_with_the_day(self) -> bool:
        """Whether its period is another one tomorrow."""
        return self.span in PERIODS and self.span != "all"

    def without(self, name: str) -> ListQuery:
        """Return the list without one of its filters."""
        return replace(self, **{name: ""})  # type: ignore[arg-type]

    @property
    def unfiltered(self) -> ListQuery:
        """The list without any of them."""
        return replace(self, **dict.fromkeys(FACETS, ""))  # type: ignore[arg-type]

    def of_period(self) -> ListQuery:
        """Return the list of all orders of this period, which the numbers above the list count."""
        return ListQuery(range=self.range, usual_range=self.usual_range)

    def link(self, **changes: object) -> str:
        """Return the query string of this list with changes, at its first page unless *changes* name another."""
        params = self.params(**changes)
        params.pop("report", None)
        return f"?{urlencode(params)}"

    @property
    def origin(self) -> str:
        """The query string that other pages carry along, to lead back to the same page of the list."""
        return f"?{urlencode(self.params(**self.here))}"

    @property
    def here(self) -> dict[str, int | None]:
        """Which page of the list this is, as changes for :meth:`link` and :meth:`params`."""
        return {"before": self.before, "after": self.after}

    def params(self, **changes: object) -> dict[str, object]:
        """Return the query parameters of this list with changes, for a form or another page; defaults are left out."""
        fresh = replace(self, before=None, after=None)
        wanted = replace(fresh, **changes)  # type: ignore[arg-type]
        if "sort" not in changes and self.sort is Sort.usual(to_ship=self.to_ship):
            wanted = replace(wanted, sort=Sort.usual(to_ship=wanted.to_ship))
        values = {name: getattr(wanted, name) for name in PARAMETERS}
        if wanted.sort is Sort.usual(to_ship=wanted.to_ship):
            del values["sort"]
        if wanted.report:
            values = {"report": str(values.pop("status")).lower()} | values
        if wanted.usual_range == wanted.range == "today":
            del values["range"]
        return {name: value for name, value in values.items() if value not in (None, "")}


def status_of(slug: str) -> Status | None:
    """Return the status of a report's address, such as ``placed``, or None."""
    return next((status for status in Status if status.lower() == slug), None)


def _sought(text: str) -> str:
    """Return what is searched for. Of a long address the order's id is left, which its end would be cut from."""
    line = " ".join(_printable(text).split())
    return line if len(line) <= LONGEST_SEARCH else str(addressed_id(line) or line[:LONGEST_SEARCH])


def _fact(text: str) -> str:
    """Return what an order is to have, written as it stands in one."""
    return _printable(" ".join(text.split()))[:LONGEST_FACET]


def _small(text: str | None) -> str:
    number = read_id(text)
    return str(number) if number and number < 100 else ""


def _printable(text: str) -> str:
    """Return the text with each character that no order can contain replaced by one that no order contains."""
    return "".join(each if is_kept(each) or each.isspace() else "\N{REPLACEMENT CHARACTER}" for each in text)

"""From a page's query string to what it is about, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from ordercall.domain.characters import is_kept
from ordercall.domain.orders import Status
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import Sort
from ordercall.web.ids import read_id

OFF_CAMPAIGN = "off-campaign"
PERIODS = {
    "today": "Today",
    "yesterday": "Yesterday",
    "7d": "Last 7 days",
    "14d": "Last 14 days",
    "30d": "Last 30 days",
    "all": "All dates",
}
PERIODS_OF_REPORT = {key: name for key, name in PERIODS.items() if key != "all"}
LONGEST_SEARCH = 100
"""A name, a phone or an e-mail address is shorter; of a search every three letters are looked up."""

LONGEST_ORIGIN = 1_500
"""Of a list's address as others carry it along: a letter of an Indian script takes nine signs there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What stands in the address of a list. Whatever cannot be read counts as not given.

    ``usual_range`` is the period of a page whose address names none. ``report`` tells the list of a status' report,
    whose address has the status in its path.
    """

    status: str = ""
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
        """Read a list's address, or the fields that carry it elsewhere; *report*: the status in a report's path."""
        report = report or status_of(args.get("report", ""))
        status, period, sort = report or args.get("status", ""), args.get("range", ""), args.get("sort", "")
        hour = args.get("hour", "")
        usual = "14d" if report else "today"
        return cls(
            status=status if status in {*Status, OFF_CAMPAIGN} else "",
            q=" ".join(_printable(args.get("q", "")).split())[:LONGEST_SEARCH],
            range=period if period in (PERIODS_OF_REPORT if report else PERIODS) else usual,
            hour=int(hour) if hour.isdecimal() and hour.isascii() and len(hour) <= 2 and int(hour) < 24 else None,
            sort=Sort(sort) if sort in set(Sort) else Sort.NEWEST,
            before=read_id(args.get("before")),
            after=read_id(args.get("after")),
            usual_range=usual,
            report=report is not None,
        )

    def filter(self, now: datetime) -> OrderFilter:
        """Return which orders this is about.

        Args:
            now: the present in the zone of the pages; days begin at its midnight.
        """
        start, end = period_bounds(self.range, now)
        if start is not None and self.one_hour is not None:
            start += timedelta(hours=self.one_hour)
            end = start + timedelta(hours=1)
        return OrderFilter(
            status=Status.of(self.status),
            off_campaign=self.status == OFF_CAMPAIGN,
            text=self.q,
            start=start.timestamp() if start else None,
            end=end.timestamp() if end else None,
            by_change=self.by_change,
        )

    @property
    def by_change(self) -> bool:
        """Whether the period is about the day of the status: whoever asks what was returned means what came back."""
        return self.report and self.status == Status.RETURNED

    @property
    def one_hour(self) -> int | None:
        """The hour that the list is narrowed to; only a single day of the dashboard can be."""
        return self.hour if self.range in ("today", "yesterday") and not self.report else None

    @property
    def hour_named(self) -> str:
        """That hour as "14:00–15:00", or nothing."""
        return "" if self.one_hour is None else f"{self.one_hour:02d}:00–{(self.one_hour + 1) % 24:02d}:00"

    def of_period(self) -> ListQuery:
        """Return the list of all orders of this period: what the numbers above the list are about."""
        return ListQuery(range=self.range, usual_range=self.usual_range)

    def link(self, **changes: object) -> str:
        """Return the query string of this list with changes; a change of anything but the page begins at the top."""
        said = self.said(**changes)
        said.pop("report", None)
        return f"?{urlencode(said)}"

    @property
    def origin(self) -> str:
        """The list as other pages carry it along, to lead back to the same page of it."""
        return f"?{urlencode(self.said(**self.here))}"

    @property
    def here(self) -> dict[str, int | None]:
        """Which page of the list this is, as changes for :meth:`link` and :meth:`said`."""
        return {"before": self.before, "after": self.after}

    def said(self, **changes: object) -> dict[str, object]:
        """Return what a form or another page must say to mean this list with changes; what is usual is left out."""
        fresh = replace(self, before=None, after=None)
        wanted = replace(fresh, **changes)  # type: ignore[arg-type]
        values = {name: getattr(wanted, name) for name in ("status", "q", "range", "hour", "sort", "before", "after")}
        if wanted.report:
            values = {"report": str(values.pop("status")).lower()} | values
        if wanted.usual_range == wanted.range == "today":
            del values["range"]
        return {name: value for name, value in values.items() if value not in (None, "", Sort.NEWEST)}


def status_of(slug: str) -> Status | None:
    """Return the status of a report's address, such as ``placed``, or None."""
    return next((status for status in Status if status.lower() == slug), None)


def period_bounds(period: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the [start, end) of a period, in the zone of *now*; None leaves that side open."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "all":
        return None, None
    if period == "yesterday":
        return midnight - timedelta(days=1), midnight
    days = int(period.removesuffix("d")) if period.endswith("d") else 1
    return midnight - timedelta(days=days - 1), midnight + timedelta(days=1)


def _printable(text: str) -> str:
    """Return the text as one searches for it: what no order can hold is replaced by a sign that none holds."""
    return "".join(sign if is_kept(sign) or sign.isspace() else "\N{REPLACEMENT CHARACTER}" for sign in text)

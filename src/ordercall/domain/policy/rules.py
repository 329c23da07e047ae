"""The rules of a shop about its calls: whom it has called, when, in which language and by which agent.

Each field's default is what the description has, with the calling hours. A version never changes once it is published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from ordercall.domain.calls.calling import INDIA, SHORTEST_WINDOW, CallingHours, CallWindow, Language
from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.orders.payment import is_paid_by
from ordercall.domain.parcels.holds import HoldRules
from ordercall.domain.parcels.shipping import Shipping
from ordercall.domain.parcels.write_back import WriteBack
from ordercall.domain.phones.choosing import PhoneKind
from ordercall.domain.places.provinces import indian_province, is_india
from ordercall.domain.places.states_of_india import SPOKEN

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

LOOKED_AHEAD = 400
"""Days in which an opening is looked for: more than a year, so that a feast of each year ends within them."""

KNOWN_TIMES = 2_048
"""Times of day whose moments are kept: the opening and the closing of each day of two years and more."""

HINDI_PROVINCE = "GJ"
"""The code of Gujarat in Shopify, whatever the language of the checkout."""


OF_THE_ENVIRONMENT = {Language.ENGLISH: "KALIMERA_AGENT_ID_EN", Language.HINDI: "KALIMERA_AGENT_ID_HI"}
"""The languages whose agents the environment may name; a shop always has them, be it without an agent's id."""


class Payment(StrEnum):
    """Which orders are called, by how they are paid."""

    ALL = "all"
    TO_COLLECT = "to_collect"  # only those of which something is still to be collected at the door
    GATEWAYS = "gateways"  # only those that are paid through one of the named gateways


class Table(StrEnum):
    """Which table says in which language a place is called."""

    DESCRIPTION = "description"  # Gujarat hears Hindi, everybody else English
    INDIA = "india"  # the language of each state
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whose customers are called.

    Attributes:
        gateways: names of gateways, in which ``*`` stands for anything; case and blanks do not matter.
        least_due: by currency, what at least must be due. One that is not named has no such limit.
        countries: the ISO codes of the countries that are called. None named: all.
        phones_not_called: the kinds of numbers that are not called.
        max_age: how long after it was placed an order may reach us and be called by itself.
    """

    payment: Payment = Payment.ALL
    gateways: tuple[str, ...] = ()
    least_due: tuple[tuple[str, Decimal], ...] = ()
    countries: tuple[str, ...] = ()
    phones_not_called: tuple[PhoneKind, ...] = ()
    max_age: timedelta = timedelta(hours=24)

    def names_gateway_of(self, order: OrderFacts) -> bool:
        """Return whether one of the order's gateways is named."""
        return is_paid_by(order.gateways, self.gateways)

    def names_country_of(self, order: OrderFacts) -> bool:
        """Return whether the order ships to a country that is named; one without a country ships within India."""
        country = (order.country or "").strip().upper()
        return country in self.countries or ("IN" in self.countries and is_india(country))


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When customers may be rung.

    Attributes:
        week: the hours of each day, from Monday on; None: nobody is rung on that day.
        holidays: days of the zone on which nobody is rung.
        window: how long a campaign rings, from when it was set.
        shortest: with less than this left before closing time an order waits for the next opening.
        delay: how long after an order reached us it is called by itself.
        paused: nobody is put on a campaign. No version says so: a pause begins and ends beside them.
    """

    week: tuple[CallingHours | None, ...] = (CallingHours(time(9), time(21)),) * len(WEEK)
    holidays: frozenset[date] = frozenset()
    zone: ZoneInfo = INDIA
    window: timedelta = timedelta(hours=2)
    shortest: timedelta = SHORTEST_WINDOW
    delay: timedelta = timedelta(0)
    paused: bool = False

    @property
    def always(self) -> bool:
        """Whether customers may be rung at every hour of every day."""
        return not self.holidays and all(hours is not None and hours.always for hours in self.week)

    @property
    def same_each_day(self) -> CallingHours | None:
        """The hours, where each day of the week has the same."""
        return self.week[0] if len(set(self.week)) == 1 else None

    @property
    def in_words(self) -> str:
        """The hours of each day, days with the same ones together: "Monday to Friday 09:00-21:00, Saturday closed"."""
        if self.same_each_day:
            return str(self.same_each_day)
        runs: list[list[int]] = []
        for day, hours in enumerate(self.week):
            if runs and self.week[runs[-1][0]] == hours:
                runs[-1].append(day)
            else:
                runs.append([day])
        return ", ".join(f"{_days(run)} {self.week[run[0]] or 'closed'}" for run in runs)

    def closing(self, moment: datetime) -> datetime:
        """Return when the open hours end that hold this moment, or would have held it; at the earliest one window on.

        Hours that go on past midnight end on the next day.
        """
        day = moment.astimezone(self.zone).date()
        hours = self._hours_on(day)
        if hours is None:
            return min(_shown(day, time(0), self.zone))
        end = self._end(day, hours)
        while hours.closes is None and end - moment.astimezone(UTC) < self.window:
            day += timedelta(days=1)
            following = self._hours_on(day)
            if following is None or following.opens != time(0):
                break
            hours, end = following, self._end(day, following)
        return end.astimezone(self.zone)

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return *moment* if calls may start then, else the next time at which they may; None: not within a year."""
        start = _aware(moment).astimezone(UTC)
        today = start.astimezone(self.zone).date()
        for days in range(LOOKED_AHEAD):
            day = today + timedelta(days=days)
            hours = self._hours_on(day)
            opening = (start if hours is None else max(start, self._begin(day, hours))).astimezone(self.zone)
            if hours is None or opening.date() != day:  # a change of clocks may skip all of a day's hours
                continue
            if self.closing(opening).astimezone(UTC) - opening.astimezone(UTC) >= self.shortest:
                return opening
        return None

    def window_from(self, moment: datetime) -> CallWindow:
        """Return the time from *moment* in which a campaign may ring, cut at closing time.

        Args:
            moment: aware datetime, any zone, inside the calling hours.

        Returns:
            Aware start and end in the zone of the hours, in whole seconds.

        Raises:
            ValueError: *moment* is naive or outside the calling hours; a call at the wrong hour reaches a real person.
        """
        start = _aware(moment).astimezone(UTC).replace(microsecond=0)
        if self.next_opening(moment) != moment:
            raise ValueError(f"{start.astimezone(self.zone):%H:%M} is outside the calling hours")
        end = min(start + self.window, self.closing(start).astimezone(UTC))
        return CallWindow(start.astimezone(self.zone), end.astimezone(self.zone))

    def _hours_on(self, day: date) -> CallingHours | None:
        return None if day in self.holidays else self.week[day.weekday()]

    def _begin(self, day: date, hours: CallingHours) -> datetime:
        shown = _shown(day, hours.opens, self.zone)
        return max(shown) if hours.opens != time(0) else shown[0]

    def _end(self, day: date, hours: CallingHours) -> datetime:
        if hours.closes:
            return min(_shown(day, hours.closes, self.zone))
        return min(_shown(day + timedelta(days=1), time(0), self.zone))


@lru_cache(maxsize=KNOWN_TIMES)
def _shown(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when clocks show this time, the same twice but for the day on which they are put.

    Where they are put back, they show it twice; where they are put on and skip it, one moment is before what they
    skip, one behind. To open at the later one and close at the earlier rings nobody while a clock says closed.
    """
    first, second = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return first, second


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongues:
    """In which language customers are called.

    Attributes:
        own: by the code of a province, its language.
    """

    table: Table = Table.DESCRIPTION
    own: tuple[tuple[str, Language], ...] = ()

    @property
    def remembers(self) -> bool:
        """Whether the language in which a phone last answered counts for more than the place."""
        return self.table is Table.INDIA

    def wishes(self, order: OrderFacts) -> tuple[Language, ...]:
        """Return the languages of the place that an order ships to, the best one first."""
        if self.table is Table.DESCRIPTION:
            return (pick_language(order.state, order.province_code, order.country),)
        code = indian_province(order.state, order.province_code, order.country)
        if self.table is Table.OWN:
            return tuple(language for province, language in self.own if province == code)
        return tuple(Language(word) for word in SPOKEN.get(code or "", ()))


class Cancels(StrEnum):
    """Whether a cancel that no person asked for goes to Shopify at all."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belt:
    """What holds back a cancel that no person asked for, so that a person decides.

    Attributes:
        delay: how long it waits, and can be undone.
        most_an_hour: the number that leaves in any hour at most; 0: no limit.
        evidence: one that comes without the customer's words is held back.
        paid: one of an order of which something is paid.
        edited: one of an order that was changed after the agent was told of it.
        other_number: one that was told by another number than the order has by now.
    """

    cancel: Cancels = Cancels.ON
    delay: timedelta = timedelta(0)
    most_an_hour: int = 0
    evidence: bool = False
    paid: bool = False
    edited: bool = False
    other_number: bool = False


class After(StrEnum):
    """What may be followed by a call that the program makes by itself: silence, or what was reported of the call."""

    SILENCE = "silence"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    VOICEMAIL = "voicemail"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The calls that an order gets by itself, also where its customer is not reached.

    Attributes:
        number: how many, the first among them.
        gaps: before the second call, the third and so on; the last one goes for all that follow.
        after: what a next call follows.
        together: orders of one customer that wait when a card is made are one call.
        repeat_after_crash: whom a dying worker may have put on a list that Kalimera does not show is put there again.
    """

    number: int = 1
    gaps: tuple[timedelta, ...] = (timedelta(hours=1),)
    after: tuple[After, ...] = (
        *(After.SILENCE, After.NO_ANSWER, After.BUSY),
        *(After.VOICEMAIL, After.UNREACHABLE),
    )
    together: bool = True
    repeat_after_crash: bool = False

    def gap_before(self, attempt: int) -> timedelta:
        """Return how long after the call before it this attempt begins at the earliest; the second call is 2."""
        return self.gaps[min(attempt - 2, len(self.gaps) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A voice agent at Kalimera. ``campaign_id``: the campaign on which it rings."""

    language: Language
    agent_id: str
    campaign_id: str


AGENT_IDS = ("agent_id", "campaign_id")
"""What an agent is known by at Kalimera; the environment may name the one and not the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All rules of one version. ``version``: 0 for one that is not published."""

    who: Who = field(default_factory=Who)
    when: When = field(default_factory=When)
    tongues: Tongues = field(default_factory=Tongues)
    belt: Belt = field(default_factory=Belt)
    hold: HoldRules = field(default_factory=HoldRules)
    attempts: Attempts = field(default_factory=Attempts)
    shipping: Shipping = field(default_factory=Shipping)
    write_back: WriteBack = field(default_factory=WriteBack)
    agents: tuple[Agent, ...] = ()
    version: int = 0

    def language_for(self, order: OrderFacts) -> Language:
        """Return the language in which the order's customer is called: the best that an agent speaks, else English."""
        spoken = {agent.language for agent in self.agents}
        wishes = self.tongues.wishes(order)
        if self.tongues.table is Table.DESCRIPTION:
            return wishes[0]
        return next((language for language in wishes if language in spoken), Language.ENGLISH)

    @property
    def missing(self) -> list[str]:
        """The settings that name the agents and the campaign, as far as neither they nor this policy do."""
        needed = {setting: self.agent_for(language) for language, setting in OF_THE_ENVIRONMENT.items()}
        ids = [setting for setting, agent in needed.items() if not (agent and agent.agent_id)]
        has_campaigns = all(agent and agent.campaign_id for agent in needed.values())
        return ids if has_campaigns else [*ids, "KALIMERA_CAMPAIGN_ID"]

    def agent_for(self, language: Language) -> Agent | None:
        """Return the agent who speaks this language, if the shop has one."""
        return next((agent for agent in self.agents if agent.language is language), None)


def pick_language(state: str | None, province_code: str | None = None, country: str | None = None) -> Language:
    """Return the language for an order shipped to a place: Gujarat hears Hindi, everyone else English.

    Args:
        state: the name of the province, in any language.
        province_code: its code in its country, which decides where it is one.
        country: its ISO code or name. GJ is a province of Romania, too, and Gujrat a town of Pakistan.
    """
    is_gujarat = indian_province(state, province_code, country) == HINDI_PROVINCE
    return Language.HINDI if is_gujarat else Language.ENGLISH


def language_rule(order: OrderFacts, policy: Policy) -> str:
    """Return, as a sentence for a person, why an order's customer is called in a language."""
    if policy.tongues.table is Table.DESCRIPTION:
        return agent_rule(order)
    language = policy.language_for(order).label
    return f"By the policy's table “{policy.tongues.table}”, {named_place(order)} is called in {language}."


def agent_rule(order: OrderFacts) -> str:
    """Return, as a sentence for a person, which rule picks the language of an order."""
    if not order.state:
        return "The order names no state, and only Gujarat is called in Hindi."
    language = pick_language(order.state, order.province_code, order.country)
    rule = "which is called in Hindi" if language is Language.HINDI else "and only Gujarat is called in Hindi"
    return f"It ships to {named_place(order)}, {rule}."


def named_place(order: OrderFacts) -> str:
    """Return the state as it stands in the order, with the code where the name alone would be called otherwise."""
    if not order.state:
        return "an unknown state"
    language = pick_language(order.state, order.province_code, order.country)
    by_code = pick_language(order.state, None, order.country) is not language
    return f"{order.state} ({order.province_code})" if by_code else order.state


def window_rule(when: When) -> str:
    """Return, as a sentence for a person, which rule sets the time in which a customer may be rung."""
    hours = when.window / timedelta(hours=1)
    length = f"{hours:g} {'hour' if hours == 1 else 'hours'} from when the campaign was set"
    zone = "India time" if when.zone == INDIA else f"{when.zone.key} time"
    return f"{length}." if when.always else f"{length}, within the calling hours {when.in_words} {zone}."


def _days(run: list[int]) -> str:
    return WEEK[run[0]] if len(run) == 1 else f"{WEEK[run[0]]} to {WEEK[run[-1]]}"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot decide whether a customer may be rung")
    return moment

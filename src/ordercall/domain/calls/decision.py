"""The one place that decides about a call: whether a customer is rung, when, in which language and by which agent.

Nothing here looks at a clock, a database or a setting: the same facts come to the same decision. A rule is a small
function in ``RULES``. Each is looked at, also where one before it has spoken against the call, so that a decision can
tell all of its reasons; the first that speaks against it is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ordercall.domain.calls.call import NOTHING_ASKED, Plan, Waits
from ordercall.domain.calls.calling import POINT_OF_SALE, CallWindow, Language, Reason
from ordercall.domain.calls.decision_words import PASSES, WAITS, Answer, Facts, Look, Rule
from ordercall.domain.orders.order import OrderFacts, Status
from ordercall.domain.orders.payment import EXPIRED, REFUNDED, VOIDED
from ordercall.domain.phones.choosing import kind_of
from ordercall.domain.policy.rules import Agent, Payment, Policy, When, named_place

ASKED_FOR = "the customer, who asked for it"
"""What stands in place of a place where the customer has chosen the language."""

SPOKEN_BEFORE = "this phone, which last answered in it"
"""The same where an earlier call tells the language."""

KALIMERAS = "Kalimera's settings"
"""What a real order lacks where the sandbox is on, whose settings all lead to itself."""

PAUSE_LOOK = timedelta(minutes=1)
"""Between two looks whether a pause is over: customers wait no longer than that for calls to go on."""

LONGEST_REST = timedelta(days=1)
"""A job that is put off by more than a day counts as one whose time a wrong clock has set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened to the order here before.

    Attributes:
        status: None for a word that is none of the four.
        came_at: when it reached us, or came into question again; its age and its delay are counted up to then, and
            from then on. None: a person has asked for the call, so neither counts, nor whom the policy calls by itself.
        is_demo: the sandbox placed it.
        do_not_call: its customer asked to be left alone.
        plan: what is asked of its further call.
        spoken: the language in which its phone last answered, or its customer last asked to be called.
    """

    status: Status | None = Status.PLACED
    came_at: datetime | None = None
    is_demo: bool = False
    do_not_call: bool = False
    plan: Plan = NOTHING_ASKED
    spoken: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What is so for all orders at present.

    Attributes:
        sandboxed: this installation is a sandbox; None: that is not asked.
        disconnected: the app is out of the shop.
        missing: the settings without which nobody can be called.
    """

    sandboxed: bool | None = None
    disconnected: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done about an order's call, and why.

    Attributes:
        at: the moment for which it was taken.
        reason: why nobody calls, or why a person must look; None where the customer is called.
        not_before: when the call may begin, where there is one; None: when calling goes on after a pause.
        window: in which it would ring, if it began then.
        language: in which it is, or would be.
        agent: who would call; None: nobody speaks that language.
        because: every rule that was looked at.
        policy: the version that was in force; 0: none was published.
    """

    answer: Answer
    at: datetime
    reason: Reason | None
    not_before: datetime | None
    window: CallWindow | None
    language: Language
    agent: Agent | None
    because: tuple[Look, ...]
    policy: int

    @property
    def route(self) -> tuple[Language, str]:
        """The language and the campaign."""
        return self.language, self.agent.campaign_id if self.agent else ""

    @property
    def place(self) -> str:
        """What the language was chosen by: where the order ships to, or that its customer asked for it."""
        return str(next(look.facts["place"] for look in self.because if look.rule is Rule.LANGUAGE))

    @property
    def missing(self) -> list[str]:
        """The settings that a call takes and that are not there."""
        return next((look.facts["missing"] for look in self.because if look.rule is Rule.SETTINGS), [])

    @property
    def waits(self) -> Waits:
        """Why a call that does not begin now waits: a pause has no end, and the hours come after the delay."""
        waiting = {look.rule for look in self.because if look.verdict == WAITS}
        causes = {Rule.PAUSE: Waits.PAUSE, Rule.AGAIN: Waits.AGAIN, Rule.HOURS: Waits.HOURS}
        return next((waits for rule, waits in causes.items() if rule in waiting), Waits.DELAY)

    @property
    def next_look(self) -> datetime:
        """When a call that does not begin at once is decided about again."""
        return min(self.not_before, self.at + LONGEST_REST) if self.not_before else self.at + PAUSE_LOOK

    @property
    def rings(self) -> bool:
        """Whether the customer may be rung at the moment for which it was taken."""
        return self.answer is Answer.CALL and self.not_before is not None and self.not_before <= self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a rule may read."""

    order: OrderFacts
    history: History
    shop: ShopFacts
    policy: Policy
    asked: bool


UNPAYABLE = {VOIDED: Reason.PAYMENT_VOIDED, EXPIRED: Reason.PAYMENT_EXPIRED}
"""States of a payment after which there is nothing to confirm until it is paid or payable anew."""

type _Verdict = tuple[Reason | None, Facts]


def _kind(case: Case) -> _Verdict:
    foreign = case.shop.sandboxed is not None and case.history.is_demo is not case.shop.sandboxed
    return Reason.DEMO_ORDER if foreign and case.history.is_demo else None, {"demo": case.history.is_demo}


def _test(case: Case) -> _Verdict:
    return Reason.TEST_ORDER if case.order.is_test else None, {"test": case.order.is_test}


def _cancelled(case: Case) -> _Verdict:
    when = case.order.shopify_cancelled_at
    return Reason.CANCELLED if when else None, {"cancelled_at": when}


def _deleted(case: Case) -> _Verdict:
    deleted = case.order.shopify_deleted_at is not None
    return Reason.DELETED if deleted else None, {"deleted": deleted}


def _decided(case: Case) -> _Verdict:
    status, despite = case.history.status, case.history.plan.despite
    waits = status is Status.PLACED or (status is not None and status is despite)
    return None if waits else Reason.ALREADY_DECIDED, {"status": status}


def _counter(case: Case) -> _Verdict:
    source = case.order.source_name
    return Reason.COUNTER_SALE if source == POINT_OF_SALE else None, {"source": source}


def _shipped(case: Case) -> _Verdict:
    state = case.order.fulfillment_status
    return Reason.SHIPPED if state.has_left else None, {"shipping": state.value}


def _refunded(case: Case) -> _Verdict:
    state = case.order.financial_status
    return Reason.REFUNDED if state == REFUNDED else None, {"payment": state}


def _payable(case: Case) -> _Verdict:
    state = case.order.financial_status
    return UNPAYABLE.get(state or ""), {"payment": state}


def _left(case: Case) -> _Verdict:
    pieces, total = case.order.units_left, case.order.current_total_price
    return Reason.EMPTIED if case.order.is_empty else None, {"pieces": pieces, "total": total}


def _archived(case: Case) -> _Verdict:
    return Reason.ARCHIVED if case.order.closed_at else None, {"archived_at": case.order.closed_at}


def _known(case: Case) -> _Verdict:
    unknown = case.order.unknown
    return Reason.PARTLY_KNOWN if unknown else None, {"unknown": unknown}


def _shown(case: Case) -> _Verdict:
    hidden = case.order.phone_is_hidden
    return Reason.PHONE_HIDDEN if hidden else None, {"hidden": hidden}


def _phone(case: Case) -> _Verdict:
    number, unwanted = case.order.customer_phone, case.policy.who.phones_not_called
    facts = {"phone": bool(number), "from": case.order.phone_source}
    if not number:
        return Reason.NO_PHONE, facts
    is_unwanted = bool(unwanted) and not case.asked and kind_of(number) in unwanted
    return Reason.OTHER_PHONE if is_unwanted else None, facts


def _do_not_call(case: Case) -> _Verdict:
    return Reason.DO_NOT_CALL if case.history.do_not_call else None, {"asked": case.history.do_not_call}


def _connected(case: Case) -> _Verdict:
    return Reason.DISCONNECTED if case.shop.disconnected else None, {"connected": not case.shop.disconnected}


def _age(case: Case) -> _Verdict:
    placed, came, most = case.order.placed_at, case.history.came_at, case.policy.who.max_age
    if placed is None or came is None:
        return None, {"hours": None, "most": most}
    age = came - placed
    return Reason.TOO_OLD if age > most else None, {"hours": age, "most": most}


def _payment(case: Case) -> _Verdict:
    who, order = case.policy.who, case.order
    facts = {"wanted": who.payment, "to_collect": order.to_collect, "gateways": order.gateways}
    if who.payment is Payment.ALL or case.asked:
        return None, facts
    if who.payment is Payment.TO_COLLECT:
        return Reason.PAID if order.to_collect == 0 else None, facts
    return None if who.names_gateway_of(order) else Reason.OTHER_PAYMENT, facts


def _amount(case: Case) -> _Verdict:
    money = case.order.money_now
    due, least = money.outstanding, dict(case.policy.who.least_due).get(money.currency or "")
    facts = {"due": due, "least": least}
    if least is None or due is None or case.asked:
        return None, facts
    return Reason.SMALL_AMOUNT if due < least else None, facts


def _country(case: Case) -> _Verdict:
    who, order = case.policy.who, case.order
    passes = not who.countries or case.asked or who.names_country_of(order)
    return None if passes else Reason.OTHER_COUNTRY, {"country": order.country, "named": list(who.countries)}


def _attempts(case: Case) -> _Verdict:
    attempt, most = case.history.plan.attempt, case.policy.attempts.number
    return Reason.NOT_REACHED if attempt > most else None, {"attempt": attempt, "most": most}


def _settings(case: Case) -> _Verdict:
    foreign = case.shop.sandboxed is not None and case.history.is_demo is not case.shop.sandboxed
    missing = case.shop.missing or ((KALIMERAS,) if foreign else ())
    return Reason.SETTINGS_MISSING if missing else None, {"missing": list(missing)}


RULES: tuple[tuple[Rule, Callable[[Case], _Verdict]], ...] = (
    (Rule.KIND, _kind),
    (Rule.TEST, _test),
    (Rule.CANCELLED, _cancelled),
    (Rule.DELETED, _deleted),
    (Rule.DECIDED, _decided),
    (Rule.COUNTER, _counter),
    (Rule.SHIPPED, _shipped),
    (Rule.REFUNDED, _refunded),
    (Rule.PAYABLE, _payable),
    (Rule.LEFT, _left),
    (Rule.ARCHIVED, _archived),
    (Rule.KNOWN, _known),
    (Rule.SHOWN, _shown),
    (Rule.PHONE, _phone),
    (Rule.DO_NOT_CALL, _do_not_call),
    (Rule.CONNECTED, _connected),
    (Rule.AGE, _age),
    (Rule.PAYMENT, _payment),
    (Rule.AMOUNT, _amount),
    (Rule.COUNTRY, _country),
    (Rule.ATTEMPTS, _attempts),
    (Rule.SETTINGS, _settings),
)
"""Whether the customer is called. Who reads a decision is told the first that speaks against it, so what nothing mends
stands before what a person can mend."""


def decide(order: OrderFacts, history: History, shop: ShopFacts, policy: Policy, now: datetime) -> Decision:
    """Return what is to be done about the call of an order.

    Args:
        now: aware; the earliest moment at which the call could begin.

    Raises:
        ValueError: *now* is naive.
    """
    case = Case(order=order, history=history, shop=shop, policy=policy, asked=history.came_at is None)
    because: list[Look] = []
    against: Reason | None = None
    for rule, says in RULES:
        reason, facts = says(case)
        against = against or reason
        because.append(Look(rule, reason or PASSES, {name: _plain(fact) for name, fact in facts.items()}))
    opening = _opening(case, now, because)
    language, agent = _route(case, because)
    may_call = against is None
    return Decision(
        answer=_answer(against),
        at=now,
        reason=against,
        not_before=opening if may_call else None,
        window=policy.when.window_from(opening) if may_call and opening else None,
        language=language,
        agent=agent,
        because=tuple(because),
        policy=policy.version,
    )


def _answer(against: Reason | None) -> Answer:
    if against is None:
        return Answer.CALL
    return Answer.ASK if against.asks_a_person else Answer.NEVER


def _opening(case: Case, now: datetime, because: list[Look]) -> datetime | None:
    """Return when the call may begin; None: while calling is paused nobody knows."""
    when, plan = case.policy.when, case.history.plan
    because.append(Look(Rule.PAUSE, WAITS if when.paused else PASSES, {"paused": when.paused}))
    waited = {"minutes": when.delay // timedelta(minutes=1)}
    because.append(Look(Rule.DELAY, WAITS if _after_delay(case.history, when, now) > now else PASSES, waited))
    again = {"follows": plan.follows and plan.follows.short}
    because.append(Look(Rule.AGAIN, WAITS if plan.not_before and plan.not_before > now else PASSES, again))
    due = due_from(case.history, when, now)
    opening = when.next_opening(due)
    facts = {"hours": when.in_words, "zone": when.zone.key}
    because.append(Look(Rule.HOURS, PASSES if opening == due else WAITS, facts))
    return None if when.paused else opening


def _after_delay(history: History, when: When, now: datetime) -> datetime:
    return max(now, history.came_at + when.delay) if history.came_at and when.delay else now


def due_from(history: History, when: When, now: datetime) -> datetime:
    """Return the moment from which the hours are asked."""
    due = _after_delay(history, when, now)
    return max(due, history.plan.not_before or due)


def _route(case: Case, because: list[Look]) -> tuple[Language, Agent | None]:
    order, policy = case.order, case.policy
    language, whose = chosen_language(order, case.history, policy)
    agent = policy.agent_for(language)
    facts = {"place": whose or named_place(order), "code": order.province_code, "language": language.label}
    because.append(Look(Rule.LANGUAGE, PASSES, facts))
    route = {"agent": agent and agent.agent_id, "campaign": agent and agent.campaign_id}
    because.append(Look(Rule.AGENT, PASSES, route))
    return language, agent


def chosen_language(order: OrderFacts, history: History, policy: Policy) -> tuple[Language, str]:
    """Return the language, and who chose it; nothing: the place."""
    for wish, whose in ((history.plan.language, ASKED_FOR), (history.spoken, SPOKEN_BEFORE)):
        if wish and policy.agent_for(wish) and (whose == ASKED_FOR or policy.tongues.remembers):
            return wish, whose
    return policy.language_for(order), ""


def _plain(fact: Any) -> Any:
    """Return a fact as JSON can hold it: lengths of time in hours, amounts without what a database adds or takes."""
    match fact:
        case Decimal():
            return format(fact.normalize(), "f")
        case timedelta():
            return round(fact / timedelta(hours=1), 1)
        case frozenset():
            return sorted(fact)
    return fact

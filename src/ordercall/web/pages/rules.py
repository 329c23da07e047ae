"""Settings: the rules about calls as forms, what a draft changes, and who published what.

A draft is the address of its page, so reloading, going back and passing it on keep it. It says from which version it
was made: where somebody has published another since, that is shown, and the draft is carried over to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise, zip_longest
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ordercall.domain.calls.calling import Language
from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.people import Permission
from ordercall.domain.places.states_of_india import NAMES
from ordercall.domain.policy.changes import (
    WORDS,
    Change,
    carried_over,
    changes,
    days_beyond_the_rule,
    for_the_page,
    lets_cancels_go,
)
from ordercall.domain.policy.document import Document, PolicyFaults, read_document, write_document
from ordercall.domain.policy.rules import Policy
from ordercall.domain.policy.values import NO_MOBILES
from ordercall.errors import InvalidRequest, PolicyConflict
from ordercall.services import policy_service
from ordercall.services.policy_effects import called_by_payment, effects
from ordercall.services.policy_trial import MOST_DAYS
from ordercall.storage.reads.places import orders_by_province
from ordercall.storage.records import holds, policies
from ordercall.storage.records.policies import Published
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.holidays import holiday_choices, taken_over
from ordercall.web.view.policy_form import (
    DAYS,
    Values,
    calling_document,
    calling_values,
    language_document,
    language_values,
)

TRIED = timedelta(days=14)
"""Two weeks: each day of the week twice, and few enough orders that the page is there in seconds."""

COUNTED = timedelta(days=30)
"""A month: what comes from a small state in a fortnight is chance."""

VERSIONS = 20
"""Versions that the page lists: what one still remembers."""

SPANS = (14, 30, 90)
"""Days of orders that a draft may be tried on from its page: two weeks, a month, a season."""

SURE, SURE_OF_CANCELS = "sure", "sure_of_cancels"
"""The ticks that say that hours, and cancels, are meant."""

OURS = {"csrf_token", "version", "days", SURE, SURE_OF_CANCELS}
"""What a form sends beside the values of its fields."""

bp = Blueprint("rules", __name__, url_prefix="/settings")


@dataclass(frozen=True, slots=True)
class Page:
    """One of the pages.

    Attributes:
        document: reads what was sent, for the policy that it was made from and with the fields that are locked.
        values: what its form would send of a policy; None: it has no fields of its own.
        more: what else its template shows of the values, and of the policy as it would be in force.
    """

    endpoint: str
    template: str
    document: Callable[[Values, Policy, Mapping[str, str]], Document]
    values: Callable[[Policy], Values] | None
    more: Callable[[Values, Policy], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StateShare:
    """A state, how many orders came from it, and in which language it is called."""

    code: str
    name: str
    orders: int
    language: Language


@dataclass(kw_only=True)
class Draft:
    """What a person wrote, held against the version in force.

    Attributes:
        made_from: the version in force when the page was shown; where that is not to be found, the one in force now.
        is_lost: it is not to be found: the database is an earlier one.
        policy: it, as it would be in force; None: it cannot be used.
        changes: what it changes.
        faults: why it cannot be used, a sentence each.
        beyond: the days on which it newly has people in India rung before 9 or after 21.
        lets_go: the labels of what has cancels that no person asked for leave sooner, or more of them.
    """

    values: Values
    known: Published
    made_from: Published
    is_lost: bool = False
    policy: Policy | None = None
    changes: list[Change] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    lets_go: list[str] = field(default_factory=list)

    def is_meant(self, sent: Values) -> bool:
        """Whether each tick was sent that this draft asks for."""
        asked = {SURE: self.beyond, SURE_OF_CANCELS: self.lets_go}
        return all(name in sent for name, why in asked.items() if why)

    @property
    def is_late(self) -> bool:
        """Whether another version was published since the page was shown."""
        return self.made_from.policy.version != self.known.policy.version

    @property
    def is_outdated(self) -> bool:
        """Whether it is held against another version than the person saw, so that they look at it once more."""
        return self.is_late or self.is_lost

    @property
    def news(self) -> list[Change]:
        """What somebody else has changed since the page was shown."""
        return changes(self.made_from.policy, self.known.policy)

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The values once more, for the form that publishes them."""
        return [(name, value) for name, value in self.values.items(multi=True) if name not in OURS]

    @property
    def query(self) -> str:
        """What makes the address of its page that of the draft."""
        return urlencode([("version", self.made_from.policy.version), *self.sent])


def _of_version(values: Values, _policy: Policy, _locks: Mapping[str, str]) -> Document:
    with context().db.read() as tx:
        found = policies.find(tx, read_id(values.get("back")) or 0)
    if found is None:
        raise InvalidRequest("There is no such version of the policy.", code="UnknownVersion", status=404)
    return write_document(found.policy)


def _more_of_calling(values: Values, policy: Policy) -> dict[str, Any]:
    pairs = zip_longest(values.getlist("currency"), values.getlist("amount"), fillvalue="")
    view, attempts = context(), policy.attempts
    with view.db.read() as tx:
        lately = effects(tx, view.clock() - TRIED)
        looked_at, called = called_by_payment(tx, policy, view.clock() - TRIED)
        held_within = holds.held_within(tx, view.clock() - TRIED)
    return {
        "week": DAYS,
        "dues": [pair for pair in pairs if any(pair)],
        "phone_kinds": NO_MOBILES,
        "causes": WORDS["attempts", "after"],
        "effects": lately,
        "looked_at": looked_at,
        "called": called,
        "held_within": held_within,
        "again": sum(lately.unreached[cause] for cause in attempts.after) if attempts.number > 1 else 0,
    }


def _more_of_versions(_values: Values, _policy: Policy) -> dict[str, Any]:
    with context().db.read() as tx:
        past = policies.latest(tx, VERSIONS + 1)
    versions = [(one, changes(before.policy, one.policy)) for one, before in pairwise(past)]
    return {"past": versions, "first": past[-1]}


def _more_of_languages(_values: Values, policy: Policy) -> dict[str, Any]:
    """Return a line for each state, the largest first: its name, how many orders came, and how they are called."""
    view = context()
    with view.db.read() as tx:
        counted = orders_by_province(tx, view.clock() - COUNTED)
    places = [
        StateShare(code, NAMES.get(code, ("Unknown state",))[0], counted[code], policy.language_for(_order_to(code)))
        for code in {**NAMES, **dict(policy.tongues.own)}
    ]
    return {
        "places": sorted(places, key=lambda place: (-place.orders, place.name)),
        "elsewhere": counted.total() - sum(place.orders for place in places),
        "languages": list(Language),
        "counted_days": COUNTED.days,
    }


def _order_to(code: str) -> OrderFacts:
    return OrderFacts(shopify_id=0, province_code=code, country="IN")


CALLING = Page("rules.calling", "settings-calling.html", calling_document, calling_values, _more_of_calling)
LANGUAGES = Page("rules.languages", "settings-languages.html", language_document, language_values, _more_of_languages)
EARLIER = Page("rules.versions", "settings-versions.html", _of_version, None, _more_of_versions)
PAGES = {"calling": CALLING, "languages": LANGUAGES, "versions": EARLIER}


@bp.get("")
@needs(Permission.SEE)
def index() -> ResponseReturnValue:
    """Lead to the first of the pages."""
    return redirect(url_for("rules.calling"))


@bp.get("/calling")
@needs(Permission.SEE)
def calling() -> ResponseReturnValue:
    """Who is called, and when."""
    return _look(CALLING)


@bp.post("/calling")
@needs(Permission.RULE)
def publish_calling() -> ResponseReturnValue:
    """Put in force what was written about who is called, and when."""
    return _publish(CALLING)


@bp.get("/languages")
@needs(Permission.SEE)
def languages() -> ResponseReturnValue:
    """In which language a place is called, and by which agent."""
    return _look(LANGUAGES)


@bp.post("/languages")
@needs(Permission.RULE)
def publish_languages() -> ResponseReturnValue:
    """Put in force what was written about languages and agents."""
    return _publish(LANGUAGES)


@bp.get("/versions")
@needs(Permission.SEE)
def versions() -> ResponseReturnValue:
    """Who published what, and what going back to an earlier version would change."""
    return _look(EARLIER)


@bp.post("/versions")
@needs(Permission.RULE)
def publish_earlier() -> ResponseReturnValue:
    """Put an earlier version in force again, as a new one."""
    return _publish(EARLIER)


@bp.post("/<name>/trials")
@needs(Permission.TRY)
def try_out(name: str) -> ResponseReturnValue:
    """Have a draft of one of the pages played over the past, and lead to what comes of it."""
    page = PAGES.get(name) or abort(404)
    draft, view = _read(page, request.form), context()
    if draft.policy is None or not draft.changes:
        return _shown(page, draft, status=400)
    trial_id = view.trials.make(
        draft.policy,
        made_from=draft.known.policy.version,
        days=min(read_id(request.form.get("days")) or TRIED.days, MOST_DAYS),
        by=current_actor(),
        address=f"{url_for(page.endpoint)}?{draft.query}",
    )
    return redirect(url_for("trials.page", trial_id=trial_id), 303)


def _look(page: Page) -> ResponseReturnValue:
    is_draft = "version" in request.args or "back" in request.args
    draft = _read(page, request.args) if is_draft else None
    return _shown(page, draft)


def _publish(page: Page) -> ResponseReturnValue:
    """Publish a draft that can be used, changes something, was made from the version in force, and is meant."""
    draft = _read(page, request.form)
    if draft.policy and draft.changes and draft.is_meant(request.form) and not draft.is_outdated:
        view = context()
        made_from = draft.made_from.policy.version
        try:
            version, _ = policy_service.publish(
                view.db, draft.policy, by=current_actor(), now=view.clock(), made_from=made_from
            )
        except PolicyConflict:
            draft = _read(page, request.form)
        else:
            flash(f"Version {version} is in force: nobody is put on the campaign by an older one.")
            return redirect(url_for(page.endpoint), 303)
    if draft.policy and not draft.changes and draft.is_late:  # sent twice, or somebody thought the same
        flash(f"This is in force already: {draft.known.by} published it as version {draft.known.policy.version}.")
        return redirect(url_for(page.endpoint), 303)
    return _shown(page, draft, status=409 if draft.is_outdated else 400)


def _read(page: Page, sent: Values) -> Draft:
    view = context()
    known = policy_service.in_force(view.db, view.settings, view.clock())
    with view.db.read() as tx:
        made_from = policies.find(tx, read_id(sent.get("version")) or 0)
    sent = taken_over(MultiDict(sent))
    draft = Draft(values=sent, known=known, made_from=made_from or known, is_lost=made_from is None)
    try:
        written = read_document(page.document(sent, draft.made_from.policy, known.locks), view.clock())
        if page.values and draft.is_late:
            newer = carried_over(draft.made_from.policy, written, known.policy)
            written = read_document(newer, view.clock())
            draft.values = page.values(written)
    except PolicyFaults as wrong:
        draft.faults = [for_the_page(fault) for fault in wrong.faults]
        return draft
    draft.policy = policy_service.draft(known, written).policy
    draft.changes = changes(known.policy, draft.policy)
    if draft.policy.when != known.policy.when:
        before = days_beyond_the_rule(known.policy.when)
        draft.beyond = [day for day in days_beyond_the_rule(draft.policy.when) if day not in before]
    draft.lets_go = lets_cancels_go(known.policy.belt, draft.policy.belt)
    return draft


def _shown(page: Page, draft: Draft | None, status: int = 200) -> ResponseReturnValue:
    view = context()
    known = draft.known if draft else policy_service.in_force(view.db, view.settings, view.clock())
    values: Values = draft.values if draft else page.values(known.policy) if page.values else MultiDict()
    policy = (draft and draft.policy) or known.policy
    shown = {
        **holiday_choices(view.clock().year),
        "draft": draft,
        "known": known,
        "locks": known.locks,
        "values": values,
        "spans": SPANS,
        "tried_days": TRIED.days,
        "version": (draft.made_from if draft and draft.faults else known).policy.version,
    }
    return render_template(page.template, here=url_for(page.endpoint), **shown, **page.more(values, policy)), status

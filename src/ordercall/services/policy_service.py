"""The policy in force: its first version from the settings, those of the environment, and those that people publish."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from ordercall.config import Settings
from ordercall.domain.audit import Act
from ordercall.domain.calls.calling import Language
from ordercall.domain.parcels.write_back import WriteBack
from ordercall.domain.policy.document import differences, holders_of
from ordercall.domain.policy.rules import AGENT_IDS, OF_THE_ENVIRONMENT, Agent, Policy, When, Who
from ordercall.errors import ConfigurationError, PolicyConflict
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit, policies
from ordercall.storage.records.policies import Published

HOLDERS = {
    "who.max_age_hours": ("MAX_ORDER_AGE_HOURS",),
    "when.hours": ("CALLING_HOURS",),
    "write_back.tag_confirmed": ("SHOPIFY_TAG_CONFIRMED",),
    "write_back.tag_failed": ("SHOPIFY_TAG_FAILED",),
    "agents.en.agent_id": ("KALIMERA_AGENT_ID_EN",),
    "agents.en.campaign_id": ("KALIMERA_CAMPAIGN_ID_EN", "KALIMERA_CAMPAIGN_ID"),
    "agents.hi.agent_id": ("KALIMERA_AGENT_ID_HI",),
    "agents.hi.campaign_id": ("KALIMERA_CAMPAIGN_ID_HI", "KALIMERA_CAMPAIGN_ID"),
}
"""By the field of the policy, or one value in it, the variables of the environment that hold it where one is set."""

BY_ENVIRONMENT, BY_SETTINGS = "environment", "settings"


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings describe."""
    return Policy(
        who=Who(max_age=settings.max_order_age),
        when=When(week=(settings.calling_hours,) * 7),
        write_back=WriteBack(tag_confirmed=settings.shopify_tag_confirmed, tag_failed=settings.shopify_tag_failed),
        agents=tuple(
            Agent(language=language, agent_id=settings.agent_for(language), campaign_id=settings.campaign_for(language))
            for language in OF_THE_ENVIRONMENT
        ),
    )


def locks_of(settings: Settings) -> dict[str, str]:
    """Return the fields that the environment holds, each with the variable that does."""
    found = {name: [one for one in variables if one in settings.chosen] for name, variables in HOLDERS.items()}
    found["attempts.number"] = [] if settings.kalimera_rings_again == "no" else ["KALIMERA_RINGS_AGAIN"]
    return {name: " and ".join(variables) for name, variables in found.items() if variables}


def with_locks(policy: Policy, settings: Settings) -> Policy:
    """Return the policy with what the environment holds in place of what stands in it."""
    locks, ours = locks_of(settings), policy_of(settings)
    who = replace(policy.who, max_age=ours.who.max_age) if "who.max_age_hours" in locks else policy.who
    when = replace(policy.when, week=ours.when.week) if "when.hours" in locks else policy.when
    attempts = replace(policy.attempts, number=1) if "attempts.number" in locks else policy.attempts
    agents = {agent.language: agent for agent in policy.agents}
    for language in OF_THE_ENVIRONMENT:
        agents[language] = _agent(agents.get(language), ours.agent_for(language), language)
    ordered = tuple(agents[language] for language in Language if language in agents)
    tags = _tags(policy, ours, locks)
    return replace(policy, who=who, when=when, attempts=attempts, write_back=tags, agents=ordered)


def _tags(policy: Policy, other: Policy, locks: Collection[str]) -> WriteBack:
    """Return what a policy has written to Shopify, with the tags that are held as they are in another one."""
    held = [name for name in ("tag_confirmed", "tag_failed") if f"write_back.{name}" in locks]
    return replace(policy.write_back, **{name: getattr(other.write_back, name) for name in held})


def _agent(stored: Agent | None, given: Agent | None, language: Language) -> Agent:
    """Return an agent whose ids the environment holds, each that it names."""
    agent_id = (given and given.agent_id) or (stored and stored.agent_id) or ""
    campaign_id = (given and given.campaign_id) or (stored and stored.campaign_id) or ""
    return Agent(language=language, agent_id=agent_id, campaign_id=campaign_id)


def begin(db: Database, settings: Settings, now: datetime) -> None:
    """Publish the first version, where there is none: what the settings describe."""
    with db.read() as tx:
        known = policies.newest(tx)
    if known is None:
        bring_in_force(db, settings, now)


def at_start(db: Database, settings: Settings) -> Policy:
    """Return the policy that a start with these settings brings in force; nothing is stored."""
    if not db.is_current():
        return policy_of(settings)
    with db.read() as tx:
        known = policies.newest(tx)
    return with_locks(known.policy, settings) if known else policy_of(settings)


def in_force(db: Database, settings: Settings, now: datetime) -> Published:
    """Return the version in force; a database without one gets its first."""
    begin(db, settings, now)
    with db.read() as tx:
        found = policies.newest(tx)
    assert found is not None  # noqa: S101 - it was published a moment ago, and no version ever goes
    return found


def bring_in_force(db: Database, settings: Settings, now: datetime, *, others_live: bool = False) -> None:
    """Publish what the environment of this start says otherwise than the version in force; the first version too.

    Args:
        others_live: workers are at work by the values in force, which this one may not change under them.

    Raises:
        ConfigurationError: it would have to.
    """
    locks = locks_of(settings)
    with db.read() as tx:
        known = policies.newest(tx)
    if known and known.locks == locks and not differences(known.policy, with_locks(known.policy, settings)):
        return
    with db.begin() as tx:
        policies.take(tx)
        known = policies.newest(tx)
        if known is None:
            policies.publish(tx, policy_of(settings), locks, by=BY_SETTINGS, changed=["The first version."], now=now)
            return
        policy = with_locks(known.policy, settings)
        changed = differences(known.policy, policy)
        if changed and others_live:
            raise ConfigurationError([_refusal(line, locks) for line in changed])
        if changed or known.locks != locks:
            changed = changed or ["Other fields are held by the environment."]
            policies.publish(tx, policy, locks, by=BY_ENVIRONMENT, changed=changed, now=now)


def _refusal(difference: str, locks: dict[str, str]) -> str:
    name = difference.split(":")[0]
    holders = " and ".join(dict.fromkeys(holders_of(name, locks).values()))
    return (
        f"{holders or name} is another here than for a worker that is at work ({difference}); give all workers"
        " the same, or stop the others first. One that died counts as dead within WORKER_TAKEOVER_SECONDS."
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy that a person wrote, as it would be in force, and what it changes."""

    policy: Policy
    changed: list[str]


def draft(known: Published, written: Policy) -> Draft:
    """Return what a person wrote, with what the environment held at the last start as it is."""
    was, who, when, attempts = known.policy, written.who, written.when, written.attempts
    if "who.max_age_hours" in known.locks:
        who = replace(who, max_age=was.who.max_age)
    if "when.hours" in known.locks:
        when = replace(when, week=was.when.week)
    if "attempts.number" in known.locks:
        attempts = replace(attempts, number=was.attempts.number)
    agents = tuple(agent for language in Language if (agent := _written_agent(language, known, written)))
    tags = _tags(written, was, known.locks)
    policy = replace(written, who=who, when=when, attempts=attempts, write_back=tags, agents=agents)
    return Draft(policy, differences(was, policy))


def _written_agent(language: Language, known: Published, written: Policy) -> Agent | None:
    """Return the agent that a person wrote, with each id that the environment held at the last start as it is."""
    was, agent = known.policy.agent_for(language), written.agent_for(language)
    held = [name for name in AGENT_IDS if f"agents.{language}.{name}" in known.locks]
    if not held:
        return agent
    ids = {name: getattr(was if name in held else agent, name, "") for name in AGENT_IDS}
    return Agent(language=language, **ids)


def publish(
    db: Database, written: Policy, *, by: str, now: datetime, made_from: int | None = None
) -> tuple[int, list[str]]:
    """Put in force what a person wrote, unless it changes nothing; return the version in force and what changed.

    Args:
        made_from: the version that the person had before them.

    Raises:
        PolicyConflict: another one is in force by now; nothing was published.
    """
    with db.begin() as tx:
        policies.take(tx)
        known = policies.newest(tx)
        if known is None:
            raise ConfigurationError(["There is no policy yet; start Ordercall once, which makes the first version."])
        if made_from not in (None, known.policy.version):
            raise PolicyConflict(known.policy.version, known.by)
        made = draft(known, written)
        if not made.changed:
            return known.policy.version, []
        version = policies.publish(tx, made.policy, known.locks, by=by, changed=made.changed, now=now)
        audit.write(tx, Act.POLICY_PUBLISHED, f"version {version}")
        return version, made.changed

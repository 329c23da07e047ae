"""The checks of Kalimera: set, reachable, token accepted. Nothing is created there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.doctor.reach import reach
from ordercall.domain.calls.calling import Reason
from ordercall.domain.policy.rules import Policy
from ordercall.domain.shown_addresses import without_secrets
from ordercall.errors import CredentialsRefused, ProviderError
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.decision_service import unset_for_calls
from ordercall.services.policy_service import at_start
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.opening import database_at
from ordercall.storage.reads import needs_you
from ordercall.storage.tables import orders

MOST_SECONDS_OFF = 60.0
"""A clock this wrong lets calls begin and end at other times than the shop asked for."""


def kalimera(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether customers could be called, by the policy that a start with these settings brings in force."""
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        policy = at_start(db, settings)
        not_rung = _not_rung_again(db)
    if missing := unset_for_calls(settings, policy):
        mend = "Set them, see .env.example; agents and campaigns can also be named on the page Settings."
        yield failure("Kalimera", f"Nobody is called: {', '.join(missing)} not set.", mend)
    else:
        agents = ", ".join(f"{agent.language.label} by campaign {agent.campaign_id}" for agent in policy.agents)
        yield ok("Kalimera", f"campaigns and agents are set: {agents}")
        yield from _shared_agents(policy)
    yield _further_calls(settings, not_rung)
    if settings.kalimera_contract.file:
        yield ok("Kalimera names", str(settings.kalimera_contract))
    if settings.kalimera_auth_token:
        yield from _answers(settings, now)


def _not_rung_again(db: Database) -> int:
    """Return how many orders wait for a person because Kalimera does not ring a contact again."""
    if not db.is_current():
        return 0
    with db.read() as tx:
        return needs_you.count_of(tx, [orders.c.calling_reason == Reason.ALREADY_LISTED])[0]


def _further_calls(settings: Settings, not_rung: int) -> Finding:
    """Say how a customer is rung once more, and whether Kalimera has refused that."""
    makes_another = settings.kalimera_call_again == "new-contact"
    way = "a further call makes a contact of its own" if makes_another else "a further call adds its contact once more"
    if not not_rung:
        return ok("Kalimera", f"{way} (KALIMERA_CALL_AGAIN={settings.kalimera_call_again})")
    mend = (
        "It keeps one contact a phone: call these customers yourself, and set the policy's attempts to 1."
        if makes_another
        else "Set KALIMERA_CALL_AGAIN=new-contact, and call these orders again."
    )
    return warning("Kalimera", f"It did not ring {not_rung} customers again whose contact it had already.", mend)


def _shared_agents(policy: Policy) -> Iterator[Finding]:
    """Warn of one agent for several languages, as a value that was pasted twice makes it."""
    languages: dict[str, list[str]] = {}
    for agent in policy.agents:
        languages.setdefault(agent.agent_id, []).append(agent.language.label)
    for spoken in languages.values():
        if len(spoken) > 1:
            mend = (
                "Unless it knows them all, give each language its agent (KALIMERA_AGENT_ID_EN, KALIMERA_AGENT_ID_HI)."
            )
            yield warning("Kalimera", f"{' and '.join(spoken)} are spoken by one agent.", mend)


def _answers(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Ask Kalimera, once there is a token: without one the address is only our default."""
    reached = reach(settings.kalimera_contact_url, settings.kalimera_timeout_seconds, now)
    if reached is None:
        mend = "Check KALIMERA_CONTACT_URL and this machine's way out."
        address = without_secrets(settings.kalimera_contact_url) or "KALIMERA_CONTACT_URL"
        yield failure("Kalimera", f"{address} does not answer.", mend)
        return
    yield ok("Kalimera", f"answers after {reached.milliseconds} ms")
    yield from _clock(reached.seconds_ahead)
    yield _token(settings)


def _clock(seconds_ahead: float | None) -> Iterator[Finding]:
    if seconds_ahead is None:
        return
    if abs(seconds_ahead) > MOST_SECONDS_OFF:
        side = "ahead of" if seconds_ahead > 0 else "behind"
        message = f"This machine's clock is {abs(seconds_ahead):.0f} s {side} Kalimera's."
        yield failure("clock", message, "Switch on NTP (timedatectl set-ntp true).")
    else:
        yield ok("clock", "agrees with Kalimera's")


def _token(settings: Settings) -> Finding:
    try:
        with closing(KalimeraClient(settings)) as client:
            accepted = client.accepts_token()
    except CredentialsRefused as refusal:
        mend = 'Copy KALIMERA_AUTH_TOKEN again, the whole value with "Bearer " in front.'
        return failure("Kalimera token", refusal.sentence, mend)
    except ProviderError as error:
        return failure("Kalimera token", error.sentence, "Try again in a minute.")
    if accepted:
        return ok("Kalimera token", "accepted")
    mend = "`ordercall kalimera try` rings a number of yours, and tells."
    return warning("Kalimera token", "Kalimera does not say whether it is right without creating something.", mend)

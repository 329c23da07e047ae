"""What the first real call is made with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from ordercall.bootstrap.parts import Clock, decision_service, open_database, utc_now
from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calls.calling import Language
from ordercall.errors import ConfigurationError
from ordercall.jobs.engine import JobEngine
from ordercall.providers.http import Permission, always
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.decision_service import DecisionService
from ordercall.services.first_call import FirstCall
from ordercall.services.first_call_check import new_trace
from ordercall.services.first_call_service import FirstCallService
from ordercall.services.shape_records import ShapeRecords
from ordercall.storage.engine.database import Database
from ordercall.storage.records.first_calls import StoredFirstCall


@contextmanager
def first_call(settings: Settings, phone: str, language: str | None, *, clock: Clock = utc_now) -> Iterator[FirstCall]:
    """Open what a call to this number takes, in a language that an agent of the shop speaks.

    Args:
        phone: E.164.
        language: its code. None: that of the first agent.

    Raises:
        ConfigurationError: the settings that a call takes are missing, or no agent speaks this language.
    """
    decisions = decision_service(settings, clock)
    with closing(open_database(settings)) as db:
        with db.read() as tx:
            policy, missing = decisions.policy(tx), decisions.missing(tx)
        if missing:
            raise ConfigurationError([f"Nobody can be called: {', '.join(missing)} not set; see .env.example."])
        agent = policy.agent_for(Language(language)) if language else policy.agents[0]
        if agent is None:
            raise ConfigurationError([f"No agent speaks the language '{language}'; name one under Settings."])
        jobs, trace = JobEngine(db), new_trace(db, phone, clock())
        service = FirstCallService(db, jobs, decisions, clock)
        own = service.begin_by_hand(agent, trace)
        seen: list[ProviderCall] = []
        with _kalimera(settings, db, clock, seen) as kalimera:
            call = FirstCall(settings, db, jobs, kalimera, seen, decisions, agent, phone, clock, own=own, trace=trace)
            try:
                yield call
            finally:
                if own:
                    service.end_by_hand(own, call)


def first_call_service(
    db: Database, jobs: JobEngine, settings: Settings, decisions: DecisionService, clock: Clock
) -> FirstCallService:
    """Return the service that a worker has, which takes the steps of the calls that a page asks for."""
    return FirstCallService(db, jobs, decisions, clock, partial(_asked_for, db, jobs, settings, decisions, clock))


@contextmanager
def _asked_for(
    db: Database, jobs: JobEngine, settings: Settings, decisions: DecisionService, clock: Clock, call: StoredFirstCall
) -> Iterator[FirstCall]:
    """Open what a worker takes to go on with a call that was asked for on its page, and is not over."""
    assert call.trace is not None  # noqa: S101 - it has one until it is over
    seen: list[ProviderCall] = []
    with _kalimera(settings, db, clock, seen, jobs.check_lease) as kalimera:
        opened = FirstCall(
            settings,
            db,
            jobs,
            kalimera,
            seen,
            decisions,
            call.agent,
            call.trace.phone,
            clock,
            own=call.id,
            trace=call.trace,
        )
        opened.confirmed.update(call.confirmed)
        opened.found_out += call.found_out
        yield opened


@contextmanager
def _kalimera(
    settings: Settings, db: Database, clock: Clock, seen: list[ProviderCall], may_send: Permission = always
) -> Iterator[KalimeraClient]:
    """Open a client whose calls go into a list, and the shapes of whose answers are kept at the end."""
    shapes = ShapeRecords(db, clock)
    with closing(KalimeraClient(settings, may_send, witness=seen.append, shapes=shapes.note)) as kalimera:
        try:
            yield kalimera
        finally:
            shapes.keep()

"""What the first real call is made with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from ordercall.bootstrap.parts import Clock, decision_service, open_database, utc_now
from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calling import Language
from ordercall.errors import ConfigurationError
from ordercall.jobs.engine import JobEngine
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.first_call import FirstCall
from ordercall.services.shape_records import ShapeRecords


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
        seen: list[ProviderCall] = []
        shapes = ShapeRecords(db, clock)
        with closing(KalimeraClient(settings, witness=seen.append, shapes=shapes.note)) as kalimera:
            try:
                yield FirstCall(settings, db, JobEngine(db), kalimera, seen, decisions, agent, phone, clock)
            finally:
                shapes.keep()

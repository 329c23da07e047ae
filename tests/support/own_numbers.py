"""A worker and a Kalimera for calls to numbers of one's own that a page asks for: a web application has neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from databases import ask
from makers import beside_sandbox, make_settings
from ordercall.bootstrap.worker import worker_services
from ordercall.jobs.tasks import Services
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from web_app import Shop


class Trying:
    """What takes the steps. ``kalimera``: where they are taken."""

    def __init__(self, shop: Shop, services: Services, kalimera: FakeKalimera) -> None:
        self.kalimera = kalimera
        self._shop = shop
        self._services = services

    def begin(self, phone: str) -> int:
        """Ask for a call by the first agent, and return its number."""
        view = self._shop.context
        with self._shop.db.read() as tx:
            agent = view.decisions.policy(tx).agents[0]
        call_id = view.first_calls.begin(agent, phone, by="Meera")
        assert call_id
        return call_id

    def work(self) -> None:
        """Do once what waits for a worker."""
        waiting = self._shop.rows("SELECT id FROM first_calls WHERE under_way = 1")
        with self._shop.db.begin() as tx:
            ask(tx, "DELETE FROM procrastinate_jobs WHERE task_name = 'first_call'")
        for (call_id,) in waiting:
            self._services.first_calls.work(call_id)


@contextmanager
def trying(shop: Shop) -> Iterator[Trying]:
    """Have the numbers of a shop tried at a Kalimera over real HTTP, that knows the agents of ``make_settings``."""
    names = {"agent_en": "agent-english", "agent_hi": "agent-hindi"}
    kalimera = FakeKalimera(token=shop.settings.kalimera_auth_token, campaign_ids=["main"], **names)
    with run_in_thread(create_sandbox(kalimera)) as sandbox:
        addresses = {name: value for name, value in beside_sandbox(sandbox.url).items() if name.endswith("_URL")}
        with worker_services(make_settings(**addresses), shop.db, lambda: shop.now) as services:
            yield Trying(shop, services, kalimera)

"""What is measured beside the program, each a factory for granian: ``python bench/serve.py apps:empty``."""

from __future__ import annotations

from flask import Flask, Response, request
from sqlalchemy import event

from ordercall import create_app
from ordercall.intake.reading import read
from ordercall.server.application import ServerApplication
from ordercall.services.intake_service import IntakeService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.group_commit import Waiter
from ordercall.storage.records.deliveries import Delivery, Outcome


def empty() -> Flask:
    """A Flask view that reads the body and does nothing: the measure of everything else."""
    app = Flask("empty")

    @app.post("/shopify/webhook")
    def webhook() -> dict[str, bool]:
        request.get_data(cache=False)
        return {"success": True}

    return app


def program() -> ServerApplication:
    """The program, with its commits counted at ``/commits``."""
    app = _counting()
    context = app.extensions["ordercall"]
    return ServerApplication(app, context.reception, context.report_reception)


def _counting() -> Flask:
    app = create_app()
    commits = [0]

    def count(_: object) -> None:
        commits[0] += 1

    event.listen(app.extensions["ordercall"].db.engine, "commit", count)
    app.add_url_rule("/commits", view_func=lambda: Response(str(commits[0])))
    return app


def one_commit_each() -> ServerApplication:
    """The program, but every webhook commits for itself."""
    app = _counting()
    context = app.extensions["ordercall"]
    context.reception.committer = EachAlone(context.db, context.reception.committer._intake)
    return ServerApplication(app, context.reception, context.report_reception)


class EachAlone:
    """Stands in for the committer."""

    def __init__(self, db: Database, intake: IntakeService) -> None:
        self._db = db
        self._intake = intake

    def put(self, delivery: Delivery, waiter: Waiter[Outcome]) -> None:
        received = read(delivery)
        with self._db.begin() as tx:
            [outcome] = self._intake.receive(tx, [received])
        waiter.set_result(outcome)

"""What is measured beside the program, each a factory for granian: ``python bench/serve.py apps:empty``."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, current_app, request
from sqlalchemy import event

from ordercall import create_app
from ordercall.services.intake_service import IntakeService, Received
from ordercall.storage.engine.database import Database
from ordercall.storage.records.deliveries import Outcome


def empty() -> Flask:
    """A Flask view that reads the body and does nothing: the measure of everything else."""
    app = Flask("empty")

    @app.post("/shopify/webhook")
    def webhook() -> dict[str, bool]:
        request.get_data(cache=False)
        return {"success": True}

    return app


def program() -> Flask:
    """The program, with its commits counted at ``/commits``."""
    app = create_app()
    commits = [0]

    def count(_: object) -> None:
        commits[0] += 1

    event.listen(app.extensions["ordercall"].db.engine, "commit", count)
    app.add_url_rule("/commits", view_func=lambda: Response(str(commits[0])))
    return app


def one_commit_each() -> Flask:
    """The program, but every webhook commits for itself in the thread that received it."""
    app = program()
    with app.app_context():
        context = current_app.extensions["ordercall"]
    reception = context.reception
    reception._committer = EachAlone(context.db, reception._committer._intake)
    return app


class EachAlone:
    """Stands in for the committer."""

    def __init__(self, db: Database, intake: IntakeService) -> None:
        self._db = db
        self._intake = intake

    def store(self, read: Callable[[], Received]) -> Outcome:
        received = read()
        with self._db.begin() as tx:
            return self._intake.receive(tx, [received])[0]

"""The sandbox as one Flask application: the two APIs, what tests ask, and the page where people click."""

from __future__ import annotations

from flask import Flask, abort, request

from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.shopify import FakeShopify

OWN_HOSTS = frozenset({"localhost", "127.0.0.1"})


def create_sandbox(kalimera: FakeKalimera | None = None, shopify: FakeShopify | None = None) -> Flask:
    """Return the application. Kalimera is mounted at ``/kalimera``, Shopify at ``/shopify``."""
    app = Flask(__name__)
    app.before_request(_read_and_check_host)
    app.register_blueprint((kalimera or FakeKalimera()).blueprint(), url_prefix="/kalimera")
    app.register_blueprint((shopify or FakeShopify()).blueprint(), url_prefix="/shopify")
    return app


def _read_and_check_host() -> None:
    """Read the body to its end, as the server needs it, and refuse a foreign name that points to this machine."""
    request.get_data()
    if request.host.rsplit(":", 1)[0].casefold() not in OWN_HOSTS:
        abort(403, "The sandbox answers at localhost only.")

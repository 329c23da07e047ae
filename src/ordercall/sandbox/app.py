"""The sandbox as one Flask application: the two APIs, the page for people, and its JSON for tests."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Flask, Response, abort, request

from ordercall.sandbox.customers import Customers
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.page import Sandbox, page_blueprint
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_sandbox(
    kalimera: FakeKalimera | None = None,
    shopify: FakeShopify | None = None,
    *,
    shop: Shop | None = None,
    customers: Customers | None = None,
    product_url: str = "http://localhost:5000",
) -> Flask:
    """Return the application; ``app.extensions["sandbox"]`` holds its parts.

    Args:
        kalimera: mounted at ``/kalimera``.
        shopify: mounted at ``/shopify``.
        shop: places the page's orders; default: one that sends no webhooks.
        customers: answer Kalimera's calls; default: nobody does.
        product_url: where the page's link to the dashboard leads.
    """
    kalimera, shopify = kalimera or FakeKalimera(), shopify or FakeShopify()
    dialer = customers.answer(kalimera) if customers else None
    sandbox = Sandbox(kalimera, shopify, shop or Shop(shopify), customers, dialer, product_url)
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = sandbox
    app.before_request(_read_and_check_host)
    app.after_request(_add_headers)
    app.register_blueprint(kalimera.blueprint(), url_prefix="/kalimera")
    app.register_blueprint(shopify.blueprint(), url_prefix="/shopify")
    app.register_blueprint(page_blueprint(sandbox))
    return app


def _read_and_check_host() -> None:
    """Read the body to its end, as the server needs it, and refuse a foreign name that resolves to this machine."""
    request.get_data()
    host = request.host.rsplit(":", 1)[0].casefold()
    if host != "localhost" and not _is_address(host):
        abort(403, "The sandbox answers at localhost only.")


def _is_address(host: str) -> bool:
    """Whether it is an IP address, which nobody can make resolve to another machine, as they can a name."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    return response

"""The Flask application: its views, its session, and the proxies that it trusts."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from jinja2 import StrictUndefined

from ordercall.web import (
    api,
    do_not_call,
    errors,
    health,
    metrics,
    openapi,
    orders_api,
    outcomes,
    pause,
    policy_api,
    problems,
    webhook,
)
from ordercall.web.access import auth, issuer, rates, second_step
from ordercall.web.access.doors import csrf
from ordercall.web.access.proxies import TrustedProxies, refuse_other_hosts
from ordercall.web.access.sessions import Sessions
from ordercall.web.compression import deliver_well, static_address
from ordercall.web.context import Context
from ordercall.web.headers import protect
from ordercall.web.ids import OneOrder
from ordercall.web.pages import (
    account,
    alerts,
    audit,
    bulk,
    connections,
    dashboard,
    demo,
    export,
    first_call,
    history,
    issuer_link,
    keys,
    needs_you,
    no_calls,
    order_address,
    order_page,
    people,
    privacy,
    refusals,
    reported,
    rules,
    saved_views,
    second_factor,
    trials,
)
from ordercall.web.sent import CleanRequest
from ordercall.web.view import calls, contacts, format, page_numbers, reading

LARGEST_FORM = 1024 * 1024
"""Bytes: about 50,000 ids of orders; a page of a list has 25 to tick."""

ROOMS = (
    webhook,
    api,
    orders_api,
    outcomes,
    do_not_call,
    pause,
    policy_api,
    openapi,
    auth,
    dashboard,
    saved_views,
    refusals,
    bulk,
    export,
    order_address,
    order_page,
    needs_you,
    history,
    reported,
    privacy,
    rules,
    no_calls,
    trials,
    connections,
    first_call,
    people,
    keys,
    alerts,
    account,
    second_factor,
    second_step,
    issuer,
    issuer_link,
    audit,
    demo,
    health,
    metrics,
    errors,
)
"""The modules that have routes, each as ``bp``."""


def application(context: Context) -> Flask:
    """Return the application whose views work with *context*."""
    settings = context.settings
    app = Flask("ordercall", static_url_path=static_address())
    app.request_class = CleanRequest
    app.url_map.converters["order"] = OneOrder
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.undefined = StrictUndefined  # a misspelt column is a fault and not an empty place
    app.config.update(
        SECRET_KEY=settings.flask_secret_key,
        SESSION_COOKIE_NAME="__Host-session" if settings.production else "session",  # which no neighbour can set
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        WTF_CSRF_CHECK_DEFAULT=False,  # each door asks for it where it is due
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: the dashboard stays open all day
    )
    app.extensions["ordercall"] = context
    app.session_interface = Sessions()
    csrf.init_app(app)
    for room in ROOMS:
        app.register_blueprint(room.bp)
    format.register(app)
    calls.register(app)
    contacts.register(app)
    reading.register(app)
    app.context_processor(page_numbers.common)
    refuse_other_hosts(app, settings)
    problems.register(app)
    rates.register(app)
    protect(app)
    deliver_well(app)
    if settings.trusted_proxies.number:
        app.wsgi_app = TrustedProxies(app.wsgi_app, settings)  # type: ignore[method-assign]
    return app

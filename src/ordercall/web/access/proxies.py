"""What stands in front of this program: whose word on address and scheme is believed, and which hosts are its own."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from ordercall.config import Settings
from ordercall.errors import InvalidRequest
from ordercall.web.access.callers import direct_from_this_machine, host_without_port, offered_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESS = re.compile(r"\[(?P<v6>[^]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+|(?P<bare>.+)")
"""An address as proxies write it: with or without the port of its connection."""

FOR_ANY_HOST = frozenset(
    {"health.health", "health.alive", "health.ready", "webhook.webhook", "outcomes.report_by_address"}
)
"""A load balancer asks for its health by an address; a webhook is proved by its signature, a report by its address."""

FOR_PROGRAMS = ("api", "metrics", "outcomes")


class TrustedProxies:
    """WSGI middleware that believes our own proxies, as ``ProxyFix`` does, in what can be believed.

    With the port that some write after an address each connection would have tries of its own at the login.
    """

    def __init__(self, inner: WSGIApplication, settings: Settings) -> None:
        self._inner = inner
        self._proxies = settings.trusted_proxies
        hops = self._proxies.number
        self._fixed = ProxyFix(self._corrected, x_for=hops, x_proto=hops, x_host=hops)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ours = self._proxies.include(environ.get("REMOTE_ADDR", ""))
        return (self._fixed if ours else self._inner)(environ, start_response)

    def _corrected(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        came: dict[str, Any] = environ["werkzeug.proxy_fix.orig"]
        environ["REMOTE_ADDR"] = _address_in(environ.get("REMOTE_ADDR", "")) or came["REMOTE_ADDR"]
        if environ["wsgi.url_scheme"] not in ("http", "https"):
            environ["wsgi.url_scheme"] = came["wsgi.url_scheme"]
        return self._inner(environ, start_response)


def refuse_other_hosts(app: Flask, settings: Settings) -> None:
    """Answer in production only for the host of PUBLIC_URL, where that is set, and for this machine itself.

    Whoever brings a browser here under a name of their own (DNS rebinding) must not meet a page, and an address that
    a page makes must not lead to a host that somebody has written into a header. A program with a token is no browser,
    the API's answers hold no address, and a token that is wrong is refused as such: any name does.
    """
    own = urlsplit(settings.public_url).hostname

    def refuse() -> None:
        if request.endpoint in FOR_ANY_HOST or (request.blueprint in FOR_PROGRAMS and offered_token() is not None):
            return
        if host_without_port() != own and not direct_from_this_machine():
            raise InvalidRequest(
                f"This is {settings.public_url}, and it was asked for '{request.host}'. Open that address; if you did,"
                " a proxy in front changes the Host, and must pass it on (docs/deployment.md, Behind a proxy).",
                code="WrongHost",
            )

    if settings.production and own:
        app.before_request(refuse)


def _address_in(written: str) -> str | None:
    found = ADDRESS.fullmatch(written.strip())
    try:
        return str(ip_address(found[found.lastgroup or 0])) if found else None
    except ValueError:
        return None

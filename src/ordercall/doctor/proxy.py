"""Whether the proxy at PUBLIC_URL passes on what the pages need: the host, and that the browser spoke https."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.providers.connections import Answer, Connections, NoAnswer

PATIENCE_SECONDS = 5.0
"""From here to the public address and back; who cannot reach it from inside hears nothing of it."""

UNREAD = 2 * 1024 * 1024
"""Bytes of a body that are announced and never sent: more than Ordercall takes, so that it refuses them unread, and
less than a proxy has to let pass."""

HOW = "docs/deployment.md says how, under Behind a proxy."


def proxy(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Ask for the login page as a browser would; whether Shopify gets through is another check's."""
    if not settings.production or not settings.public_url:
        return
    page = login_page(settings.public_url)
    if page is None:
        return
    yield from passes_on(page)
    if passes_unread(settings.public_url):
        fault = "The proxy passes bodies on while they still arrive, so a slow sender holds a connection of ours."
        yield warning("proxy", fault, f"Let it read them whole first, if it can; limits of ours hold meanwhile. {HOW}")


def login_page(public_url: str) -> Answer | None:
    """Return the login page as it comes through the proxy; None where it does not come."""
    connections = Connections(PATIENCE_SECONDS)
    try:
        return connections.ask_and_wait("GET", f"{public_url}/login")
    except NoAnswer:
        return None
    finally:
        connections.close()


def passes_on(page: Answer) -> Iterator[Finding]:
    """Tell from the login page, as it came through the proxy, what the proxy keeps to itself."""
    if page.status == 400 and "WrongHost" in page.text:
        yield failure("proxy", "The proxy changes the Host, so every page is refused.", f"Let it pass it on: {HOW}")
    elif page.status != 200:
        yield warning("proxy", f"PUBLIC_URL answers {page.status} for the login page.", "Look at the proxy's log.")
    elif "Strict-Transport-Security" not in page.headers:
        fault = "Nobody tells Ordercall, or it does not believe, that browsers come by https."
        yield warning("proxy", fault, f"Set TRUSTED_PROXIES and let the proxy send X-Forwarded-Proto: {HOW}")
    else:
        yield ok("proxy", "it passes on the host, and that browsers come by https")


def passes_unread(public_url: str, patience: float = PATIENCE_SECONDS) -> bool:
    """Return whether Ordercall hears of a request whose body nobody has sent, so that it answers at once."""
    address = urlsplit(public_url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.netloc, timeout=patience)
    try:
        connection.putrequest("POST", f"{address.path}/api/orders/1/status")
        connection.putheader("Content-Length", str(UNREAD))
        connection.endheaders()
        answer = json.loads(connection.getresponse().read(UNREAD))
        return isinstance(answer, dict) and answer.get("success") is False
    except (OSError, HTTPException, ValueError):
        return False  # it waits for the body, or refuses by itself
    finally:
        connection.close()

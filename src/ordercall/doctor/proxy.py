"""Whether the proxy at PUBLIC_URL passes on what the pages need: the host, and that the browser spoke https."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import httpx

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning

PATIENCE_SECONDS = 5.0
"""From here to the public address and back; who cannot reach it from inside hears nothing of it."""

HOW = "docs/deployment.md says how, under Behind a proxy."


def proxy(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Ask for the login page as a browser would; whether Shopify gets through is another check's."""
    if not settings.production or not settings.public_url:
        return
    try:
        page = httpx.get(f"{settings.public_url}/login", timeout=PATIENCE_SECONDS, trust_env=False)
    except httpx.HTTPError:
        return
    yield from passes_on(page)


def passes_on(page: httpx.Response) -> Iterator[Finding]:
    """Tell from the login page, as it came through the proxy, what the proxy keeps to itself."""
    if page.status_code == 400 and "WrongHost" in page.text:
        yield failure("proxy", "The proxy changes the Host, so every page is refused.", f"Let it pass it on: {HOW}")
    elif page.status_code != 200:
        yield warning("proxy", f"PUBLIC_URL answers {page.status_code} for the login page.", "Look at the proxy's log.")
    elif "Strict-Transport-Security" not in page.headers:
        said = "Nobody tells Ordercall, or it does not believe, that browsers come by https."
        yield warning("proxy", said, f"Set TRUSTED_PROXIES and let the proxy send X-Forwarded-Proto: {HOW}")
    else:
        yield ok("proxy", "it passes on the host, and that browsers come by https")

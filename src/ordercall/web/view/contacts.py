"""What of customers' phones, e-mails and streets is shown to whom: this module alone decides, for pages and answers.

Who may see them sees them as they are. Everybody else gets enough to tell two orders apart and too little to reach
anybody: the ends of a phone, the beginning of an e-mail address, no street. In texts that people or providers wrote,
whatever looks like one of these is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, g

from ordercall.domain.people import Permission
from ordercall.storage.records.stored_order import StoredOrder

HIDDEN = "•••"
INDIA = "+91"

LONG_ENOUGH = 10
"""Characters of a phone of which the ends may be shown; of a shorter one they would be most of it."""

SHORTEST_LINE = 4
"""Characters of a line of an address that is looked for in texts: a shorter one stands in ordinary words."""

IN_TEXTS = (
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    (re.compile(r"\+\d[\d\s().-]{6,}\d"), HIDDEN),
    (re.compile(r"(?<!\d)0?\d{5}[ .-]?\d{5}(?!\d)"), HIDDEN),
    (re.compile(r"(?<!\d)91[ .-]?\d{5}[ .-]?\d{5}(?!\d)"), HIDDEN),
)
"""E-mail addresses; phones in international form, and as India writes them."""


def register(app: Flask) -> None:
    """Give the templates what they show these by."""
    app.jinja_env.globals["contacts_open"] = contacts_open
    for show in (phone_seen, email_seen, line_seen, text_seen):
        app.jinja_env.filters[show.__name__] = show


def contacts_open() -> bool:
    """Return whether whoever asks may see phones and addresses. Of somebody who was not let in nobody knows."""
    caller = g.get("caller")
    return caller is not None and Permission.CONTACT in caller.may


def phone_seen(phone: str | None) -> str:
    """Return a phone as it is, or its ends: *+91 98••• ••210*."""
    if not phone or contacts_open():
        return phone or ""
    if len(phone) < LONG_ENOUGH:
        return HIDDEN
    country, own = (f"{INDIA} ", phone.removeprefix(INDIA)) if phone.startswith(INDIA) else ("", phone)
    return f"{country}{own[:2]}••• ••{own[-3:]}"


def email_seen(email: str | None) -> str:
    """Return an e-mail address as it is, or its first letter and its domain."""
    if not email or contacts_open():
        return email or ""
    name, at, domain = email.partition("@")
    return f"{name[:1]}{HIDDEN}{at}{domain}"


def line_seen(line: str | None) -> str:
    """Return a line of an address as it is, or that there is one."""
    return (line or "") if contacts_open() or not line else HIDDEN


def text_seen(text: str | None, order: StoredOrder | None = None) -> str:
    """Return a text as it was written, or without what looks like a phone or an e-mail, nor what is this order's."""
    if not text or contacts_open():
        return text or ""
    own = (order.address, order.address2, order.customer_email, order.customer_phone) if order else ()
    return _without(text, own)


def row_seen(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order's columns as they are, or with those hidden by which a customer is reached."""
    if contacts_open():
        return dict(row)
    own = [row[name] for name in OF_A_CUSTOMER]
    return {name: _hidden(name, value, own) if isinstance(value, str) else value for name, value in row.items()}


def _hidden(name: str, value: str, own: Iterable[str | None]) -> str:
    return OF_A_CUSTOMER[name](value) if name in OF_A_CUSTOMER else _without(value, own)


OF_A_CUSTOMER = {
    "customer_phone": phone_seen,
    "customer_email": email_seen,
    "address": line_seen,
    "address2": line_seen,
}
"""The columns of an order by which its customer is reached."""


def _without(text: str, own: Iterable[str | None]) -> str:
    for line in own:
        if line and len(line) >= SHORTEST_LINE:
            text = re.sub(re.escape(line), HIDDEN, text, flags=re.IGNORECASE)
    for pattern, instead in IN_TEXTS:
        text = pattern.sub(instead, text)
    return text

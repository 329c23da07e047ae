"""The forms of the settings, filled in as a browser does it."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ordercall.storage.records import policies
from ordercall.storage.records.policies import Published
from reading import look
from web_app import Element, Page, Shop

CALLING = "/settings/calling"


def in_force(shop: Shop) -> Published:
    """Return the newest version."""
    with shop.db.read() as tx:
        found = policies.newest(tx)
    assert found
    return found


def sent_by(form: Element) -> MultiDict[str, str]:
    """Return what a browser sends with a form, before a button adds to it."""
    values: MultiDict[str, str] = MultiDict()
    for each in form.every():
        kind, name = each.attrs.get("type", "text"), each.attrs.get("name")
        if each.tag == "textarea" and name:
            values.add(name, "".join(map(str, each.children)))
        elif each.tag == "select" and name:
            values.add(name, next(one.attrs["value"] for one in each.all("option") if "selected" in one.attrs))
        elif each.tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in each.attrs):
            values.add(name, each.attrs.get("value", "on"))
    return values


def form_of(page: Page, method: str = "") -> Element:
    """Return the form with the fields, or the one that publishes."""
    return next(form for form in page.one("main").all("form") if form.attrs.get("method", "") == method)


def filled_in(person: FlaskClient, address: str = CALLING, **changes: Any) -> MultiDict[str, str]:
    """Return what the form of a page sends once it is filled in. None takes a field out."""
    values = sent_by(form_of(look(person, address)))
    for name, value in changes.items():
        values.setlist(name, [] if value is None else value if isinstance(value, list) else [value])
    return values


def draft(person: FlaskClient, address: str = CALLING, **changes: Any) -> Page:
    """Fill in the form of a page and look at what it changes."""
    return Page(person.get(address, query_string=filled_in(person, address, **changes)))


def publish(person: FlaskClient, page: Page, **more: str) -> TestResponse:
    """Press the button that publishes what a page shows."""
    form = form_of(page, "post")
    values = MultiDict([*sent_by(form).items(multi=True), *more.items()])
    return person.post(form.attrs["action"].split("#")[0], data=values)


def changed(page: Page) -> list[str]:
    """Return what the draft changes, below what somebody else may have changed."""
    return [line.text for line in page.one("section", id="draft").all("ul")[-1].all("li")]

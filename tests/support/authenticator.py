"""A person's authenticator app: it holds a secret, and shows the code of the moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.domain.second_factor import SECONDS
from web_app import MEMBER_PASSWORD, Page, Shop, csrf_token, login, send_form

AGENT = "the agent"
"""Who has the second factor in most tests."""


@dataclass
class Authenticator:
    """The app of the person who has this name in a shop, and their recovery codes."""

    shop: Shop = field(repr=False)
    secret: str
    recovery: list[str] = field(default_factory=list)

    def code(self, *, steps: int = 0) -> str:
        """Return what the app shows now, or so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.shop.now, counter_offset=steps)

    def next_code(self) -> str:
        """Wait for a code that was not shown before, and return it."""
        self.shop.pass_time(seconds=SECONDS)
        return self.code()


def with_an_app(shop: Shop, name: str) -> Authenticator:
    """Switch a person's second factor on; the code that it shows now is used up by that."""
    factors, person = shop.context.access.factors, shop.context.access.people.find(name)
    app = Authenticator(shop, factors.begin(person.id))
    app.recovery = factors.confirm(person.id, app.code(), but="") or []
    return app


def send_code(client: FlaskClient, code: str, *, next_page: str = "") -> TestResponse:
    """Fill in the second page of a login and send it."""
    form = {"csrf_token": csrf_token(client), "code": code, "next": next_page}
    return client.post("/login/code", data=form)


def halfway(shop: Shop, *, address: str = "203.0.113.7") -> FlaskClient:
    """Return a browser that nobody knows, after the right password."""
    client = shop.client(address=address)
    assert login(client, username=AGENT, password=MEMBER_PASSWORD).location.startswith("/login/code")
    return client


def is_in(client: FlaskClient) -> bool:
    """Return whether a browser is logged in."""
    return client.get("/account").status_code == 200


def begin(client: FlaskClient, shop: Shop) -> Authenticator:
    """Have the page show a secret, and take it into an app."""
    page = Page(send_form(client, "/account/factor", current=MEMBER_PASSWORD))
    return Authenticator(shop, page.one(id="secret").text.replace(" ", ""))


def confirm(client: FlaskClient, app: Authenticator) -> list[str]:
    """Send the first code, and return the recovery codes of the page that answers."""
    page = Page(send_form(client, "/account/factor/confirm", code=app.code()))
    return [each.text for each in page.one("ol").all("span", css="code")]

"""A person's authenticator app: it holds a secret, and shows the code of the moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.domain.second_factor import SECONDS
from web_app import Shop, csrf_token


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

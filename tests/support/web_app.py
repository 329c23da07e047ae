"""The web application for tests: the real one over its own database, a browser for it, and its pages taken apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from databases import add_trigger, ask, empty
from makers import SECRET
from ordercall.bootstrap.web import create_app
from ordercall.config import DEFAULT_PASSWORD, Settings
from ordercall.domain.calls.calling import INDIA, CallingState
from ordercall.domain.orders.order import Status
from ordercall.domain.people import Role
from ordercall.providers.shopify.payload import read_order
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.webhooks import signed_headers
from ordercall.storage.engine.database import Database
from ordercall.storage.records import orders, sessions
from ordercall.storage.records.orders import NewOrder
from ordercall.storage.records.sessions import Session
from ordercall.web.access.passwords import Passwords
from ordercall.web.access.sessions import Sessions
from ordercall.web.context import Context

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=INDIA)
MEMBER_PASSWORD = "four words of a member"
LEAST_MEMORY = 8
"""KiB, the least that argon2 takes: a test compares passwords, and does not keep them from anybody."""

PIECE = re.compile(r"""<!.*?>|<(/?)([a-z][a-z0-9-]*)([^"'>]*(?:(?:"[^"]*"|'[^']*')[^"'>]*)*)>|([^<]+|<)""", re.DOTALL)
"""A comment or the type of the document; a tag with its attributes, whose values are quoted; or text."""

ATTRIBUTE = re.compile(r"""([^\s="'/]+)(?:=(["'])(.*?)\2)?""", re.DOTALL)
_tokens: dict[str, str] = {}
"""A CSRF token of each session, by what the session keeps of it."""

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "rect", "line", "use"})


@dataclass
class Shop:
    """The web application of one shop. ``now`` is its present. No worker runs: a job stays where it is, and no request
    waits for one."""

    settings: Settings = field(repr=False)
    now: datetime = NOON
    app: Flask = field(init=False, repr=False)
    _sessions: dict[str, tuple[str, Session]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        passwords = Passwords(kibibytes=LEAST_MEMORY)
        self.app = create_app(self.settings, clock=lambda: self.now, passwords=passwords, wait_seconds=0)
        self.app.jinja_env.bytecode_cache = FileSystemBytecodeCache()  # or each shop compiles every template anew

    @property
    def context(self) -> Context:
        context: Context = self.app.extensions["ordercall"]
        return context

    @property
    def db(self) -> Database:
        return self.context.db

    @property
    def _cookie(self) -> str:
        return str(self.app.config["SESSION_COOKIE_NAME"])

    def start_anew(self) -> None:
        """Go back to an empty database and to noon: many times faster than to build the application again."""
        self.now = NOON
        self.context.refusals.close()
        self.context.signals.readiness.forget()
        self.context.signals.observation.forget()
        empty(self.db)

    def close(self) -> None:
        """Let go of the database, as the server does when it ends."""
        self.context.refusals.close()
        self.db.close()

    def client(self, *, address: str = "127.0.0.1") -> FlaskClient:
        """Return a browser, not logged in, that connects from *address*."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return client

    def person(self, *, address: str = "127.0.0.1") -> FlaskClient:
        """Return the browser of the owner, who is logged in. A login takes a while: its row is written anew instead."""
        client = self.client(address=address)
        if address not in self._sessions:
            assert login(client, password=self.settings.admin_password).status_code == 302
            _token_of_session(client)
            self._sessions[address] = (self.cookie_of(client), self._newest_session())
            return client
        cookie, session = self._sessions[address]
        self._keep(replace(session, begun_at=self.now, used_at=self.now))
        client.set_cookie(self._cookie, cookie)
        return client

    def member(self, role: Role, *, name: str = "", address: str = "127.0.0.1") -> FlaskClient:
        """Return the browser of somebody with this role, who was invited and has logged in."""
        name = name or f"the {role}"
        link = self.context.access.people.invite(name, role, by="a test")
        self.context.access.people.choose(
            link.token, self.context.access.passwords.hash(MEMBER_PASSWORD), address=address
        )
        client = self.client(address=address)
        assert login(client, username=name, password=MEMBER_PASSWORD).status_code == 302
        return client

    def cookie_of(self, client: FlaskClient) -> str:
        """Return the cookie of a browser's session."""
        cookie = client.get_cookie(self._cookie)
        assert cookie is not None
        return cookie.value

    def _newest_session(self) -> Session:
        with self.db.read() as tx:
            newest = ask(tx, "SELECT hash FROM sessions ORDER BY begun_at DESC LIMIT 1").scalar_one()
            session = sessions.find(tx, newest)
        assert session
        return session

    def _keep(self, session: Session) -> None:
        """Have this session stand in the database as one that has just begun."""
        with self.db.read() as tx:
            if (found := sessions.find(tx, session.hash)) and found.used_at == session.used_at:
                return
        with self.db.begin() as tx:
            owner = self.context.access.people.of_settings(tx)
            sessions.end(tx, session.hash, of=owner.id)
            sessions.begin(tx, replace(session, person=owner))

    def receive(self, number: int = 1001, *, topic: str = "orders/create", **changes: Any) -> int:
        """Take in the webhook of order ``#number``, placed now; return the order's id."""
        order = make_order(number, **{"created_at": self.now.isoformat()} | changes)
        return deliver(self.client(), order, topic)

    def store(self, *bodies: dict[str, Any]) -> None:
        """Store many orders at once, as their webhooks would have been, but without what belongs to them."""
        with self.db.begin() as tx:
            orders.add_all(tx, [self._new(body) for body in bodies])

    def _new(self, body: dict[str, Any]) -> NewOrder:
        order = read_order(json.dumps(body).encode())
        return NewOrder(
            order=order, status=Status.PLACED, calling=CallingState.QUEUED, reason=None, received_at=self.now
        )

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def rows(self, question: str, *values: Any) -> list[Any]:
        with self.db.read() as tx:
            return list(ask(tx, question, *values))

    def order(self, shopify_id: int) -> Any:
        return self.rows("SELECT * FROM orders WHERE shopify_id = ?", shopify_id)[0]

    def events(self, shopify_id: int) -> list[str]:
        return [row[0] for row in self.rows("SELECT event_type FROM logs WHERE shopify_id = ? ORDER BY id", shopify_id)]

    def change(self, shopify_id: int, **columns: Any) -> None:
        """Write into the order's row what a worker would have left there."""
        assigned = ", ".join(f"{name} = ?" for name in columns)
        with self.db.begin() as tx:
            query = f"UPDATE orders SET {assigned} WHERE shopify_id = ?"  # noqa: S608 - the tests' own words
            ask(tx, query, *columns.values(), shopify_id)

    def settles_at_once(self, column: str, **columns: str) -> None:
        """From now on whatever is queued in *column* is settled in the same moment, as a very quick worker would."""
        settled = ", ".join(f"{name} = '{value}'" for name, value in columns.items())
        with self.db.begin() as tx:
            deed = f"UPDATE orders SET {settled} WHERE shopify_id = NEW.shopify_id"  # noqa: S608
            add_trigger(tx, f"AFTER UPDATE OF {column} ON orders", f"NEW.{column} = 'queued'", deed)


def deliver(client: FlaskClient, order: dict[str, Any], topic: str = "orders/create") -> int:
    """Send a signed webhook and return the order's id."""
    answer = post_webhook(client, json.dumps(order).encode(), topic=topic)
    assert answer.status_code == 200
    return int(order["id"])


def post_webhook(client: FlaskClient, body: bytes, *, topic: str = "orders/create") -> TestResponse:
    """Send a webhook with this body, rightly signed."""
    return client.post("/shopify/webhook", data=body, headers=signed_headers(body, topic=topic, secret=SECRET))


def csrf_token(client: FlaskClient, path: str = "/login", **request: Any) -> str:
    """Return the CSRF token in the first form of a page."""
    form = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path, **request).text)
    assert form
    return form[1]


def _token_of_session(client: FlaskClient) -> str:
    """Return a CSRF token that the session takes; a page is asked for it once, as that takes as long as the form."""
    if (secret := _secret_of(client)) not in _tokens:
        token = csrf_token(client)
        _tokens[secret := _secret_of(client)] = token
    return _tokens[secret]


def _secret_of(client: FlaskClient) -> str:
    """Return what the session of a browser keeps of its CSRF tokens: another one after each login, nothing before."""
    app = client.application
    serializer = Sessions().get_signing_serializer(app)
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    return str(serializer.loads(cookie.value).get("csrf_token", "")) if serializer and cookie else ""


def login(
    client: FlaskClient,
    *,
    username: str = "admin",
    password: str = DEFAULT_PASSWORD,
    next_page: str | None = None,
    **request: Any,
) -> TestResponse:
    """Fill in the login form and send it. *request* holds headers and the like, for both requests."""
    form = {"csrf_token": csrf_token(client, **request), "username": username, "password": password}
    return client.post("/login", data=form | ({"next": next_page} if next_page is not None else {}), **request)


def send_form(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Send a form of the dashboard, with the CSRF token of the person's session."""
    return client.post(path, data=fields | {"csrf_token": _token_of_session(client)})


@dataclass
class Element:
    """One element of a page. ``written``: its attributes as they stand there; few are ever asked for."""

    tag: str
    written: str
    children: list[Element | str] = field(default_factory=list, repr=False)

    @cached_property
    def attrs(self) -> dict[str, str]:
        return {name: unescape(value) for name, _, value in ATTRIBUTE.findall(self.written)}

    @property
    def text(self) -> str:
        """The text in it, with single spaces."""
        return " ".join("".join(self._texts()).split())

    @property
    def classes(self) -> list[str]:
        return self.attrs.get("class", "").split()

    def every(self) -> Iterator[Element]:
        """Yield all elements below this one, in the order of the page."""
        return iter(self._below)

    @cached_property
    def _below(self) -> list[Element]:
        found, waiting = [], self.children[::-1]
        while waiting:
            child = waiting.pop()
            if not isinstance(child, str):
                found.append(child)
                waiting += reversed(child.children)
        return found

    def all(self, tag: str = "", css: str = "", text: str = "", **attrs: str) -> list[Element]:
        """Return the elements with this tag, class, text inside and these attributes; ``_`` stands for ``-``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            element
            for element in self._below
            if tag in ("", element.tag)
            and (not css or (css in element.written and css in element.classes))
            and (not wanted or wanted.items() <= element.attrs.items())
            and (not text or text in element.text)
        ]

    def one(self, tag: str = "", css: str = "", text: str = "", **attrs: str) -> Element:
        """Return the only such element."""
        found = self.all(tag, css, text, **attrs)
        assert len(found) == 1, f"{len(found)} elements <{tag} class={css!r} {attrs}> with {text!r}"
        return found[0]

    def has(self, tag: str = "", css: str = "", text: str = "", **attrs: str) -> bool:
        return bool(self.all(tag, css, text, **attrs))

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style"):
                yield from child._texts()


class Page(Element):
    """A page as a browser would take it apart."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__("page", "")
        self.source = answer.get_data(as_text=True)
        _take_apart(self.source, self)


def _take_apart(source: str, root: Element) -> None:
    """Put what a page holds into its root. Python's own parser takes twice as long, a fifth of most tests of pages."""
    still_open = [root]
    for ends, tag, attributes, text in PIECE.findall(source):
        if text:
            still_open[-1].children.append(unescape(text))
        elif ends:
            assert still_open[-1].tag == tag, f"</{tag}> closes <{still_open[-1].tag}>"
            still_open.pop()
        elif tag:
            element = Element(tag, attributes)
            still_open[-1].children.append(element)
            if tag not in VOID and not attributes.endswith("/"):
                still_open.append(element)

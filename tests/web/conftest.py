"""The real web application over a real database, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from databases import Databases
from issuer import StandIn, stand_in
from makers import make_settings
from ordercall.server.application import ServerApplication
from ordercall.web.context import Context
from reading import decide
from served import served
from web_app import Shop
from wire import Address

NewShop = Callable[..., Shop]


@pytest.fixture(scope="session")
def open_shops() -> Iterator[dict[tuple[tuple[str, str], ...], Shop]]:
    """Keep one application for each choice of settings: to build one, and its templates, takes a while."""
    shops: dict[tuple[tuple[str, str], ...], Shop] = {}
    yield shops
    for shop in shops.values():
        shop.close()


@pytest.fixture(scope="session")
def new_shop(open_shops: dict[tuple[tuple[str, str], ...], Shop], databases: Databases) -> NewShop:
    """Return a shop with some settings of its own, and nothing in its database."""

    def make(**environment: str) -> Shop:
        key = tuple(sorted(environment.items()))
        if key not in open_shops:
            open_shops[key] = Shop(make_settings(**databases.place(), **environment))
        open_shops[key].start_anew()
        return open_shops[key]

    return make


@pytest.fixture(scope="session")
def address_of() -> Iterator[Callable[[Shop], Address]]:
    """Return where a shop is served over the network, by the server that the program has."""
    addresses: dict[int, Address] = {}
    with ExitStack() as servers:

        def serve(shop: Shop) -> Address:
            if id(shop) not in addresses:
                context: Context = shop.app.extensions["ordercall"]
                application = ServerApplication(shop.app, context.reception, context.report_reception)
                addresses[id(shop)] = servers.enter_context(served(application))
            return addresses[id(shop)]

        yield serve


@pytest.fixture(scope="session")
def one_issuer() -> Iterator[StandIn]:
    with stand_in() as issuer:
        yield issuer


@pytest.fixture
def there(one_issuer: StandIn) -> StandIn:
    """An OpenID Connect issuer."""
    one_issuer.forget()
    return one_issuer


@pytest.fixture
def shop(new_shop: NewShop) -> Shop:
    """A shop on a development machine."""
    return new_shop()


@pytest.fixture
def production(new_shop: NewShop) -> Shop:
    """A shop on a server."""
    return new_shop(APP_ENV="production", ADMIN_PASSWORD="a-long-password")


@pytest.fixture
def program(shop: Shop) -> FlaskClient:
    """A program on the development machine that calls the API."""
    return shop.client()


@pytest.fixture
def person(shop: Shop) -> FlaskClient:
    """The browser of somebody who logged in."""
    return shop.person()


@pytest.fixture
def mixed(shop: Shop) -> Shop:
    """Two Placed orders, one of each other status, and one Placed order that nobody will be called for."""
    for number, status in ((1001, "Placed"), (1002, "Placed"), (1003, "Success"), (1004, "Returned"), (1005, "Failed")):
        decide(shop, shop.receive(number), status)
    shop.receive(1006, phone=None)
    return shop

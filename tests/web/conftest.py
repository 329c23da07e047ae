"""The real web application over a real database, with a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from makers import make_settings
from ordercall.storage.database import Database
from web_app import Shop

NewShop = Callable[..., Shop]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database once; every test starts from a copy, which is several times faster."""
    database = Database(tmp_path_factory.mktemp("empty") / "orders.db")
    database.upgrade()
    database.close()
    return database.path


@pytest.fixture
def new_shop(empty_file: Path, tmp_path: Path) -> Iterator[NewShop]:
    """Make a shop with some settings of its own."""
    shops: list[Shop] = []

    def make(**environment: str) -> Shop:
        path = tmp_path / f"orders-{len(shops)}.db"
        shops.append(Shop(make_settings(Path(shutil.copy(empty_file, path)), **environment)))
        return shops[-1]

    yield make
    for shop in shops:
        shop.db.close()


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

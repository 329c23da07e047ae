"""A WSGI application of the test's own behind the bridge, over the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from ordercall.server.bodies import ROOM_FOR_FORMS, Bodies
from ordercall.server.bridge import Bridge
from ordercall.server.crowd import Crowd
from served import served
from wire import Address

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[..., Address]


class BridgeAlone:
    """What granian serves: all requests go over the bridge."""

    def __init__(self, wsgi: WSGIApplication) -> None:
        self.__rsgi__ = Bridge(wsgi, Bodies(ROOM_FOR_FORMS), Crowd()).answer


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as servers:
        yield lambda wsgi: servers.enter_context(served(BridgeAlone(wsgi)))

"""What granian serves (RSGI): webhooks in its event loop, everything else by the WSGI application, in threads."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING

from granian.rsgi import HTTPProtocol, Scope

from ordercall.intake.reception import Reception
from ordercall.server.bodies import ROOM_FOR_FORMS, ROOM_FOR_WEBHOOKS, Bodies
from ordercall.server.bridge import Bridge
from ordercall.server.webhooks import PATHS, WebhookDoor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class ServerApplication:
    """Answers webhooks by *reception*, and all other requests by *wsgi*."""

    def __init__(self, wsgi: WSGIApplication, reception: Reception) -> None:
        self._webhooks = WebhookDoor(reception, Bodies(ROOM_FOR_WEBHOOKS))
        self._bridge = Bridge(wsgi, Bodies(ROOM_FOR_FORMS))

    def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> Coroutine[None, None, None]:
        if scope.path in PATHS and scope.method == "POST":
            return self._webhooks.answer(scope, protocol)
        return self._bridge.answer(scope, protocol)

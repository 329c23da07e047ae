"""What the tests of the sandbox share: a product that listens, and the calls that a product makes."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from ordercall.sandbox.orders import fictional_phone
from waiting import LONG

SECRET = "shared-secret"
INDIA = ZoneInfo("Asia/Kolkata")
PHONE, OTHER_PHONE = fictional_phone(1), fictional_phone(2)
NOBODY = "00000000-0000-4000-8000-000000000000"
CANCELLATION = {"email": True, "restock": True, "reason": "other"}


class Product:
    """Plays the product: keeps what it is sent and answers 200, or first the answers that a test gives it.

    ``waiting``: the ids of the orders that wait for an answer, whatever the phone; ``looked_up``: who asked for them.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.waiting: list[int] = []
        self.looked_up: list[str] = []
        product = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                product.requests.append((self.path, dict(self.headers), body))
                self.send_response(product.answers.pop(0) if product.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                if self.path.startswith("/api/orders?"):
                    product.looked_up.append(self.path)
                    return self.tell(200, {"orders": [{"shopify_id": order_id} for order_id in product.waiting]})
                status = product.answers.pop(0) if product.answers else 200
                return self.tell(status, {"order": {"order_name": "#1041"}})

            def tell(self, status: int, told: dict[str, Any]) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def webhooks(self, topic: str) -> list[tuple[dict[str, str], bytes]]:
        return [(headers, body) for _, headers, body in self.requests if headers.get("X-Shopify-Topic") == topic]

    def reports(self) -> dict[str, str]:
        return {path: json.loads(body)["status"] for path, _, body in self.requests if path.startswith("/api/")}

    def outcomes(self) -> list[dict[str, Any]]:
        return [json.loads(body) for path, _, body in self.requests if path == "/api/outcomes"]

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def http(base_url: str = "", **headers: str) -> httpx.Client:
    """Return a client for plain HTTP; it spares the time that reading certificates takes."""
    return httpx.Client(base_url=base_url, headers=headers, timeout=LONG, verify=False, trust_env=False)  # noqa: S501


def window(agent: str, start: datetime | None = None, **changes: str) -> dict[str, str]:
    start = start or datetime.now(INDIA).replace(microsecond=0)
    times = {"start_time": start.isoformat(), "end_time": (start + timedelta(hours=2)).isoformat()}
    return {"agent_id": agent, "sip_list_id": "sip", "timezone": "Asia/Kolkata"} | times | changes


def create(client: httpx.Client, phone: str = PHONE) -> str:
    answer = client.post("/contact", json={"name": "Asha", "phone": phone})
    assert answer.status_code == 201
    return str(answer.json()["contact_id"])


def add(client: httpx.Client, *contact_ids: str) -> httpx.Response:
    return client.post("/campaign/contacts", json={"campaign_ids": ["main"], "contact_ids": list(contact_ids)})

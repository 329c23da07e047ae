"""The original description taken at its word: Flask's own server, and three calls inside the request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import sqlite3

import httpx
from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

from orders import SECRET

app = Flask(__name__)
KALIMERA = os.environ["KALIMERA"]
DATABASE = os.environ["DATABASE_PATH"]


@app.post("/shopify/webhook")
def webhook() -> ResponseReturnValue:
    body = request.get_data()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), request.headers.get("X-Shopify-Hmac-Sha256", "")):
        abort(403)
    order = request.get_json()
    log(order["id"], "Shopify_Webhook_Received", order)
    contact = httpx.post(f"{KALIMERA}/kalimera/contact", json={"phone": order["phone"]}, timeout=60).json()
    log(order["id"], "Kalimera_Contact_Created")
    httpx.put(f"{KALIMERA}/kalimera/campaign/main", json={"agent_id": "english"}, timeout=60)
    log(order["id"], "Kalimera_Campaign_Updated")
    places = {"campaign_ids": ["main"], "contact_ids": [contact["id"]]}
    httpx.post(f"{KALIMERA}/kalimera/campaign/contacts", json=places, timeout=60)
    log(order["id"], "Kalimera_Sync_Success")
    return jsonify(success=True)


def log(shopify_id: int, event: str, order: dict[str, object] | None = None) -> None:
    with sqlite3.connect(DATABASE, timeout=60) as connection:
        if order:
            connection.execute(
                "INSERT OR IGNORE INTO orders VALUES (?, ?, ?)", (shopify_id, order["name"], order["total_price"])
            )
        connection.execute("INSERT INTO logs (shopify_id, event_type) VALUES (?, ?)", (shopify_id, event))
    connection.close()


if __name__ == "__main__":
    with sqlite3.connect(DATABASE) as made:
        made.execute("CREATE TABLE orders (shopify_id INTEGER PRIMARY KEY, order_name TEXT, total_price REAL)")
        made.execute("CREATE TABLE logs (id INTEGER PRIMARY KEY, shopify_id INTEGER, event_type TEXT)")
    made.close()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.run(port=int(os.environ["PORT"]), threaded=True)

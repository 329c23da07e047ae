"""REST's webhooks.json: listing, making and removing the subscriptions of the app."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from ordercall.sandbox.provider import json_object
from ordercall.sandbox.subscriptions import TOPICS, AddressRefused, Subscription, Subscriptions


def add_webhook_routes(bp: Blueprint, api: str, subscriptions: Subscriptions) -> None:
    """Add the routes below *api*, a URL with ``<version>`` in it."""

    @bp.get(f"{api}/webhooks.json")
    def list_webhooks() -> ResponseReturnValue:
        return jsonify(webhooks=[_shown(subscription) for subscription in subscriptions.all()])

    @bp.post(f"{api}/webhooks.json")
    def make_webhook() -> ResponseReturnValue:
        sent = json_object().get("webhook")
        wanted = sent if isinstance(sent, dict) else {}
        topic, address = wanted.get("topic"), str(wanted.get("address") or "")
        if topic not in TOPICS:
            return jsonify(errors={"topic": ["Invalid topic specified."]}), 422
        try:
            made = subscriptions.create(topic, address, g.version)
        except AddressRefused as error:
            return jsonify(errors={"address": [str(error)]}), 422
        return jsonify(webhook=_shown(made)), 201

    @bp.delete(f"{api}/webhooks/<int:subscription_id>.json")
    def delete_webhook(subscription_id: int) -> ResponseReturnValue:
        if subscriptions.delete(subscription_id):
            return jsonify({})
        return jsonify(errors="Not Found"), 404


def _shown(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "topic": subscription.topic,
        "address": subscription.uri,
        "format": "json",
        "fields": list(subscription.include_fields),
        "api_version": subscription.api_version,
        "created_at": subscription.created_at,
        "updated_at": subscription.updated_at,
    }

"""The way into one shop's Admin API: a token for every request, and what GraphQL says with status 200.

Source: Shopify's pages on response codes, rate limits and access tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.providers.http import Permission, ProviderHttp, Request, Response, always
from ordercall.providers.masking import one_line

LOGIN_PAGE = "it sends us to another page; is SHOPIFY_STORE_DOMAIN right?"
HINTS = {
    **dict.fromkeys((301, 302, 303, 307, 308), LOGIN_PAGE),
    401: "the token is wrong or revoked, or the app is no longer in the shop",
    402: "the shop is frozen until its owner pays Shopify",
    403: "the app may not do this; see its scopes",
    423: "Shopify has locked the shop; ask Shopify's support",
    430: "Shopify's security check stopped it",
}
NO_SCOPE = "ACCESS_DENIED"
THROTTLED = "THROTTLED"
NO_CLEAR_ANSWER = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})
LONGEST_THROTTLE = 60.0
"""Seconds; the largest bucket of points fills in less."""


class Tokens(Protocol):
    """Where tokens come from. Both methods may raise the three provider errors."""

    def current(self) -> str:
        """Return the token to send now."""

    def instead_of(self, refused: str) -> str | None:
        """Return another token for one that Shopify no longer takes, or None if there is none."""


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """What Shopify answered to a GraphQL request.

    Attributes:
        data: what stands under ``data``.
        errors: what it says beside the data; only who asked for a partial answer gets any.
        extensions: the cost of the request, and how much the app has left.
        api_version: the version that answered, which may be another than was asked for.
    """

    data: dict[str, Any]
    errors: list[dict[str, Any]]
    extensions: dict[str, Any]
    api_version: str | None
    call: ProviderCall

    def objections(self, field: str, errors: str = "userErrors") -> str:
        """Return what Shopify has against a mutation in the answer to it, masked; nothing where it has nothing.

        Args:
            field: the mutation.
            errors: where under it the errors stand, each with a message.
        """
        shown = _dict(_dict(_dict(self.call.response).get("data")).get(field)).get(errors)
        return one_line("; ".join(str(_dict(each).get("message")) for each in shown or ()))


class ShopifyAdmin:
    """One shop's Admin API, for whatever wants to ask it. Every method may raise the three provider errors."""

    def __init__(self, settings: Settings, http: ProviderHttp, tokens: Tokens) -> None:
        self._settings = settings
        self._http = http
        self._tokens = tokens
        self._base = f"{settings.shopify_admin_url}/admin/api/{settings.shopify_api_version}"

    def rest(
        self, operation: str, method: str, path: str, *, json: Any = None, params: dict[str, str] | None = None
    ) -> Response:
        """Ask REST.

        Args:
            operation: what it is for, as a verb phrase: "cancel the order".
            path: below the version: "/orders/1.json".
        """
        return self._send(Request(operation, method, f"{self._base}{path}", json=json, params=params))

    def find(self, operation: str, path: str, params: dict[str, str] | None = None) -> Response | None:
        """Ask REST to show something; None if Shopify shows no such thing to this app."""
        try:
            return self.rest(operation, "GET", path, params=params)
        except ProviderRefused as refusal:
            if refusal.call and refusal.call.status == 404:
                return None
            raise

    def graphql(
        self, operation: str, query: str, variables: Mapping[str, Any] | None = None, *, partial: bool = False
    ) -> GraphQLAnswer:
        """Ask GraphQL.

        Args:
            operation: what it is for, as a verb phrase: "cancel the order".
            partial: data with holes is an answer as well; ``errors`` says why they are there.

        Raises:
            ProviderBusy: also when the app's points are used up; ``retry_after`` says how long they take to come back.
            CredentialsRefused: also when the app lacks a scope; the words name it.
        """
        asked = {"query": query, "variables": dict(variables or {})}
        request = Request(operation, "POST", f"{self._base}/graphql.json", json=asked)
        answer = self._send(request)
        body = json_object(request, answer)
        errors = _errors(body)
        data = body.get("data")
        if not isinstance(data, dict) or (errors and not partial) or _codes(errors) & {THROTTLED}:
            raise self._failure(request, answer, errors)
        extensions = body.get("extensions")
        return GraphQLAnswer(
            data=data,
            errors=errors,
            extensions=extensions if isinstance(extensions, dict) else {},
            api_version=answer.headers.get("X-Shopify-API-Version"),
            call=answer.call,
        )

    def close(self) -> None:
        self._http.close()

    def _send(self, request: Request) -> Response:
        """Ask with the present token, and once more with another if Shopify no longer knows it."""
        token = self._tokens.current()
        try:
            return self._http.send(replace(request, credentials={"X-Shopify-Access-Token": token}))
        except CredentialsRefused as refusal:
            revoked = refusal.call is not None and refusal.call.status == 401
            other = self._tokens.instead_of(token) if revoked else None
            if other is None:
                raise
        return self._http.send(replace(request, credentials={"X-Shopify-Access-Token": other}))

    def _failure(
        self, request: Request, answer: Response, errors: list[dict[str, Any]]
    ) -> ProviderBusy | ProviderRefused | OutcomeUnknown:
        """Return the error that an answer with status 200 is."""
        codes = _codes(errors)
        if THROTTLED in codes:
            wait = seconds_until_affordable(answer.body)
            self._http.back_off(wait)
            reason = "the app has used up its points"
            return ProviderBusy("Shopify", request.operation, reason, retry_after=wait, call=answer.call)
        shown = _errors(_dict(answer.call.response))
        said = one_line("; ".join(str(error.get("message")) for error in shown)) or "its answer holds no data"
        if not errors or codes & NO_CLEAR_ANSWER:
            return OutcomeUnknown("Shopify", request.operation, said, call=answer.call)
        kind = CredentialsRefused if NO_SCOPE in codes else ProviderRefused
        return kind("Shopify", request.operation, said, call=answer.call)


def shopify_http(settings: Settings, may_send: Permission = always) -> ProviderHttp:
    """Return the connections to the shop, one pool and one time of rest for all that asks it."""
    return ProviderHttp(
        "Shopify",
        timeout=settings.shopify_timeout_seconds,
        hints=HINTS,
        may_send=may_send,
    )


def json_object(request: Request, answer: Response) -> dict[str, Any]:
    """Return the JSON object that an answer holds.

    Raises:
        OutcomeUnknown: it holds something else, as a page that something in between puts up does.
    """
    if isinstance(answer.body, dict):
        return answer.body
    reason = one_line(answer.call.response) or "no JSON object"
    raise OutcomeUnknown("Shopify", request.operation, reason, call=answer.call)


def seconds_until_affordable(body: Any) -> float:
    """Return how long the points that a throttled request needs take to come back, by what the answer says of them."""
    cost = _dict(_dict(_dict(body).get("extensions")).get("cost"))
    status = _dict(cost.get("throttleStatus"))
    missing = _number(cost.get("requestedQueryCost")) - _number(status.get("currentlyAvailable"))
    rate = _number(status.get("restoreRate"))
    return min(max(missing / rate, 0.0), LONGEST_THROTTLE) if rate > 0 else 1.0


def _errors(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the errors of an answer; Shopify has sent a mere text there as well."""
    found = body.get("errors") or []
    return [each if isinstance(each, dict) else {"message": str(each)} for each in _list(found)]


def _codes(errors: list[dict[str, Any]]) -> set[str]:
    return {str(_dict(error.get("extensions")).get("code")) for error in errors}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0

"""The way into one shop's Admin API: a token for every request, and what GraphQL says with status 200.

Source: Shopify's pages on response codes, rate limits and access tokens.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.connections import LARGEST_LIST
from ordercall.providers.http import UNAUTHORIZED, Permission, ProviderHttp, Request, Response, always
from ordercall.providers.json_values import part
from ordercall.providers.lockout import UNWATCHED, Watch
from ordercall.providers.masking import one_line
from ordercall.providers.shopify.denied import denied_part, is_denied, leave_out
from ordercall.providers.shopify.query_budget import seconds_until_affordable
from ordercall.providers.shopify.tokens import Tokens

LOGIN_PAGE = "it sends us to another page; is SHOPIFY_STORE_DOMAIN right?"
HINTS = {
    **dict.fromkeys((301, 302, 303, 307, 308), LOGIN_PAGE),
    401: "the token is wrong or revoked, or the app is no longer in the shop",
    402: "the shop is frozen until its owner pays Shopify",
    403: "the app may not do this; see its scopes",
    423: "Shopify has locked the shop; ask Shopify's support",
    430: "Shopify's security check stopped it",
}
THROTTLED = "THROTTLED"
NO_CLEAR_ANSWER = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})
"""Codes after which it may have happened all the same."""


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """What Shopify answered to a GraphQL request.

    Attributes:
        data: what stands under ``data``.
        cost: the points that it cost, and how many the app has left.
        api_version: the version that answered, which may be another than was asked for.
    """

    data: dict[str, Any]
    cost: Mapping[str, Any]
    api_version: str | None
    call: ProviderCall

    def objections(self, field: str, errors: str = "userErrors") -> str:
        """Return what Shopify has against something in the answer about it, masked; nothing where it has nothing.

        Args:
            field: the field of ``data`` that is about it.
            errors: where under it the errors stand, each with a message.
        """
        return _messages(part(self.call.response, "data", field).get(errors))


class ShopifyAdmin:
    """One shop's Admin API, for whatever wants to ask it. Every method may raise the three provider errors.

    Each takes first what it is for, as a verb phrase: "cancel the order".
    """

    def __init__(self, settings: Settings, http: ProviderHttp, tokens: Tokens) -> None:
        self.api_version = settings.shopify_api_version
        self._http = http
        self._tokens = tokens
        self.breaker = http
        self._base = f"{settings.shopify_admin_url}/admin/api/{self.api_version}"

    def rest(
        self, operation: str, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None
    ) -> Response:
        """Ask REST.

        Args:
            path: below the version: "/orders/1.json".
        """
        return self._send(Request(operation, method, f"{self._base}{path}", json, params, largest_answer=LARGEST_LIST))

    def graphql(
        self, operation: str, query: str, variables: Mapping[str, Any] | None = None, *, in_part: bool = False
    ) -> GraphQLResponse:
        """Ask GraphQL. Data with holes is no answer.

        Args:
            in_part: what the app may not see is left out of the data instead, key and all: it is unknown, and not null.

        Raises:
            ProviderBusy: also when the app's points are used up; ``retry_after`` says how long they take to come back.
            CredentialsRefused: also when the app lacks a scope for all of it; the words name it.
        """
        asked = {"query": query, "variables": dict(variables or {})}
        request = Request(operation, "POST", f"{self._base}/graphql.json", asked, largest_answer=LARGEST_LIST)
        response = self._send(request)
        data, errors = part(response.body).get("data"), _errors(part(response.body).get("errors"))
        cost = part(response.body, "extensions", "cost")
        if in_part:
            errors = [error for error in errors if not leave_out(data, error)]
        if errors or not isinstance(data, dict):
            raise self._failure(operation, errors, cost, response.call)
        return GraphQLResponse(data, cost, response.headers.get("X-Shopify-API-Version"), response.call)

    def mutate(
        self,
        operation: str,
        mutation: str,
        variables: Mapping[str, Any],
        *,
        errors: str = "userErrors",
        settled: Collection[str] = (),
    ) -> GraphQLResponse:
        """Ask GraphQL to change something, by a mutation of one field; ``data`` is then what stands under that field.

        Args:
            settled: the codes of errors that say only that it is so already.

        Raises:
            ProviderRefused: also when Shopify says under *errors* what it has against it.
        """
        response = self.graphql(operation, mutation, variables)
        field = next(iter(response.data), "")
        objections = response.objections(field, errors)
        if objections and not _are_settled(part(response.data, field).get(errors), settled):
            raise ProviderRefused("Shopify", operation, objections, call=response.call)
        return replace(response, data=part(response.data, field))

    def close(self) -> None:
        self._http.close()

    def _send(self, request: Request) -> Response:
        """Ask with the present token, and once more with another if Shopify no longer knows it."""
        token = self._tokens.current()
        try:
            return self._http.send(_with_token(request, token, renewable=self._tokens.renewable))
        except CredentialsRefused as refusal:
            if not self._tokens.renewable or refusal.call is None or refusal.call.status != UNAUTHORIZED:
                raise
        return self._http.send(_with_token(request, self._tokens.instead_of(token)))

    def _failure(
        self, operation: str, errors: list[dict[str, Any]], cost: Mapping[str, Any], call: ProviderCall
    ) -> ProviderError:
        """Return the error that an answer with status 200 is."""
        codes = _codes(errors)
        if THROTTLED in codes:
            wait = seconds_until_affordable(cost)
            self._http.back_off(wait)
            return ProviderBusy("Shopify", operation, "the app has used up its points", retry_after=wait, call=call)
        shown = call.response
        words = one_line(shown) if isinstance(shown, str) else _messages(part(shown).get("errors"))
        if not errors or codes & NO_CLEAR_ANSWER:
            return OutcomeUnknown("Shopify", operation, words or "its answer holds no data", call=call)
        return ProviderRefused("Shopify", operation, words, call=call)


def shopify_http(settings: Settings, may_send: Permission = always, watch: Watch = UNWATCHED) -> ProviderHttp:
    """Return the connections to the shop: one pool and one circuit breaker for all that asks it."""
    pair = "SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET"
    return ProviderHttp(
        "Shopify",
        pair if settings.shopify_client_id else "SHOPIFY_ACCESS_TOKEN",
        timeout=settings.shopify_timeout_seconds,
        hints=HINTS,
        may_send=may_send,
        rights="the scopes of the app in Shopify",
        denied=_lacks_a_scope,
        watch=watch,
    )


def _with_token(request: Request, token: str, *, renewable: bool = False) -> Request:
    return replace(request, credentials={"X-Shopify-Access-Token": token}, renewable=renewable)


def _lacks_a_scope(body: Any) -> bool:
    """Return whether the app may not do what was asked; that it may not see a part of it, is another matter."""
    data = part(body).get("data")
    return any(is_denied(error) and not denied_part(data, error) for error in _errors(part(body).get("errors")))


def _are_settled(errors: Any, settled: Collection[str]) -> bool:
    return all(error.get("code") in settled for error in _errors(errors))


def _codes(errors: list[dict[str, Any]]) -> set[str]:
    return {str(part(error, "extensions").get("code")) for error in errors}


def _messages(errors: Any) -> str:
    return one_line("; ".join(str(error.get("message")) for error in _errors(errors)))


def _errors(found: Any) -> list[dict[str, Any]]:
    """Return the errors of an answer; Shopify has sent a mere text there as well."""
    errors = found if isinstance(found, list) else [found] if found else []
    return [error if isinstance(error, dict) else {"message": str(error)} for error in errors]

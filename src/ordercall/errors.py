"""Everything that can go wrong, in our own words.

    OrdercallError
    ├── ConfigurationError        a setting is missing or wrong; the program does not start
    ├── BackupFailed              no copy of the database was made
    ├── CopyFailed                the shop was not copied to another database
    ├── DatabaseBusy              no free lock, no answer or no space in time; the sender should repeat
    │   ├── DatabaseFault         nothing can be stored until somebody mends what the message names
    │   └── LeaseLost             this worker was out of touch; another one may do its work by now
    ├── DatabaseUnusable          the database cannot keep what it is given (network disk, other schema)
    ├── SandboxSilent             the sandbox did not say that it forgot its orders; none was removed
    ├── InvalidRequest            the caller sent something we cannot use
    │   ├── UnknownOrder          no order has this id
    │   ├── UnknownRun            no bulk run has this number
    │   ├── StatusConflict        somebody else changed the order meanwhile
    │   ├── AddressConflict       somebody else decided about an address, or it changed in Shopify meanwhile
    │   ├── TooManyRequests       a key has made all the requests that it may make in a minute
    │   ├── PauseConflict         somebody else paused all calls meanwhile
    │   ├── PolicyConflict        somebody else published a policy meanwhile
    │   └── WordConflict          somebody else explained a word otherwise meanwhile
    └── ProviderError             Shopify or Kalimera did not give the answer we need
        ├── ProviderBusy          nothing happened there: try again later
        │   └── CredentialsRefused    the key is wrong, whatever we send: it is looked at again every minute
        ├── ProviderRefused       asking again cannot help: a person must look
        │   ├── AlreadyThere          what we asked to create exists already
        │   └── NotShown              it does not show what we asked to see, which says nothing of whether it is there
        └── OutcomeUnknown        it left and no clear answer came: look there before asking again

HTTP status codes of providers end inside ``providers``; above it there are only these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ordercall.domain.activity import ProviderCall


class OrdercallError(Exception):
    """Base of all errors that this program raises on purpose. ``status`` is what the web layer answers."""

    status = 500

    @property
    def code(self) -> str:
        """The name that the JSON API gives this error."""
        return type(self).__name__


class ConfigurationError(OrdercallError):
    """One or more settings are missing or wrong. ``faults`` holds one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Ordercall cannot start:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


class BackupFailed(OrdercallError):
    """No copy of the database was made; the message says why, and what to do."""


class CopyFailed(OrdercallError):
    """A shop was not copied to another database, which is as it was before; the message says why."""


class DatabaseBusy(OrdercallError):
    """The database did not answer, has no space, or a lock was held for longer than a request may wait."""

    status = 503


class DatabaseFault(DatabaseBusy):
    """Nothing can be stored until a person mends what the message names; the log has said so once."""


class DatabaseUnusable(OrdercallError):
    """The database cannot be used as it is; the message says what to do."""

    status = 503


class LeaseLost(DatabaseBusy):
    """The database did not hear this worker for so long that others may take it for dead. Nothing was sent."""


class SandboxSilent(OrdercallError):
    """The sandbox runs and did not say that it forgot its orders, so none was removed."""

    status = 503


class InvalidRequest(OrdercallError):
    """The caller's request cannot be carried out; the message says what to send instead."""

    status = 400

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self._code = code
        self.status = status or type(self).status

    @property
    def code(self) -> str:
        return self._code or super().code


class UnknownOrder(InvalidRequest):
    """No order has this id."""

    status = 404

    def __init__(self, shopify_id: object) -> None:
        super().__init__(f"No order has the Shopify id {shopify_id}; it may not have reached us yet.")


class UnknownRun(InvalidRequest):
    """No bulk run has this number."""

    status = 404

    def __init__(self, run_id: object) -> None:
        super().__init__(f"There is no run {run_id}; runs are forgotten after 30 days.")


class UnknownTrial(InvalidRequest):
    """No trial of a policy has this number."""

    status = 404

    def __init__(self, trial_id: object) -> None:
        super().__init__(f"There is no trial {trial_id}; trials are forgotten after 30 days.")


class UnknownFirstCall(InvalidRequest):
    """No call to a number of one's own has this number."""

    status = 404

    def __init__(self, call_id: object) -> None:
        super().__init__(f"There is no call {call_id} to a number of your own; they are forgotten after 30 days.")


class StatusConflict(InvalidRequest):
    """The order's status is no longer the one that the caller saw."""

    status = 409


class AddressConflict(InvalidRequest):
    """An address, or what was decided about it, is no longer what the person saw."""

    status = 409


class TooManyRequests(InvalidRequest):
    """A key has made all the requests that it may make in a minute. ``retry_after``: seconds until it may make one."""

    status = 429

    def __init__(self, retry_after: int, at_once: int) -> None:
        super().__init__(f"A key may make {at_once} requests a minute. Wait {retry_after} s, then send this one again.")
        self.retry_after = retry_after


class PauseConflict(InvalidRequest):
    """Calls are paused by another pause than the one, or the none, that the person saw."""

    status = 409

    def __init__(self, by: str, why: str) -> None:
        because = f" (“{why}”)" if why else ""
        super().__init__(f"{by} paused all calls before you saw it{because}. That pause stays as it is.")


class PolicyConflict(InvalidRequest):
    """The policy in force is no longer the one that the draft was made from."""

    status = 409

    def __init__(self, version: int, by: str) -> None:
        super().__init__(f"Version {version} of the policy was published by {by} meanwhile; nothing was published.")


class WordConflict(InvalidRequest):
    """A word that was to be explained has another meaning already."""

    status = 409

    def __init__(self, by: str, means: str) -> None:
        super().__init__(f"{by} explained this word before you did: it means {means}. That stays as it is.")


class ProviderError(OrdercallError):
    """Shopify or Kalimera did not give the answer we need.

    Args:
        provider: "Kalimera" or "Shopify".
        operation: what was asked, as a verb phrase: "create the contact".
        reason: what came instead, without personal data.
        retry_after: seconds that the provider asked us to wait, or None.
        call: the masked record of the request and its answer, where one was made.
        body: their answer as it came, unmasked; None where none came.
    """

    status = 502
    body: Any = None

    def __init__(
        self,
        provider: str,
        operation: str,
        reason: str,
        *,
        retry_after: float | None = None,
        call: ProviderCall | None = None,
    ) -> None:
        super().__init__(f"{provider} could not {operation}: {reason}")
        self.provider = provider
        self.operation = operation
        self.reason = reason
        self.retry_after = retry_after
        self.call = call

    @property
    def sentence(self) -> str:
        """What happened, for a person; a provider's own words may end in a full stop or not."""
        return f"{str(self).removesuffix('.')}."


class ProviderBusy(ProviderError):
    """Nothing happened there (connect timeout, 429, 503): put the job back."""


class CredentialsRefused(ProviderBusy):
    """The installation's token is wrong or lacks a right (401, 403 in JSON): no payload would be accepted.

    It is about no order, so the job is put back, and goes on by itself once a person has put the token right.
    """


class ProviderRefused(ProviderError):
    """Asking again cannot help (400, 404, 422): show it to a person.

    Attributes:
        because_of: those of many for whom all were refused, each with its words; empty where it names none.
    """

    because_of: Mapping[str, str] = MappingProxyType({})


class NotShown(ProviderRefused):
    """It does not show what we asked to see: nothing follows from that for whether it is there."""


class NotBelieved(ProviderRefused):
    """It said yes and shows something else than was sent: it may have happened."""


class AlreadyThere(ProviderRefused):
    """What we asked to create exists already. ``existing_id`` is its id where the refusal shows it, else None."""

    def __init__(
        self, provider: str, operation: str, reason: str, *, existing_id: str | None, call: ProviderCall | None = None
    ) -> None:
        super().__init__(provider, operation, reason, call=call)
        self.existing_id = existing_id


class OutcomeUnknown(ProviderError):
    """It left and no clear answer came (read timeout, lost connection, 500): look there before asking again."""

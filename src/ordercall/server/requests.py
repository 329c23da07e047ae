"""What a request says about its body."""

from __future__ import annotations

from granian.rsgi import Scope


def announced_length(scope: Scope) -> int | None:
    """Return how many bytes of body are announced: none where there is none, and None where that is not said.

    Hyper has refused whatever is no number, and dropped a length beside ``Transfer-Encoding: chunked``.
    """
    length = scope.headers.get("content-length")
    if length is not None:
        return int(length)
    return None if "transfer-encoding" in scope.headers else 0

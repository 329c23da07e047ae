"""Whether a webhook really comes from Shopify."""

from __future__ import annotations

import pytest

from makers import make_settings
from ordercall.intake.signature import NamedSecret, known_secrets, matching_secret, sign

BODY = b'{"id": 42}'
CURRENT, PREVIOUS = NamedSecret("current", "new-secret"), NamedSecret("previous", "old-secret")
BOTH = [CURRENT, PREVIOUS]
FOX = "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="  # a published example


def test_a_signature_is_the_base64_of_the_bodys_hmac_sha256() -> None:
    signature = sign(b"The quick brown fox jumps over the lazy dog", "key")

    assert signature == FOX


def test_a_body_signed_with_the_current_secret_is_shopifys() -> None:
    assert matching_secret(BODY, sign(BODY, "new-secret"), BOTH) == "current"


def test_a_body_signed_with_the_previous_secret_is_shopifys() -> None:
    assert matching_secret(BODY, sign(BODY, "old-secret"), BOTH) == "previous"


def test_spaces_around_a_signature_do_not_matter() -> None:
    assert matching_secret(BODY, f"  {sign(BODY, 'new-secret')}\r\n", BOTH) == "current"


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("x", id="short"),
        pytest.param(sign(b"another body", "new-secret"), id="of another body"),
        pytest.param(sign(BODY, "another secret"), id="with another secret"),
        pytest.param("A" + sign(BODY, "new-secret")[1:], id="nearly right"),
        pytest.param(sign(BODY, "new-secret").rstrip("="), id="without its padding"),
        pytest.param(sign(BODY, "new-secret").lower(), id="in lower case"),
        pytest.param(sign(BODY, "new-secret") * 2, id="twice"),
        pytest.param("é" * 44, id="not ASCII"),
        pytest.param("\udcff" * 44, id="bytes that are no text"),
        pytest.param("A" * 100_000, id="very long"),
    ],
)
def test_any_other_signature_is_refused(signature: str | None) -> None:
    assert matching_secret(BODY, signature, BOTH) is None


def test_a_signature_in_hex_is_refused() -> None:
    in_hex = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"

    assert (
        matching_secret(b"The quick brown fox jumps over the lazy dog", in_hex, [NamedSecret("current", "key")]) is None
    )


def test_without_a_secret_no_signature_is_right() -> None:
    assert matching_secret(BODY, sign(BODY, ""), []) is None


@pytest.mark.parametrize(
    ("current", "previous", "names"),
    [
        ("new", "old", ["current", "previous"]),
        ("new", "", ["current"]),
        ("", "old", ["previous"]),
        ("", "", []),
    ],
)
def test_only_the_secrets_that_are_set_are_known(current: str, previous: str, names: list[str]) -> None:
    settings = make_settings(SHOPIFY_SHARED_SECRET=current, SHOPIFY_OLD_SHARED_SECRET=previous)

    assert [secret.name for secret in known_secrets(settings)] == names

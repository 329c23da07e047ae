"""Whether a webhook really comes from Shopify."""

from __future__ import annotations

import pytest

from makers import make_settings
from ordercall.intake.signature import Cause, NamedSecret, known_secrets, likely_cause, matching_secret, sign

BODY = b'{"id": 42}'
CURRENT, PREVIOUS = NamedSecret("current", "new-secret"), NamedSecret("previous", "old-secret")
BOTH = [CURRENT, PREVIOUS]
FOX = "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="  # a published example


def test_a_signature_is_the_base64_of_the_bodys_hmac_sha256() -> None:
    signature = sign(b"The quick brown fox jumps over the lazy dog", "key")

    assert signature == FOX


def test_a_body_signed_with_the_current_secret_is_shopifys() -> None:
    assert matching_secret(BODY, sign(BODY, "new-secret"), BOTH) == CURRENT.mark


def test_a_body_signed_with_the_previous_secret_is_shopifys() -> None:
    assert matching_secret(BODY, sign(BODY, "old-secret"), BOTH) == PREVIOUS.mark


def test_a_secret_that_moves_to_another_setting_keeps_its_fingerprint() -> None:
    assert NamedSecret("shared", "one").fingerprint == NamedSecret("previous", "one").fingerprint
    assert NamedSecret("shared", "one").fingerprint != NamedSecret("shared", "two").fingerprint


def test_a_mark_does_not_give_the_secret_away() -> None:
    assert "new-secret" not in CURRENT.mark


def test_spaces_around_a_signature_do_not_matter() -> None:
    assert matching_secret(BODY, f"  {sign(BODY, 'new-secret')}\r\n", BOTH) == CURRENT.mark


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


SECRET_SETTINGS = {
    "shared": "SHOPIFY_SHARED_SECRET",
    "previous": "SHOPIFY_OLD_SHARED_SECRET",
    "notifications": "SHOPIFY_NOTIFICATIONS_SECRET",
}


@pytest.mark.parametrize(
    "names", [["shared"], ["shared", "notifications"], ["previous"], list(SECRET_SETTINGS), []], ids=str
)
def test_only_the_secrets_that_are_set_are_known(names: list[str]) -> None:
    environment = {setting: f"secret-{name}" if name in names else "" for name, setting in SECRET_SETTINGS.items()}

    assert [secret.name for secret in known_secrets(make_settings(**environment))] == names


def test_the_client_secret_of_an_app_signs_its_webhooks() -> None:
    app = {"SHOPIFY_ACCESS_TOKEN": "", "SHOPIFY_CLIENT_ID": "an-id", "SHOPIFY_CLIENT_SECRET": "client-secret"}
    secrets = known_secrets(make_settings(**app))

    assert [secret.name for secret in secrets] == ["shared", "client"]
    assert matching_secret(BODY, sign(BODY, "client-secret"), secrets) == secrets[1].mark


def test_a_secret_that_is_set_twice_is_known_once() -> None:
    settings = make_settings(SHOPIFY_SHARED_SECRET="same", SHOPIFY_NOTIFICATIONS_SECRET="same")

    assert [secret.name for secret in known_secrets(settings)] == ["shared"]


@pytest.mark.parametrize(
    ("body", "signature", "announced", "cause"),
    [
        (BODY, None, 10, Cause.MISSING),
        (BODY, "  ", 10, Cause.MISSING),
        (BODY, "no base64!", 10, Cause.NOT_BASE64),
        (BODY, "é" * 44, 10, Cause.NOT_BASE64),
        (BODY, sign(BODY, "secret")[:40], 10, Cause.WRONG_LENGTH),
        (BODY, "ab" * 32, 10, Cause.WRONG_LENGTH),
        (b"", sign(BODY, "secret"), 0, Cause.EMPTY_BODY),
        (BODY, sign(BODY, "secret"), 12, Cause.BODY_ALTERED),
        (BODY, sign(BODY, "another secret"), 10, Cause.UNKNOWN_SECRET),
        (BODY, sign(BODY, "another secret"), None, Cause.UNKNOWN_SECRET),
    ],
)
def test_a_wrong_signature_has_a_likely_cause(
    body: bytes, signature: str | None, announced: int | None, cause: Cause
) -> None:
    assert likely_cause(body, signature, announced=announced, any_secret=True) is cause


def test_without_a_secret_that_is_the_cause() -> None:
    assert likely_cause(BODY, sign(BODY, "secret"), announced=10, any_secret=False) is Cause.NO_SECRET


def test_every_cause_says_what_to_look_at() -> None:
    assert all(cause.sentence for cause in Cause)

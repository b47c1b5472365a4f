"""Whether a text shows a secret, in its own letters or in a usual disguise."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_plus


def found_in(text: str, secrets: Sequence[str]) -> str:
    """Which of the secrets a text shows, by number, for a message must not show them either; empty where none.

    >>> found_in("GET /items?token=s3cr%2Ft", ["other", "s3cr/t"])
    'secret 2'
    """
    shown = [number for number, one in enumerate(secrets, start=1) if any(form in text for form in _forms(one))]
    return ", ".join(f"secret {number}" for number in shown)


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield from (secret, repr(secret)[1:-1], quote(secret, safe=""), quote_plus(secret))
    yield from (form(raw).decode().rstrip("=") for form in (b64encode, urlsafe_b64encode))

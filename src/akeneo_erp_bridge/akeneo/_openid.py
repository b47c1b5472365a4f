"""Who connected an App: the ID token, verified with the PIM's own key. Needs the extra `openid`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._errors import problem_of, read_body
from akeneo_erp_bridge.akeneo._flow import Call, Flow, exchange
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.errors import MissingExtra, SignInRefused, UnexpectedAnswer

__all__ = ["AppUser", "public_key", "read_user"]

_KEY: Final = "/connect/apps/v1/openid/public-key"
_CLAIMS: Final = ("iss", "sub", "aud", "iat", "exp")
_LEEWAY_SECONDS: Final = 60


@frozen(kw_only=True)
class AppUser:
    """A PIM user. `id` alone tells users apart: name and e-mail are theirs to change, and nobody verified them.

    The name is there where the scope `profile` was granted, the e-mail where `email` was.
    Source: Akeneo's documentation of Apps, OpenID.

    >>> AppUser(id="7e0c6f0b", first_name="Julia", email="julia@example.com")
    AppUser(id='7e0c6f0b')
    """

    id: str
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


def public_key(options: Options) -> Flow[str]:
    """The key of this PIM, in PEM; asked for each time, because the PIM changes it."""
    call = Call(method="GET", target=_KEY, what="the PIM's OpenID key", signed=False)
    answer = yield from exchange(call, None, options.retry)
    if not 200 <= answer.status < 300:
        raise problem_of(call, answer)
    body = read_body(call, answer)
    key = body.get("public_key") if isinstance(body, Mapping) else None
    if not isinstance(key, str):
        raise UnexpectedAnswer(f"{call}: the PIM's answer holds no key")
    return key


def read_user(token: str, pem: str, *, pim_url: str, client_id: str) -> AppUser:
    """Verify *token*: its signature, who made it, for whom, and when. Raises `SignInRefused` for any other."""
    try:
        import jwt
    except ImportError:
        raise MissingExtra("the verification of an ID token", "openid") from None
    try:
        claims: Mapping[str, object] = jwt.decode(
            token,
            _rsa_key(pem),
            algorithms=["RS256"],  # and no other, whatever the token says of itself
            audience=client_id,
            leeway=_LEEWAY_SECONDS,
            options={"require": list(_CLAIMS), "verify_iss": False},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise _refused(f"it does not verify ({error})") from None
    issuer = claims["iss"]
    if not isinstance(issuer, str) or issuer.rstrip("/") != pim_url:
        raise _refused(f"it is of {str(issuer)[:200]!r}, not of {pim_url}")
    return AppUser(
        id=str(claims["sub"]),
        first_name=_text(claims.get("firstname")),
        last_name=_text(claims.get("lastname")),
        email=_text(claims.get("email")),
    )


def _rsa_key(pem: str) -> Any:  # of a library that is not always there
    """The key in the PEM text, which PIMs send as a certificate too."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    content = pem.encode()
    if b"BEGIN CERTIFICATE" in content:
        return load_pem_x509_certificate(content).public_key()
    return load_pem_public_key(content)


def _text(claim: object) -> str | None:
    return claim if isinstance(claim, str) else None


def _refused(reason: str) -> SignInRefused:
    return SignInRefused(f"the ID token is refused: {reason}; let the user connect the App again", status=401)

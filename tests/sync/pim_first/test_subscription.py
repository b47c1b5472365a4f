"""A subscription that the platform has suspended: noticed, resumed, and told in words. Over real HTTP with TLS."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import httpx
import pytest
from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from akeneo_erp_bridge.akeneo import Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.akeneo.event_platform import EventPlatform
from akeneo_erp_bridge.errors import ConfigurationError, Forbidden, NotFound, PimUnreachable
from akeneo_erp_bridge.sync.pim_first import SubscriptionCheck, check_subscription

AUTH = PasswordAuth(client_id="1_abc", secret="s3cret", username="erp", password="p4ss")
NINE = datetime(2026, 8, 1, 9, tzinfo=UTC)
HOOK = "/api/v1/subscribers/shop/subscriptions/n1"


@define
class Platform:
    """What it knows of one subscription; `after_resume` is the status that it then has."""

    status: str | None = "active"
    after_resume: str = "active"
    resume_answers: int = 204
    url: str = ""
    asked: list[str] = field(factory=list[str])

    def answer(self, method: str, path: str) -> tuple[int, object]:
        if path == "/api/oauth/v1/token":
            return 200, {"access_token": "t", "expires_in": 3600}
        self.asked.append(f"{method} {path}")
        if (method, path) == ("POST", f"{HOOK}/resume"):
            if self.resume_answers == 204:
                self.status = self.after_resume
            return self.resume_answers, {"message": "no"}
        if (method, path) == ("GET", HOOK):
            return 200, {"id": "n1", "type": "https", **({"status": self.status} if self.status else {})}
        return 404, {"message": "unknown"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this machine, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform")])
    begin = datetime.now(UTC) - timedelta(minutes=5)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), begin, begin + timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "platform.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path


@pytest.fixture
def served(certificate: Path) -> Iterator[Platform]:
    """The platform and the PIM's sign-in, at one address."""
    script = Platform()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = script.answer(self.command, self.path)
            content = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            if status != 204:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        script.url = f"https://127.0.0.1:{server.server_port}"
        yield script
        server.shutdown()
        thread.join()


Check = Callable[..., SubscriptionCheck]


@pytest.fixture
def check(served: Platform, certificate: Path) -> Iterator[Check]:
    transport = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=str(certificate)))
    options = Options(retry=RetryPolicy(attempts=1))
    with EventPlatform(served.url, AUTH, url=served.url, options=options, transport=transport) as platform:
        yield lambda subscription="n1", **more: check_subscription(platform, "shop", subscription, **more)


LOOK, RESUME = f"GET {HOOK}", f"POST {HOOK}/resume"


def test_one_that_is_active_is_left_alone(served: Platform, check: Check, caplog: pytest.LogCaptureFixture) -> None:
    begun = datetime.now(UTC)
    found = check(active_at=NINE)
    assert (found.is_whole, found.before, found.after, found.missing_since) == (True, "active", "active", None)
    assert begun <= found.at <= datetime.now(UTC)
    assert str(found) == "subscription 'n1' is active"
    assert served.asked == [LOOK]
    assert caplog.text == ""


def test_one_that_was_suspended_goes_on_and_is_told(
    served: Platform, check: Check, caplog: pytest.LogCaptureFixture
) -> None:
    served.status = "suspended"
    found = check(active_at=NINE.astimezone(timezone(timedelta(hours=2))))
    assert served.asked == [LOOK, RESUME, LOOK]
    assert (found.is_whole, found.before, found.after) == (False, "suspended", "active")
    assert found.missing_since == NINE - timedelta(hours=1)
    words = "subscription 'n1' was suspended, and is active again; events are missing, since 2026-08-01 08:00 UTC: poll"
    assert str(found) == words
    assert [(one.levelno, one.getMessage()) for one in caplog.records if one.name == "akeneo_erp_bridge"] == [
        (logging.WARNING, words)
    ]
    assert check(active_at=found.at).is_whole


def test_one_of_which_nobody_knows_since_when(served: Platform, check: Check) -> None:
    served.status = "suspended"
    found = check()
    assert found.missing_since is None
    assert str(found).endswith("events are missing, nobody knows since when: poll")


def test_one_that_does_not_go_on_at_once_is_polled_twice(served: Platform, check: Check) -> None:
    served.status = served.after_resume = "suspended"
    found = check(active_at=NINE)
    assert (found.is_whole, found.after) == (False, "suspended")
    assert "is suspended; events are missing" in str(found)
    assert str(found).endswith("poll now, and once more when it is active")
    served.status, served.after_resume = "suspended", "pending"
    assert "was suspended, and is now 'pending'" in str(check())


def test_one_that_somebody_has_suspended_may_be_left_so(served: Platform, check: Check) -> None:
    served.status = "suspended"
    found = check(active_at=NINE, resume=False)
    assert served.asked == [LOOK]
    assert (found.is_whole, found.after, found.missing_since) == (False, "suspended", NINE - timedelta(hours=1))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("revoked", "is 'revoked': the connection may no longer receive events; allow it again in the PIM"),
        ("deleted", "is 'deleted': it is gone for good; subscribe anew; events are missing"),
        ("sleeping", "is 'sleeping': ask Akeneo what that means"),
        (None, "is 'unknown': ask Akeneo what that means"),
    ],
)
def test_one_that_cannot_go_on_is_told(
    served: Platform, check: Check, caplog: pytest.LogCaptureFixture, status: str | None, words: str
) -> None:
    served.status = status
    found = check(active_at=NINE)
    assert served.asked == [LOOK]
    assert words in str(found)
    assert words in caplog.text
    assert (found.is_whole, found.missing_since) == (False, NINE - timedelta(hours=1))


def test_errors_are_not_swallowed(served: Platform, check: Check) -> None:
    with pytest.raises(NotFound, match="unknown"):
        check("another")
    served.status, served.resume_answers = "suspended", 403
    with pytest.raises(Forbidden):
        check()
    with pytest.raises(ConfigurationError, match="active_at=2026-08-01T09:00:00 has no time zone"):
        check(active_at=NINE.replace(tzinfo=None))


def test_a_platform_that_is_away_is_told(certificate: Path) -> None:
    transport = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=str(certificate)))
    options = Options(retry=RetryPolicy(attempts=1))
    url = "https://127.0.0.1:9"
    with (
        EventPlatform(url, AUTH, url=url, options=options, transport=transport) as platform,
        pytest.raises(PimUnreachable),
    ):
        check_subscription(platform, "shop", "n1")

"""Tokens that outlive a process: found again, renewed once, private, and never the reason why a client cannot sign in."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from akeneo.stub import FakeTime, Stub, client_of, page, token
from akeneo_erp_bridge.akeneo import AkeneoClient, FileTokens, MemoryTokens, PasswordAuth, StoredToken, TokenStore
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing import PimSimulator

AUTH = PasswordAuth(client_id="1_abc", secret="very secret", username="erp_1", password="also secret")
NAME = "https://pim.example.com 1_abc erp_1"


@pytest.fixture(params=["memory", "file"])
def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    return MemoryTokens() if request.param == "memory" else FileTokens(tmp_path / "tokens.json")


def used(stub: Stub) -> list[str]:
    return [request.headers["authorization"].removeprefix("Bearer ") for request in stub.requests]


def test_the_next_process_goes_on_with_the_token(tokens: TokenStore) -> None:
    first, second = Stub(otherwise=page()), Stub(otherwise=page())
    list(client_of(first, auth=AUTH, tokens=tokens).families.list())
    list(client_of(second, auth=AUTH, tokens=tokens).families.list())
    assert (len(first.sign_ins), len(second.sign_ins)) == (1, 0)
    assert used(second) == ["token1"]


def test_a_stored_token_that_is_over_is_renewed_and_kept(tokens: TokenStore) -> None:
    tokens.save(NAME, StoredToken(access="old", refresh="r1", expires=datetime.now(UTC) - timedelta(seconds=1)))
    stub = Stub(otherwise=page(), sign_in=(token("new", refresh="r2"),))
    list(client_of(stub, auth=AUTH, tokens=tokens).families.list())
    assert stub.sign_ins == [{"grant_type": "refresh_token", "refresh_token": "r1"}]
    kept = tokens.load(NAME)
    assert kept is not None
    assert (kept.access, kept.refresh) == ("new", "r2")
    assert timedelta(minutes=59) < kept.expires - datetime.now(UTC) <= timedelta(hours=1)


def test_a_stored_token_that_the_pim_refuses_is_renewed(tokens: TokenStore) -> None:
    tokens.save(NAME, StoredToken(access="revoked", refresh="dead", expires=datetime.now(UTC) + timedelta(hours=1)))
    steps = (httpx.Response(401, json={"code": 401, "message": "no"}),)
    stub = Stub(*steps, otherwise=page(), sign_in=(httpx.Response(422, json={"code": 422}), token("fresh")))
    list(client_of(stub, auth=AUTH, tokens=tokens).families.list())
    assert [one["grant_type"] for one in stub.sign_ins] == ["refresh_token", "password"]
    assert used(stub) == ["revoked", "fresh"]


def test_a_token_that_another_process_renewed_is_taken(tokens: TokenStore) -> None:
    stub = Stub(otherwise=page(), sign_in=(token("mine", expires_in=100),))
    time = FakeTime()
    client = client_of(stub, auth=AUTH, tokens=tokens, time=time)
    list(client.families.list())
    tokens.save(NAME, StoredToken(access="theirs", refresh="r9", expires=datetime.now(UTC) + timedelta(hours=1)))
    time.now += 200
    list(client.families.list())
    assert len(stub.sign_ins) == 1
    assert used(stub) == ["mine", "theirs"]


def test_each_connection_has_its_own(tokens: TokenStore) -> None:
    other = PasswordAuth(client_id="1_abc", secret="s", username="somebody else", password="p")
    stub = Stub(otherwise=page())
    for auth in (AUTH, other):
        list(client_of(stub, auth=auth, tokens=tokens).families.list())
    assert len(stub.sign_ins) == 2


# ---- the file ----
def test_the_file_is_private_and_holds_no_password(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    stub = Stub(otherwise=page())
    list(client_of(stub, auth=AUTH, tokens=FileTokens(path)).families.list())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret" not in path.read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["tokens.json"]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text("{}")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"may be read by others \(mode 0644\); make it 0600"):
        FileTokens(path).load(NAME)


@pytest.mark.parametrize(
    "content",
    ["", "no json", "[]", "{}", '{"x": 1}', json.dumps({NAME: {"access": "a"}}), json.dumps({NAME: 7}),
     json.dumps({NAME: {"access": "a", "expires": "soon"}}),
     json.dumps({NAME: {"access": "a", "expires": "2026-01-01T00:00:00"}})],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_empty(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)
    path.chmod(0o600)
    assert FileTokens(path).load(NAME) is None
    stub = Stub(otherwise=page())
    list(client_of(stub, auth=AUTH, tokens=FileTokens(path)).families.list())
    assert len(stub.sign_ins) == 1


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere/tokens.json cannot be written"):
        FileTokens(tmp_path / "nowhere" / "tokens.json").save(NAME, StoredToken(access="a", expires=datetime.now(UTC)))


def test_no_token_shows() -> None:
    kept = StoredToken(access="hidden1", refresh="hidden2", expires=datetime.now(UTC))
    assert "hidden" not in repr(kept)


@pytest.mark.blocking_only
def test_the_client_takes_a_store(tmp_path: Path) -> None:
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    for _ in range(3):
        tokens = FileTokens(tmp_path / "tokens.json")
        with AkeneoClient(simulator.url, auth, transport=simulator.transport(), tokens=tokens) as pim:
            pim.families.get("hand_tools")
    assert sum("oauth" in call.path for call in simulator.calls) == 1

"""A client of the PIM that the environment names: nothing of it stands in a program, and no message shows a value."""

from __future__ import annotations

import asyncio
import os

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, AsyncAkeneoClient
from akeneo_erp_bridge.errors import ConfigurationError, SignInRefused
from akeneo_erp_bridge.testing import PimSimulator

SECRET = "s3cr3t-of-the-connection"
PIM = {
    "AKENEO_URL": "http://pim.simulator",
    "AKENEO_CLIENT_ID": "client",
    "AKENEO_CLIENT_SECRET": SECRET,
    "AKENEO_USERNAME": "erp",
    "AKENEO_PASSWORD": "password",
}


@pytest.fixture
def sim(monkeypatch: pytest.MonkeyPatch) -> PimSimulator:
    monkeypatch.delenv("AKENEO_TOKEN", raising=False)
    for name, value in PIM.items():
        monkeypatch.setenv(name, value)
    return PimSimulator(sample=True, secret=SECRET)


def test_the_connection_of_the_process_signs_in(sim: PimSimulator) -> None:
    with AkeneoClient.from_env(transport=sim.transport()) as pim:
        pim.sign_in()
    told = {**os.environ, "AKENEO_PASSWORD": "other"}
    with AkeneoClient.from_env(told, transport=sim.transport()) as pim, pytest.raises(SignInRefused):
        pim.sign_in()


def test_its_twin_signs_in_too(sim: PimSimulator) -> None:
    async def main() -> None:
        async with AsyncAkeneoClient.from_env(transport=sim.async_transport()) as pim:
            await pim.sign_in()

    asyncio.run(main())


def test_an_app_signs_in_with_its_token() -> None:
    with AkeneoClient.from_env({"AKENEO_URL": "https://pim.example.com/", "AKENEO_TOKEN": "t"}) as pim:
        assert pim.url == "https://pim.example.com"
        assert pim._session.keeper.authorization() == "Bearer t"


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({}, "AKENEO_URL, AKENEO_CLIENT_ID, AKENEO_CLIENT_SECRET, AKENEO_USERNAME, AKENEO_PASSWORD"),
        ({**PIM, "AKENEO_USERNAME": "", "AKENEO_PASSWORD": ""}, "AKENEO_USERNAME, AKENEO_PASSWORD"),
        ({"AKENEO_TOKEN": SECRET}, "AKENEO_URL"),
    ],
)
@pytest.mark.parametrize("kind", [AkeneoClient, AsyncAkeneoClient])
def test_what_is_missing_is_named_and_no_value_is(
    kind: type[AkeneoClient | AsyncAkeneoClient], environment: dict[str, str], names: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        kind.from_env(environment)
    assert str(raised.value) == f"set {names} in the environment; the PIM shows them under Connect"
    assert SECRET not in str(raised.value)

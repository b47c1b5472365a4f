"""Apps: the way of a PIM user's browser, the exchange of the code, and what the token may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth
from akeneo_erp_bridge.akeneo.apps import App, AppGrant
from akeneo_erp_bridge.catalog import CategoryPatch
from akeneo_erp_bridge.codes import CategoryCode
from akeneo_erp_bridge.errors import Forbidden, SignInRefused
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import API, Caller

CALLBACK = "http://127.0.0.1:1/callback?lang=en"
SCOPES = ("write_categories", "read_products", "delete_products")
FIELDS = ("response_type", "client_id", "scope", "state")


def app_of(sim: PimSimulator) -> App:
    made = sim.add_app("<b>Bridge", CALLBACK)
    return App(client_id=made.client_id, secret=made.secret, scopes=SCOPES)


def decided(http: httpx.Client, address: str, decision: str = "confirm") -> dict[str, str]:
    """What the callback is told when a PIM user decided on the page at this address."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    answer = http.post(urlsplit(address).path, data={**query, "decision": decision})
    assert answer.status_code == 302
    where = answer.headers["location"]
    assert where.startswith(f"{CALLBACK}&")
    return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}


def granted(sim: PimSimulator, app: App) -> AppGrant:
    start = app.start("http://localhost", loopback=True)
    with httpx.Client(base_url="http://localhost", transport=sim.transport()) as http:
        query = decided(http, start.url)
    return app.finish("http://localhost", query, state=start.state, transport=sim.transport())


def client(sim: PimSimulator, grant: AppGrant) -> AkeneoClient:
    return AkeneoClient(sim.url, AppAuth(access_token=grant.access_token), transport=sim.transport())


def test_an_app_is_connected(pim: Caller) -> None:
    """Apps: activation, the user's consent, the callback, the exchange."""
    app = app_of(pim.sim)
    start = app.start("http://localhost", loopback=True)
    page = pim.http.get(start.url.removeprefix("http://localhost"), headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Connect &lt;b&gt;Bridge?" in page.text
    assert "write_categories" in page.text
    query = decided(pim.http, start.url)
    assert query["state"] == start.state
    grant = app.finish("http://localhost", query, state=start.state, transport=pim.sim.transport())
    assert grant.scopes == {*SCOPES}
    assert grant.id_token is None
    answer = pim.http.get(f"{API}/categories", headers={"Authorization": f"Bearer {grant.access_token}"})
    assert answer.status_code == 200
    assert [call.path for call in pim.sim.mutating_calls] == [], "to connect changes nothing in the catalog"


def test_a_token_does_what_its_scopes_say() -> None:
    """Apps, scopes: who may write may read."""
    sim = PimSimulator(sample=True)
    with client(sim, granted(sim, app_of(sim))) as pim:
        assert pim.categories.upsert(CategoryPatch(code=CategoryCode("new"))).created
        assert pim.categories.get("new").code == "new"
        assert list(pim.products.list()) == []
        with pytest.raises(Forbidden):
            list(pim.families.list())
        with pytest.raises(Forbidden):
            list(pim.locales.list())


def test_fewer_scopes_may_be_granted() -> None:
    """Apps: the scope of the answer is what counts."""
    sim = PimSimulator(behaviour=Behaviour(app_scopes=frozenset({"read_products"})))
    app = app_of(sim)
    grant = granted(sim, app)
    assert grant.scopes == {"read_products"}
    assert grant.missing(app.scopes) == {"write_categories", "delete_products"}


def test_a_code_is_good_for_one_try_of_thirty_seconds() -> None:
    """Apps: 30 s, then `invalid_grant` in the shape of RFC 6749."""
    now = [datetime(2026, 6, 13, 12, tzinfo=UTC)]
    sim = PimSimulator(clock=lambda: now[0])
    app = app_of(sim)
    start = app.start("http://localhost", loopback=True)
    with httpx.Client(base_url="http://localhost", transport=sim.transport()) as http:
        for wait, reason in ((0, None), (0, "Code is not valid"), (30, "Code has expired")):
            if reason != "Code is not valid":
                query = decided(http, start.url)
            now[0] += timedelta(seconds=wait)
            if reason is None:
                app.finish("http://localhost", query, state=start.state, transport=sim.transport())
                continue
            with pytest.raises(SignInRefused, match=reason):
                app.finish("http://localhost", query, state=start.state, transport=sim.transport())
        form = {"grant_type": "authorization_code", "client_id": "nobody", "code": "x"}
        refused = http.post("/connect/apps/v1/oauth2/token", data=form)
        assert (refused.status_code, set(refused.json())) == (400, {"error", "error_description"})


def test_another_secret_gets_no_token() -> None:
    """Apps: the challenge is made of the code identifier and the App's secret."""
    sim = PimSimulator()
    app = app_of(sim)
    with pytest.raises(SignInRefused, match="challenge"):
        granted(sim, App(client_id=app.client_id, secret="another", scopes=SCOPES))


def test_a_user_may_decline() -> None:
    """Apps: the callback is told."""
    sim = PimSimulator()
    app = app_of(sim)
    start = app.start("http://localhost", loopback=True)
    with httpx.Client(base_url="http://localhost", transport=sim.transport()) as http:
        query = decided(http, start.url, "cancel")
    with pytest.raises(SignInRefused, match="did not connect"):
        app.finish("http://localhost", query, state=start.state, transport=sim.transport())


def test_a_stranger_is_told_so_on_a_page() -> None:
    """RFC 6749, 4.1.2.1: nobody is sent to an address that a stranger chose."""
    sim = PimSimulator()
    app_of(sim)
    strange = {"client_id": "stranger", "response_type": "code", "redirect_uri": "https://evil.example"}
    with httpx.Client(base_url="http://localhost", transport=sim.transport()) as http:
        for answer in (
            http.get("/connect/apps/v1/authorize", params=strange),
            http.post("/connect/apps/v1/authorize", data=strange),
        ):
            assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_apps_survive_a_restart(tmp_path: Path) -> None:
    """Apps: a token has no end, whatever becomes of the process."""
    with PimSimulator(tmp_path / "pim.db") as sim:
        app = app_of(sim)
        grant = granted(sim, app)
    with PimSimulator(tmp_path / "pim.db") as sim:
        with client(sim, grant) as pim:
            assert list(pim.categories.list()) == []
        assert granted(sim, app).access_token != grant.access_token
        assert grant.access_token not in repr(grant)

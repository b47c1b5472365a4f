"""A headless Chromium, by its debugging pipe; skipped where none is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pytest

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
]  # fmt: skip


class Tab:
    """One page: what it asked for, what it said, and what a script finds in it."""

    def __init__(self, ask: BinaryIO, listen: int) -> None:
        self._ask = ask
        self._listen = listen
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._number = 0
        self._session: str | None = None
        self._is_loaded = False
        self._messages: deque[bytes] = deque()
        self._begun: list[bytes] = []

    def call(self, method: str, *, may_fail: bool = False, **params: object) -> Any:
        """Send a command of the protocol, and wait for its answer."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._ask.write(json.dumps(message).encode() + b"\0")
        self._ask.flush()
        while True:
            found = self._next()
            if found.get("id") == self._number:
                assert may_fail or "error" not in found, found
                return found if "error" in found else found["result"]

    def open(
        self,
        page: Path | str,
        *,
        width: int = 1280,
        height: int = 900,
        with_scripts: bool = True,
        scheme: Literal["light", "dark"] = "light",
    ) -> None:
        """Load a file or an address, and wait until all of it is there."""
        if self._session is None:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Network", "Log", "Runtime"):
                self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.call("Emulation.setScriptExecutionDisabled", value=not with_scripts)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.requests.clear()
        self.complaints.clear()
        self._is_loaded = False
        self.call("Page.navigate", url=page.resolve().as_uri() if isinstance(page, Path) else page)
        self._await_load()

    def click(self, selector: str) -> None:
        """Press what leads to another page, and wait until that is there."""
        self._is_loaded = False
        self.find(f"document.querySelector({json.dumps(selector)}).click()")
        self._await_load()

    def fill(self, selector: str, text: str) -> None:
        """Give a field of a form its value."""
        self.find(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(text)}")

    def until(self, condition: str) -> None:
        """Wait until an expression holds in the page, or in the one that takes its place; each change of it is looked at."""
        watch = f"""new Promise((done, gone) => {{
            const look = () => {{ if ({condition}) {{ seen.disconnect(); done(true); }} }};
            const seen = new MutationObserver(look);
            seen.observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
            setTimeout(() => gone(new Error("it never came")), 60000);
            look();
        }})"""
        while True:
            answer = self.call("Runtime.evaluate", expression=watch, awaitPromise=True, may_fail=True)
            if "error" not in answer:
                assert "exceptionDetails" not in answer, answer
                return
            self._await_load()  # another page came, and its scripts know nothing of the promise

    def loaded_again(self) -> None:
        """Wait until the page has loaded itself, or another one, by its own doing."""
        self._is_loaded = False
        self._await_load()

    def _await_load(self) -> None:
        while not self._is_loaded:
            self._next()

    def find(self, script: str) -> Any:
        """What an expression gives."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> None:
        """What is to be seen, as PNG."""
        path.write_bytes(b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def key(self, name: str, *, code: int) -> None:
        """Press a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def _next(self) -> Any:
        while not self._messages:
            piece = os.read(self._listen, 1 << 16)
            assert piece, "Chromium is gone"
            *whole, rest = piece.split(b"\0")
            for end in whole:
                self._messages.append(b"".join([*self._begun, end]))
                self._begun.clear()
            self._begun.append(rest)
        found = json.loads(self._messages.popleft())
        params = found.get("params", {})
        if found.get("method") in ("Page.loadEventFired", "Page.frameStartedLoading"):
            self._is_loaded = found["method"] == "Page.loadEventFired"
        if found.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif found.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.complaints.append(json.dumps(params)[:600])
        return found


@contextmanager
def chromium(folder: Path) -> Iterator[Tab]:
    """A browser with an empty profile; the test is skipped where none is installed."""
    program = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if program is None:
        assert not os.environ.get("CI"), "the gate installs a chromium, and skips nothing"
        pytest.skip("no chromium is installed (apt-get install chromium)")
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    flags = [*FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    # the protocol speaks on 3 and 4, whatever the pipes are numbered here
    shell = ["bash", "-c", f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}', program, *flags]
    with subprocess.Popen(
        shell, pass_fds=(their_in, their_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as browser:
        os.close(their_in)
        os.close(their_out)
        with os.fdopen(our_out, "wb") as ask:
            try:
                yield Tab(ask, our_in)
            finally:
                browser.kill()
                os.close(our_in)

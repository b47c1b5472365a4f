"""Odoo as a process: what is said meanwhile, and whether it answers."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"odoo: {text}\n")
    sys.stderr.flush()


def answers(address: str, body: bytes) -> bool:
    """Whether a server answers a POST of JSON."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return bool(answer.read())
    except (OSError, urllib.error.URLError):
        return False

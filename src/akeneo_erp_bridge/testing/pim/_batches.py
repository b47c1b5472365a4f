"""Batches: many writes in one request, one verdict for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import frozen

from akeneo_erp_bridge.testing.pim._http import COLLECTION, Answer
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, dumps, loads
from akeneo_erp_bridge.testing.pim._refusal import Refusal, broken_json

MOST_LINES = 100
LONGEST_LINE = 1_000_000

Save = Callable[[str, JsonObject], bool]


@frozen
class Batch:
    """How the lines of one route are keyed and written; *save* tells whether it created."""

    key: Literal["code", "identifier", "uuid"]
    save: Save
    commit: Callable[[], None]
    error_key: Literal["status_code", "code"] = "status_code"
    line_limit: Literal["bytes", "characters"] = "bytes"

    def answer(self, body: bytes, cut_after: int | None) -> Answer:
        """Handle line by line. With *cut_after* the work and the answer both stop behind that line."""
        lines = body.split(b"\n")
        if len(lines) > MOST_LINES:
            raise Refusal(413, f"Too many resources to process, {MOST_LINES} is the maximum allowed.")
        verdicts = [dumps({"line": number, **self._verdict(line)}) for number, line in enumerate(lines[:cut_after], 1)]
        return Answer(200, b"\n".join(verdicts), (("Content-Type", COLLECTION),))

    def _verdict(self, line: bytes) -> JsonObject:
        shown: JsonObject = {}
        try:
            body = _object(line, self.line_limit)
            key = shown[self.key] = _key(body, self.key)
            created = self.save(key, body)
            self.commit()
        except Refusal as refusal:
            return {**shown, self.error_key: refusal.status, **refusal.details()}
        return {**shown, "status_code": 201 if created else 204}


def _key(body: JsonObject, name: str) -> str:
    key = body.get(name)
    if key is None or key == "":
        raise Refusal(422, f"{name.capitalize()} is missing.")
    if not isinstance(key, str):
        raise Refusal(422, f"{name.capitalize()} should be a string.")
    return key


def _object(line: bytes, limit: Literal["bytes", "characters"]) -> JsonObject:
    length = len(line) if limit == "bytes" else len(line.decode("utf-8", "replace"))
    if length > LONGEST_LINE:
        raise Refusal(413, "Line is too long.")
    try:
        value = loads(line)
    except (ValueError, RecursionError):
        raise broken_json() from None
    if isinstance(value, dict):
        return value
    if value == []:
        return {}
    raise broken_json()


def array_answer(value: JsonValue, save: Save, commit: Callable[[], None]) -> Answer:
    """The JSON-array form of a batch, which measurement families take."""
    if not isinstance(value, list):
        raise broken_json()
    if len(value) > MOST_LINES:
        raise Refusal(413, f"Too many resources to process, {MOST_LINES} is the maximum allowed.")
    verdicts: list[JsonValue] = []
    for one in value:
        shown: JsonObject = {}
        try:
            body = one if isinstance(one, dict) else {}
            shown["code"] = code = _key(body, "code")
            created = save(code, body)
            commit()
            shown["status_code"] = 201 if created else 204
        except Refusal as refusal:
            shown |= {"status_code": refusal.status, **refusal.details()}
        verdicts.append(shown)
    return Answer.json(verdicts)

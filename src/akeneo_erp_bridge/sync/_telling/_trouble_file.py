"""What people were told of, in a small file apart from the state: for what keeps the state itself from being opened."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from akeneo_erp_bridge._private_file import replace_private
from akeneo_erp_bridge.catalog import JsonObject
from akeneo_erp_bridge.catalog._json import as_object, as_text
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._telling._trouble import Trouble

__all__ = ["TroubleFile"]


class TroubleFile:
    """Remembers what people were told of in a JSON file (mode 0600), which is replaced as a whole; a `TroubleMemory`.

    Without the file people are told once more. Raises `StateError` for one that cannot be read or written.

    >>> from datetime import UTC
    >>> from tempfile import TemporaryDirectory
    >>> at = datetime(2026, 6, 10, 3, tzinfo=UTC)
    >>> with TemporaryDirectory() as folder:
    ...     TroubleFile(f"{folder}/told.json").keep_trouble("products", Trouble(at, {"StateError": at}))
    ...     print(TroubleFile(f"{folder}/told.json").trouble("products").told.keys())
    dict_keys(['StateError'])
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def trouble(self, stream: str) -> Trouble | None:
        """The trouble of the stream that people were told of, as long as it is not forgotten."""
        return self._read().get(stream)

    def keep_trouble(self, stream: str, trouble: Trouble | None) -> None:
        """Remember it in place of the one before; `None`: forget it."""
        known = {name: one for name, one in self._read().items() if name != stream}
        text = json.dumps({name: _written(one) for name, one in [*known.items(), (stream, trouble)] if one is not None})
        try:
            replace_private(self.path, [f"{text}\n"])
        except OSError as error:
            raise StateError(
                f"file {self.path} of what people were told cannot be written ({error.strerror}); check its folder"
            ) from error

    def _read(self) -> dict[str, Trouble]:
        try:
            found = as_object(json.loads(self.path.read_text(encoding="utf-8")))
            return {name: _trouble(as_object(one)) for name, one in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise StateError(
                f"file {self.path} of what people were told cannot be read ({error}); delete it: they are told once more"
            ) from error


def _written(one: Trouble) -> JsonObject:
    told = {kind: at.isoformat() for kind, at in one.told.items()}
    ended = None if one.ended is None else one.ended.isoformat()
    return {"since": one.since.isoformat(), "told": told, "ended": ended, "again": dict(one.again)}


def _trouble(body: JsonObject) -> Trouble:
    ended, again = body.get("ended"), as_object(body.get("again"), "again")
    return Trouble(
        _moment(body, "since"),
        {kind: _moment(told, kind) for told in [as_object(body.get("told"), "told")] for kind in told},
        None if ended is None else _moment(body, "ended"),
        {kind: number for kind, number in again.items() if isinstance(number, int)},
    )


def _moment(body: JsonObject, name: str) -> datetime:
    found = datetime.fromisoformat(as_text(body.get(name), name))
    if found.tzinfo is None:
        raise ValueError(f"{name} is of no zone")
    return found

"""Both queues are what a receiver asks for, and a kind is one of two words."""

from __future__ import annotations

from typing import assert_type

from akeneo_erp_bridge.sync.pim_first import (
    PostgresQueue,
    QueueReceiver,
    SqliteQueue,
    Waiting,
    WorkKind,
    WorkQueue,
)


def receivers(path: str, dsn: str) -> list[QueueReceiver]:
    queues: list[WorkQueue] = [SqliteQueue(path), PostgresQueue(dsn)]
    return [QueueReceiver(one, secrets=["s"]) for one in queues]


def look(queue: WorkQueue) -> None:
    with queue as same:
        assert_type(same, WorkQueue)
        taken = same.take(100)
        assert_type(taken, list[Waiting])
        kinds: list[WorkKind] = [one.kind for one in taken]
        same.put(zip(kinds, (one.key for one in taken), strict=True))
        same.put([("product", "7e0c"), ("product_model", "jacket")])
        same.put([("family", "f")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # a misuse that is to be refused
        same.done(taken)

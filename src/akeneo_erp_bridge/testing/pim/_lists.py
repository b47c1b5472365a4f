"""Lists: pages by number or by cursor, and the filters of `search`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from akeneo_erp_bridge.testing.pim._message import Json, JsonObject, Refused, Request

DEEPEST = 10_000


def page_of(request: Request, items: Iterable[JsonObject], key: Callable[[JsonObject], str], *, cursors: bool) -> Json:
    """The envelope of one page."""
    query = request.query
    limit = _number(query.get("limit", "10"), "limit")
    if limit > 100:
        raise Refused(422, "You cannot request more than 100 items.")
    kind = query.get("pagination_type", "page")
    if kind not in ("page", "search_after"):
        raise Refused(422, "Pagination type does not exist.")
    if kind == "search_after" and not cursors:
        raise Refused(422, "Pagination type is not supported.")
    if kind == "search_after":
        after = query.get("search_after", "")
        rows = [one for one in items if key(one).lower() > after.lower()][:limit]
        following = {"search_after": key(rows[-1])} if len(rows) == limit else None
        return _envelope(request, rows, {}, following)
    return _numbered(request, list(items), limit)


def _numbered(request: Request, items: list[JsonObject], limit: int) -> Json:
    page = _number(request.query.get("page", "1"), "page")
    if page * limit > DEEPEST:
        raise Refused(
            422,
            'You have reached the maximum number of pages you can retrieve with the "page" pagination type. '
            "Please use the search after pagination type instead",
        )
    rows = items[(page - 1) * limit : page * limit]
    extra: JsonObject = {"current_page": page}
    if request.query.get("with_count") == "true":
        extra["items_count"] = len(items)
    return _envelope(request, rows, extra, {"page": str(page + 1)} if len(rows) == limit else None)


def _number(text: str, name: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise Refused(422, f'"{text}" is not a valid {name} number.')
    return int(text)


def _envelope(request: Request, rows: list[JsonObject], extra: JsonObject, following: dict[str, str] | None) -> Json:
    def link(change: dict[str, str]) -> Json:
        return {"href": f"{request.base}{request.path}?{urlencode({**request.query, **change})}"}

    links: JsonObject = {"self": link({}), "first": link({})}
    if following is not None:
        links["next"] = link(following)
    return {"_links": links, **extra, "_embedded": {"items": list(rows)}}


# ---- filters ----
def search_of(request: Request) -> dict[str, list[JsonObject]]:
    """The parsed `search` parameter."""
    text = request.query.get("search", "{}")
    try:
        found: Json = json.loads(text)
    except ValueError:
        raise Refused(400, "Search query parameter should be valid JSON.") from None
    if not isinstance(found, dict):
        raise Refused(400, "Search query parameter should be valid JSON.")
    search: dict[str, list[JsonObject]] = {}
    for name, conditions in found.items():
        listed = conditions if isinstance(conditions, list) else [conditions]
        for one in listed:
            if not isinstance(one, dict) or "operator" not in one:
                raise Refused(
                    422, f'Structure of filter "{name}" should respect this structure: {{"operator", "value"}}'
                )
        search[name] = [one for one in listed if isinstance(one, dict)]
    return search


def holds(name: str, condition: JsonObject, seen: Json) -> bool:
    """Whether a field's value meets a condition; 422 for an operator the field does not have."""
    operator, value = str(condition["operator"]), condition.get("value")
    listed = value if isinstance(value, list) else [value]
    folded = {_folded(one) for one in listed}
    have = {_folded(one) for one in seen} if isinstance(seen, list) else {_folded(seen)}
    checks: dict[str, Callable[[], bool]] = {
        "IN": lambda: bool(folded & have),
        "NOT IN": lambda: not folded & have,
        "=": lambda: _folded(value) in have,
        "!=": lambda: _folded(value) not in have,
        "EMPTY": lambda: seen in (None, [], ""),
        "NOT EMPTY": lambda: seen not in (None, [], ""),
        "UNCLASSIFIED": lambda: not seen,
        "CONTAINS": lambda: str(value).lower() in str(seen or "").lower(),
        "STARTS WITH": lambda: str(seen or "").lower().startswith(str(value).lower()),
        ">": lambda: _moment(seen) > _moment(value),
        "<": lambda: _moment(seen) < _moment(value),
    }
    if operator not in checks:
        raise Refused(422, f'Filter on property "{name}" is not supported or does not support operator "{operator}"')
    return checks[operator]()


def _folded(value: Json) -> str:
    return value.lower() if isinstance(value, str) else json.dumps(value)


def _moment(value: Json) -> str:
    """Moments compare as text once they have one shape."""
    return str(value).replace("T", " ")[:19]

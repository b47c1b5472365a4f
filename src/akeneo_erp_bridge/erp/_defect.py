"""`Defect`: what an adapter puts into a row where the ERP's record cannot be read."""

from __future__ import annotations

from attrs import frozen


@frozen
class Defect:
    """Stands in a row for a value that could not be read, and says why; who reads it gets a problem.

    A bad record must not stop the good ones, and must not be left out either. So an adapter gives out the item with its
    key, and a `Defect` in each field that it cannot vouch for: the item is parked with the reason, and is not taken for
    deleted. Where even the key is not sure, it is a `Defect` too. `seen` is what may be shown of the record to a person who
    looks for it: nothing of it may be hot or internal.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> torn = Article({"number": "DR-18", "name": Defect("articles.csv, line 7: 2 values for 3 columns")})
    >>> torn.key, str(Article.name.run(torn))
    ('DR-18', 'name: articles.csv, line 7: 2 values for 3 columns')
    """

    reason: str
    seen: str = ""

    def __str__(self) -> str:
        return self.reason

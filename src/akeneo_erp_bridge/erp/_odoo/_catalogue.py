"""What an Odoo server knows of itself: models and their fields, languages, axes, places. Asked once, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from attrs import define, field

from akeneo_erp_bridge.erp._odoo._paths import PathPlan, languages_of, plan_path
from akeneo_erp_bridge.erp._odoo._records import number_of
from akeneo_erp_bridge.erp._odoo._session import OdooSession
from akeneo_erp_bridge.erp._odoo._values import FieldDefinition
from akeneo_erp_bridge.erp._odoo._wire import Raw
from akeneo_erp_bridge.errors import ErpRefused

_TOLD = ("type", "relation", "digits", "readonly", "searchable", "required", "size")


@define
class Catalogue:
    """Looks up names before anything is read by them: Odoo answers many wrong ones with silence."""

    session: OdooSession
    language: str
    company: int | None
    locations: Sequence[int] | None
    _fields: dict[str, Mapping[str, FieldDefinition]] = field(factory=dict[str, Mapping[str, FieldDefinition]])
    _languages: frozenset[str] = frozenset()
    _axes: frozenset[str] = frozenset()
    _known_places: bool = False

    @property
    def context(self) -> dict[str, Raw]:
        """Without a language the user's own counts, without a company the user's default one."""
        chosen: dict[str, Raw] = {"lang": self.language}
        if self.company is not None:
            chosen["allowed_company_ids"] = [self.company]
        if self.locations is not None:
            chosen["location"] = list(self.locations)
        return chosen

    def fields_of(self, model: str) -> Mapping[str, FieldDefinition]:
        """The fields of a model that this user may see."""
        if model not in self._fields:
            answer = self.session.call(model, "fields_get", attributes=list(_TOLD))
            if not isinstance(answer, Mapping):
                raise ErpRefused(f"Odoo does not tell the fields of {model}; is the model's name right?")
            self._fields[model] = {
                name: FieldDefinition.of(name, one) for name, one in answer.items() if isinstance(one, Mapping)
            }
        return self._fields[model]

    def plans(self, model: str, paths: Iterable[str]) -> tuple[PathPlan, ...]:
        """How these paths are read; raises `ErpRefused` for a field, language, axis or place that is not there."""
        plans = tuple(plan_path(path, model, self.fields_of) for path in sorted(set(paths)))
        self._check_languages(languages_of(plans))
        self._check_axes([one for one in plans if one.axis is not None])
        if any(one.is_stock for one in plans):
            self._check_places()
        return plans

    def _check_languages(self, wanted: Sequence[str]) -> None:
        missing = {*wanted, self.language} - self._languages
        if missing:
            rows = self.session.records("res.lang", "search_read", domain=[["active", "=", True]], fields=["code"])
            self._languages = frozenset(str(one.get("code")) for one in rows)
            missing -= self._languages
        if missing:
            raise ErpRefused(
                f"Odoo has no language {', '.join(sorted(missing))}; it has {', '.join(sorted(self._languages))}. "
                "Add the language in Odoo's settings, or mend the path"
            )

    def _check_axes(self, plans: Sequence[PathPlan]) -> None:
        """An axis of another name would be one that no variant has, and empty the PIM's values."""
        if plans and not self._axes:
            rows = self.session.records(
                "product.attribute", "search_read", domain=[], fields=["name"], context=self.context
            )
            self._axes = frozenset(str(one.get("name")) for one in rows)
        for one in plans:
            if one.axis not in self._axes:
                near = get_close_matches(str(one.axis), self._axes, cutoff=0.5) or sorted(self._axes)
                raise ErpRefused(
                    f"path '{one.path}': Odoo has no attribute '{one.axis}' in {self.language}; "
                    f"it has: {', '.join(near)}"
                )

    def _check_places(self) -> None:
        """A place that is not there holds nothing, says Odoo, and everything would be sold out."""
        if self.locations is None or self._known_places:
            return
        ids: list[Raw] = list(self.locations)
        rows = self.session.records(
            "stock.location", "search_read", domain=[["id", "in", ids]], fields=["id"], context=self.context
        )
        missing = set(self.locations) - {number_of(one) for one in rows}
        if missing:
            named = ", ".join(str(one) for one in sorted(missing))
            raise ErpRefused(
                f"Odoo has no location with the id {named}, or it is archived or another company's; "
                "look the ids up in stock.location"
            )
        self._known_places = True

"""From the paths of an item class to `$select` and `$expand`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from akeneo_erp_bridge.erp._odata._edm import EdmModel, EdmProperty, EdmType
from akeneo_erp_bridge.erp._paths import steps_of
from akeneo_erp_bridge.errors import ErpRefused


@frozen
class Branch:
    """What is read of one type: its own properties, and through which navigations what else."""

    select: set[str] = field(factory=set[str])
    expand: dict[str, Branch] = field(factory=dict[str, "Branch"])

    def options(self) -> dict[str, str]:
        """As options of a query; an expansion without a selection gets all."""
        return {"$select": ",".join(sorted(self.select)), "$expand": self._expansion()}

    def _expansion(self) -> str:
        return ",".join(f"{name}{branch.inner()}" for name, branch in sorted(self.expand.items()))

    def inner(self) -> str:
        """As options inside of an expansion."""
        said = ";".join(f"{name}={value}" for name, value in self.options().items() if value)
        return f"({said})" if said else ""


def language_of(path: str) -> tuple[str, str | None]:
    """A path and its language: ``name@fr`` is ``name``, in French."""
    plain, _, language = path.partition("@")
    return plain, language or None


def plan_of(paths: Iterable[str], kind: EdmType, model: EdmModel) -> Branch:
    """What to ask for. Raises `ErpRefused` naming the step that is not there, and what is."""
    top = Branch(set(kind.keys))
    for path in sorted(paths):
        _enter(path, _names(path), kind, model, top)
    return top


def property_at(path: str, kind: EdmType, model: EdmModel) -> tuple[str, EdmProperty] | None:
    """A plain property at a path through single relations, with the path as a filter writes it; `None` for all else."""
    here, names = kind, _names(path)
    if len(steps_of(path)) != len(names):
        return None  # a place in a list
    for at, name in enumerate(names, start=1):
        found = here.properties.get(name)
        if at == len(names):
            return None if found is None or found.is_list or found.kind in model.types else ("/".join(names), found)
        way = here.navigations.get(name)
        if way is None or way.is_list or way.target not in model.types:
            return None
        here = model.types[way.target]
    return None


def kinds_of_paths(paths: Iterable[str], kind: EdmType, model: EdmModel) -> Mapping[str, EdmProperty]:
    """The properties that nested paths lead to, for those that lead to one."""
    found: dict[str, EdmProperty] = {}
    for path in paths:
        here: EdmType | None = kind
        for name in _names(language_of(path)[0]):
            if here is None:
                break
            if name in here.properties:
                found[path] = here.properties[name]
                here = model.types.get(here.properties[name].kind)
            else:
                way = here.navigations.get(name)
                here = None if way is None else model.types.get(way.target)
    return found


def _names(path: str) -> list[str]:
    return [step for step in steps_of(path) if isinstance(step, str)]


def _enter(path: str, names: list[str], kind: EdmType, model: EdmModel, branch: Branch) -> None:
    for name in names:
        if name in kind.properties:
            branch.select.add(name)  # what is inside of a complex value comes with it
            return
        way = kind.navigations.get(name)
        if way is None:
            raise ErpRefused(
                f"path '{path}': {kind.name} has no '{name}'; it has: {', '.join(kind.names)}. Mend the path"
            )
        kind = model.type_of(way.target)
        # an empty selection would bring everything, and so does a relation that a path ends at
        branch = branch.expand.setdefault(name, Branch(set(kind.keys)))
    branch.select.clear()
    branch.select.update(name for name, one in kind.properties.items() if one.kind != "Edm.Stream")

"""Why the PIM refused something, field by field: what errors of the PIM carry. Public as `akeneo_erp_bridge.errors.Violation`."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Violation:
    """One reason why the PIM refused a resource: Akeneo's `errors[]` entry.

    Source: Akeneo's documentation of response codes.

    >>> str(Violation(message="The motor value is not in the option list.", property="values", attribute="part"))
    'values/part: The motor value is not in the option list.'
    """

    message: str
    property: str | None = None
    attribute: str | None = None
    locale: str | None = None
    scope: str | None = None

    def place(self) -> str:
        """Where it is wrong: property, attribute, locale and channel, as far as the PIM names them.

        >>> Violation(message="No.", property="values", attribute="name", locale="fr_FR").place()
        'values/name/fr_FR'
        """
        return "/".join(part for part in (self.property, self.attribute, self.locale, self.scope) if part)

    def __str__(self) -> str:
        place = self.place()
        return f"{place}: {self.message}" if place else self.message

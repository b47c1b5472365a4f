"""One text in several languages, inside of one record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from attrs import frozen

from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.erp._field_spec import FieldSpec
from akeneo_erp_bridge.erp._item import Field
from akeneo_erp_bridge.erp._readers import Unreadable, read_text
from akeneo_erp_bridge.errors import MappingError


@frozen
class Translations:
    """Texts by the ERP's own codes of languages, in the ERP's order; `None` where the ERP says that there is none.

    A language that is not there is a `KeyError`.

    >>> drill = Translations((("E", "Drill"), ("D", "Bohrer"), ("F", None)))
    >>> drill["D"], drill["F"], "S" in drill
    ('Bohrer', None, False)
    >>> drill.languages
    ('E', 'D', 'F')
    """

    texts: tuple[tuple[str, str | None], ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes that are there, those without a text too."""
        return tuple(language for language, _ in self.texts)

    def __getitem__(self, language: str) -> str | None:
        for code, text in self.texts:
            if code == language:
                return text
        raise KeyError(language)

    def __contains__(self, language: str) -> bool:
        return language in self.languages


@frozen
class TranslationsReader:
    """See `translations`; without names of members it reads ``{"en": "..."}``."""

    members: tuple[str, str] | None

    def __call__(self, raw: object) -> Translations:
        texts: dict[str, str | None] = {}
        for language, text in self._rows(raw):
            code, value = read_text(language), None if text is None else read_text(text)
            if texts.setdefault(code, value) != value:
                raise Unreadable(raw, f"one text for each language ('{code}' has two)")
        return Translations(tuple(texts.items()))

    def _rows(self, raw: object) -> Iterator[tuple[object, object]]:
        # the casts: rows are untyped by nature; each language and text is read with care
        if self.members is None:
            if not isinstance(raw, Mapping):
                raise Unreadable(raw, "a map of texts by language")
            yield from cast("Mapping[object, object]", raw).items()  # of what, isinstance cannot tell
            return
        language, text = self.members
        wanted = f"a list of rows with '{language}' and '{text}'"
        if not isinstance(raw, list | tuple):
            raise Unreadable(raw, wanted)
        rows = cast("list[object] | tuple[object, ...]", raw)  # of what, isinstance cannot tell
        for row in rows:
            if not isinstance(row, Mapping) or language not in row:
                raise Unreadable(rows, wanted)
            members = cast("Mapping[str, object]", row)  # of what, isinstance cannot tell
            if text in members:
                yield members[language], members[text]


def translations(path: str, *, language: str | None = None, text: str | None = None) -> Field[Translations, Cold]:
    """A cold field that holds one text in several languages.

    Either a map by language, ``{"en": "Drill", "de": "Bohrer"}``, or one row a language, with the names of the two
    members: ``[{"SPRAS": "E", "MAKTX": "Drill"}, ...]``. Two different texts for one language are a problem. Raises
    `MappingError` when only one of the members is named.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Material(ErpItem):
    ...     number = cold(str, "MATNR", key=True)
    ...     texts = translations("texts", language="SPRAS", text="MAKTX")
    >>> Material({"MATNR": "1", "texts": [{"SPRAS": "E", "MAKTX": "Drill"}]}).texts["E"]
    'Drill'
    """
    if (language is None) != (text is None):
        raise MappingError(f"translations('{path}'): name both members of a row, language= and text=, or neither")
    members = None if language is None or text is None else (language, text)
    spec = FieldSpec(name=path, path=path, kind="Translations", temperature=Cold, is_key=False, nullable=False)
    return Field(TranslationsReader(members), spec)

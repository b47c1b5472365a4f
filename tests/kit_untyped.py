"""An adapter that does all it should, in code that says no types."""

from kit_erp import Adapter


class Untyped(Adapter):
    def describe(self):
        return super().describe()

"""The module that is made of a PIM's structure. What checkers say of it is in tests/typing."""

from __future__ import annotations

import string
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.catalog import Attribute, PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.mapping._names import constant_of, name_of, named
from akeneo_erp_bridge.mapping.typed import typed_pim
from akeneo_erp_bridge.rules import Cell
from typing.pim_structure import STRUCTURE  # type: ignore[import-not-found]

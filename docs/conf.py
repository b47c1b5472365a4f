"""The documentation site: Sphinx, furo, Markdown."""

from __future__ import annotations

project = "akeneo_erp_bridge"
author = "akeneo_erp_bridge maintainers"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "akeneo_erp_bridge"
exclude_patterns = ["_build"]

autodoc_typehints = "none"  # signatures carry them; links to every TypeVar would be noise
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}
default_role = "code"
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nitpicky = True
nitpick_ignore_regex = [
    # names in signatures that live in libraries whose inventories a build without network cannot read
    ("py:.*", r".*"),
]

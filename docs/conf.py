"""The documentation site: Sphinx, furo, Markdown. The build needs no network, so there is no intersphinx."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from docutils import nodes
from docutils.nodes import Element, Node, TextElement
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from akeneo_erp_bridge.akeneo import Operation, operations

PACKAGE = "akeneo_erp_bridge"

project = PACKAGE
author = "akeneo_erp_bridge maintainers"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = PACKAGE
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
exclude_patterns = ["_build"]

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False
python_maximum_signature_line_length = 100
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
default_role = "code"
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nitpicky = True
nitpick_ignore_regex = [
    # the standard library and our dependencies: their inventories are on the network
    ("py:.*", rf"(?!{PACKAGE}\.).*"),
    # what a signature names and no import line may: private classes and type variables
    ("py:.*", rf"{PACKAGE}\.[\w.]*\._\w+\.\w+"),
    ("py:.*", rf"{PACKAGE}\.[\w.]*\.(\w*T|[A-Z])(_co|_contra)?"),
]


def link_to_public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: TextElement) -> Element | None:
    """Link `erp._item.ErpItem`, where a class is written, to `erp.ErpItem`, where it is documented."""
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target.startswith(f"{PACKAGE}."):
        return None
    _, room, *_, name = target.split(".")
    domain = env.domains["py"]
    # "obj" is any kind: to a signature a type alias is a class, to Sphinx it is data
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", f"{PACKAGE}.{room}.{name}", node, content)


@cache
def notes_on_names(room: str) -> dict[str, list[str]]:
    """The lines below each constant and alias of a room, wherever in the room it is defined."""
    package = import_module(room)
    places = [one.name for one in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{room}.") if not one.ispkg]
    found = (ModuleAnalyzer.for_module(place).find_attr_docs() for place in (*places, room))
    return {name: lines for docs in found for (owner, name), lines in docs.items() if not owner}


def describe_data(_app: Sphinx, what: str, name: str, _thing: object, _options: object, lines: list[str]) -> None:
    """Show what is written below a constant or an alias, and never the docstring of its class, such as that of `str`."""
    if what == "data":
        room, _, short = name.rpartition(".")
        lines[:] = notes_on_names(room).get(short, [])


def name_tables_of_tests(_app: Sphinx, tree: nodes.document) -> None:
    """Give the class `tests` to each table whose last column names tests: those names are long, and may break."""
    for head in tree.findall(nodes.thead):
        if head.astext().split()[-1:] == ["Test"]:
            table = head.parent.parent
            table["classes"] += ["tests"]


class OperationsTable(SphinxDirective):
    """The operations of some resources, as the package tells them."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[Node]:
        resources = self.arguments[0].split()
        rows = [
            (one.verb, one.path.removeprefix("/api/rest/v1") or "/", one.method, _since(one))
            for one in operations()
            if (one.method.rpartition(".")[0] or one.method) in resources
        ]
        if not rows:
            raise self.error(f"no operations of {resources}")
        table = nodes.table(classes=["operations"])
        group = nodes.tgroup(cols=4)
        table += group
        group += [nodes.colspec(colwidth=width) for width in (8, 38, 38, 16)]
        head = nodes.thead()
        head += _row([[nodes.Text(text)] for text in ("Verb", "Path", "Method", "Since")])
        body = nodes.tbody()
        body += [
            _row([[nodes.Text(verb)], [_code(path)], [_code(method)], [nodes.Text(since)]])
            for verb, path, method, since in rows
        ]
        group += [head, body]
        return [table]


def _since(one: Operation) -> str:
    marks = (
        ("enterprise", one.edition == "enterprise"),
        ("deprecated", one.is_deprecated),
        ("experimental", one.is_experimental),
    )
    return ", ".join([one.since, *(mark for mark, holds in marks if holds)])


def _code(text: str) -> Node:
    return nodes.literal(text, text)


def _row(cells: list[list[Node]]) -> Node:
    row = nodes.row()
    for cell in cells:
        entry, paragraph = nodes.entry(), nodes.paragraph()
        paragraph += cell
        entry += paragraph
        row += entry
    return row


def setup(app: Sphinx) -> None:
    app.add_directive("operations", OperationsTable)
    app.connect("missing-reference", link_to_public_name)
    app.connect("doctree-read", name_tables_of_tests)
    app.connect("autodoc-process-docstring", describe_data)

"""Odoo itself: Debian's package, unpacked but not installed, and its Python packages in an environment of their own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from background import Failed, run

from odoo.process import say

# modules that would only cost time and space; no more than these, as `base` names categories that others bring along
_LEFT_OUT = ("l10n_*", "test_*", "theme_*", "pos_*", "website_*")
_LANGUAGES = ("fr", "de")  # beside English


@dataclass(frozen=True)
class Series:
    """A series of Odoo: the suites of Debian that carry it, the oldest and newest Python, and what it imports."""

    number: str
    suites: tuple[str, ...]
    oldest: tuple[int, int]
    newest: tuple[int, int]
    requirements: tuple[str, ...]


SERIES = {
    "19": Series(
        "19",
        ("sid", "forky"),
        (3, 10),
        (3, 13),
        (
            "asn1crypto", "babel<3", "cbor2<7", "chardet", "cryptography<51", "docutils<1", "freezegun<2", "geoip2<6",
            "gevent", "greenlet", "idna", "jinja2<4", "libsass<1", "lxml<7", "lxml-html-clean<1", "markupsafe<4",
            "num2words<1", "ofxparse<1", "openpyxl<4", "passlib<2", "pillow<14", "polib<2", "psutil<8",
            "psycopg2-binary<3", "pyopenssl<27", "pypdf<8", "pyserial<4", "python-dateutil<5", "python-magic<1",
            "python-stdnum<3", "pytz", "pyusb<2", "qrcode<9", "reportlab<6", "requests<3", "rjsmin<2", "setuptools<81",
            "urllib3<3", "vobject<1", "werkzeug>=3.0,<3.1", "xlrd<3", "xlsxwriter<4", "xlwt<2", "zeep<5",
        ),
    ),
    "14": Series(
        "14",
        ("bullseye",),
        (3, 7),
        (3, 9),
        (
            "babel<2.13", "chardet<4", "decorator<5", "docutils<0.17", "feedparser<6.1", "freezegun<1", "gevent<23",
            "html2text", "idna<3", "jinja2<3", "libsass<1", "lxml<5", "mako<1.2", "markupsafe<2.1", "mock<5",
            "num2words<0.6", "ofxparse<1", "passlib<2", "pillow<10", "polib<1.2", "psutil<6", "psycopg2-binary<2.10",
            "pydot<1.5", "pyparsing<3", "pypdf2<2", "pyserial<4", "python-dateutil<2.9", "python-stdnum<1.20", "pytz",
            "pyusb<1.3", "qrcode<7", "reportlab<3.7", "requests<2.29", "setuptools<58", "urllib3<1.27",
            "vobject<0.9.7", "werkzeug<1", "xlrd<2", "xlsxwriter<3", "xlwt<2", "zeep<4.2",
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """Where Odoo is after `install`."""

    tree: Path
    python: Path
    program: Path
    addons: Path


def install(series: Series, folder: Path) -> Installed:
    """Fetch, unpack and install what is missing."""
    root = folder / "package"
    tree = root / "usr" / "lib" / "python3" / "dist-packages"
    if not (root / "unpacked").exists():
        _unpack(series, folder, root, tree)
    python = _environment(series, folder)
    # where a package keeps the standard modules moved between the series
    addons = [one for one in (tree / "addons", tree / "odoo" / "addons") if one.is_dir()]
    return Installed(tree, python, root / "usr" / "bin" / "odoo", addons[0])


def _unpack(series: Series, folder: Path, root: Path, tree: Path) -> None:
    package = _package(series, folder)
    say(f"unpacking {package.name} ...")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    left_out = [f"--exclude=*/addons/{name}" for name in _LEFT_OUT]
    left_out += ["--exclude=./usr/share/doc", "--exclude=*/static/tests"]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as source:
        code = subprocess.call(
            ["tar", "-x", "--no-same-owner", "--wildcards", "-C", str(root), *left_out], stdin=source.stdout
        )
    if code or source.returncode:
        raise Failed(f"unpacking {package} failed; remove it and start again")
    for words in tree.glob("odoo/addons/*/i18n/*.po"):
        if not words.name.startswith(_LANGUAGES):
            words.unlink()
    shutil.rmtree(folder / "apt", ignore_errors=True)
    (root / "unpacked").touch()


def _package(series: Series, folder: Path) -> Path:
    """The file: the one of ODOO_DEB, or fetched with sources, lists and a cache of our own; the system's stay."""
    for command in ("apt-get", "dpkg-deb", "tar"):
        if not shutil.which(command):
            raise Failed(
                f"'{command}' is missing: Odoo is taken from Debian's package, so Debian or a relative is needed"
            )
    given = os.environ.get("ODOO_DEB")
    if given:
        if not Path(given).exists():
            raise Failed(f"ODOO_DEB names {given}, which does not exist")
        return Path(given)
    place = _mirror()
    if place is None:
        raise Failed(
            f"apt's settings name no Debian mirror. Set ODOO_DEB to a file of the package odoo-{series.number} instead"
        )
    trouble = ""
    for suite in series.suites:
        say(f"fetching odoo-{series.number} of Debian {suite} ...")
        options = _own_apt(folder / "apt", place, suite)
        try:
            log = folder / "install.log"
            run(["apt-get", *options, "-q", "update"], log)
            run(["apt-get", *options, "-q", "download", f"odoo-{series.number}"], log, folder=folder / "apt")
        except Failed as error:
            trouble = str(error)
            continue
        return next((folder / "apt").glob(f"odoo-{series.number}_*.deb"))
    raise Failed(
        f"Debian's package odoo-{series.number} could not be had (suites {', '.join(series.suites)}). "
        f"Set ODOO_DEB to a file of it instead.\n{trouble}"
    )


def _own_apt(folder: Path, place: str, suite: str) -> list[str]:
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb {place} {suite} main\n")
    (folder / "status").touch()
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _mirror() -> str | None:
    """The Debian mirror that this machine uses already."""
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    for line in sorted(set(told.splitlines())):
        address, _, label = line.partition(" ")
        if label.strip() == "Debian":
            return address
    for path in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")):
        if path.suffix in (".list", ".sources") and path.exists():
            pattern = r"^(?:deb(?: \[[^]]*\])? |URIs:\s*)(\S+/debian/?)(?:\s|$)"
            found = re.search(pattern, path.read_text(), re.MULTILINE)
            if found:
                return found.group(1)
    return None


def _environment(series: Series, folder: Path) -> Path:
    """The environment; its stamp is written last, so that half of one is made anew."""
    base = _fitting(series)
    place = folder / "venv"
    python, stamp = place / "bin" / "python", place / "installed"
    mark = hashlib.sha256(repr((base, series.requirements)).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == mark:
        return python
    shutil.rmtree(place, ignore_errors=True)
    say("installing Python packages ...")
    log = folder / "install.log"
    run([base, "-m", "venv", str(place)], log)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary"]
    run([*pip, *series.requirements], log)
    stamp.write_text(mark)
    return python


def _fitting(series: Series) -> str:
    """A Python that this series runs on."""
    for name in (os.environ.get("ODOO_PYTHON", sys.executable), *_pythons(series)):
        path = shutil.which(name)
        if path is not None and series.oldest <= _version(path) <= series.newest:
            return path
    (major, low), (_, high) = series.oldest, series.newest
    raise Failed(f"Odoo {series.number} needs a Python from {major}.{low} to {major}.{high}; name one in ODOO_PYTHON")


def _pythons(series: Series) -> Iterator[str]:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for minor in range(series.newest[1], series.oldest[1] - 1, -1):
        yield f"python3.{minor}"
        yield from map(str, sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python3")))


def _version(python: str) -> tuple[int, int]:
    code = "import sys; print(*sys.version_info[:2])"
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.split()
    return (int(told[0]), int(told[1])) if len(told) == 2 else (0, 0)

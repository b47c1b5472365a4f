"""Multipart forms: fields, and one file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from akeneo_erp_bridge.testing.pim._http import Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, loads
from akeneo_erp_bridge.testing.pim._refusal import Refusal

NAME = re.compile(rb'\bname="([^"]*)"')
FILENAME = re.compile(rb'\bfilename="([^"]*)"')


@frozen
class Form:
    """What a form holds. *filename* and *content* are those of its part `file`."""

    fields: Mapping[str, str]
    filename: str | None = None
    content: bytes = b""

    def file(self) -> tuple[str, bytes]:
        """The file; refuses a form without one."""
        if self.filename is None:
            raise Refusal(422, 'Property "file" is required.')
        return self.filename, self.content

    def json(self, name: str) -> JsonObject:
        """A field that holds a JSON object."""
        try:
            value = loads(self.fields[name])
        except ValueError:
            raise Refusal(400, "Invalid json message received") from None
        if not isinstance(value, dict):
            raise Refusal(422, f'Property "{name}" expects a JSON object.')
        return value


def form_of(request: Request) -> Form:
    """Read the body of a request."""
    boundary = request.headers.get("content-type", "").partition("boundary=")[2].strip('"').encode()
    fields: dict[str, str] = {}
    filename, content = None, b""
    for part in request.body.split(b"--" + boundary)[1:-1] if boundary else []:
        head, _, body = part.partition(b"\r\n\r\n")
        body = body.removesuffix(b"\r\n")
        name, file = NAME.search(head), FILENAME.search(head)
        if name is not None and name[1] == b"file" and file is not None:
            filename, content = file[1].decode("utf-8", "replace").replace("%22", '"'), body
        elif name is not None:
            fields[name[1].decode()] = body.decode("utf-8", "replace")
    return Form(fields, filename, content)

"""A line to a PostgreSQL server that breaks where a test wants it: after a commit, before its answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class BrokenLine:
    """Passes bytes on, both ways. `breaks`: the answer to the next commit is lost, and the line with it.

    `keeps_server`: the server is not told, as when a firewall drops a connection.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.breaks = False
        self.keeps_server = False
        self.broken = 0
        self._open: list[socket.socket] = []
        self._doomed: socket.socket | None = None
        self._kept: socket.socket | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open += [client, server]
                threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass_back, args=(server, client), daemon=True).start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                is_last = self.breaks and b"COMMIT" in data
                if is_last:
                    self.breaks = False
                    self.broken += 1
                    self._doomed = server  # what it answers is read, and goes nowhere
                server.sendall(data)
        if server is not self._kept:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if server is self._doomed:
                    self._doomed = None
                    if self.keeps_server:
                        self._kept = server
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def broken_line(dsn: str) -> Iterator[tuple[BrokenLine, str]]:
    """A line, and the address at its end."""
    told = conninfo_to_dict(dsn)
    line = BrokenLine(str(Path(str(told["host"])) / f".s.PGSQL.{told.get('port') or 5432}"))
    try:
        yield line, make_conninfo(dsn, host="127.0.0.1", port=line.port, sslmode="disable", gssencmode="disable")
    finally:
        line.close()

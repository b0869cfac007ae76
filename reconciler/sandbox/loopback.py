"""A server for one application, on this machine only."""

from __future__ import annotations

import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST: Final = "127.0.0.1"


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
        """Stay quiet: requests carry keys and numbers."""

    def address_string(self) -> str:
        return str(self.client_address[0])  # without asking a name server


class _Listener(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()


class Server:
    """A running server. `url` is where it answers."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self._listener = _Listener((HOST, port), _Handler)
        self._listener.set_app(app)
        self.url = f"http://{HOST}:{self._listener.server_port}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def wait(self) -> None:
        """Serve until somebody stops it."""
        self._thread.join()

    def stop(self) -> None:
        """Stop listening."""
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()

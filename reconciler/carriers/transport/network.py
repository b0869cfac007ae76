"""Connections over TCP and TLS, for what is not served in process.

A file of its own, as loading httpcore and h11 takes as long as a small plan that finds nothing
to do.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore  # what httpx stands on: its network backend is a public seam
import httpx

MAX_CONNECTIONS: Final = 10


class Wire(httpx.HTTPTransport):
    """httpx's transport over streams that know when the whole request must be over."""

    def __init__(self, left: Callable[[float | None], float], *, loopback: bool) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False, retries=0)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=5.0,
            retries=0,
            network_backend=Network(left, loopback=loopback),
        )


class Network(httpcore.NetworkBackend):
    """Connects to public addresses only, or to this machine only."""

    def __init__(self, left: Callable[[float | None], float], *, loopback: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._left = left
        self._loopback = loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, and look at where that led before anything is sent."""
        stream = self._inner.connect_tcp(
            host, port, self._left(timeout), local_address, socket_options
        )
        # A public name may lead to a private address (DNS rebinding). Nothing was sent yet.
        peer = stream.get_extra_info("server_addr")
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
        if not (address.is_loopback if self._loopback else address.is_global):
            stream.close()
            raise httpcore.ConnectError("the name leads to an address that is not allowed")
        return _Stream(stream, self._left)


class _Stream(httpcore.NetworkStream):
    """A stream on which a byte now and then does not win more time.

    httpx bounds each step by itself, so that an answer of one byte a second lasts for hours.
    """

    def __init__(
        self, inner: httpcore.NetworkStream, left: Callable[[float | None], float]
    ) -> None:
        self._inner = inner
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(inner, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

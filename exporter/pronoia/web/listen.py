"""`--web.listen-address`: where to serve."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from pronoia.errors import ConfigError, ConfigProblem

_FLAG = "--web.listen-address"


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A host to bind and a port; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ListenAddress:
        """Read `host:port`, `[::1]:port` or `:port`, which stands for all addresses, IPv4 and IPv6.

        Raises:
            ConfigError: if it is none of these.

        >>> ListenAddress.parse("[::1]:10190")
        ListenAddress(host='::1', port=10190)
        """
        host, colon, port = text.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        if (
            not colon
            or not (port.isascii() and port.isdigit())
            or int(port) > 65_535
            or (":" in host and not bracketed)
        ):
            problem = f"{text!r} is not an address; host:port, [::1]:port or :port is needed"
            raise ConfigError([ConfigProblem(_FLAG, problem)])
        everywhere = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - what ":port" asks for
        return cls(host.strip("[]") or everywhere, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

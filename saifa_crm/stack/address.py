"""HOST and PORT: read, checked to be free, written as a URL."""

import errno
import os
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass

from .errors import StackError


@dataclass(frozen=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        """As gunicorn takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """As this machine's browser takes it."""
        local = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host)  # noqa: S104 compared, not bound
        return f"http://{local}:{self.port}/" if local else f"http://{self.bind}/"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


def read_address() -> Address:
    """From the environment."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise StackError(f"PORT={port} is not a port number (1 to 65535).")
    return Address(host.strip("[]"), int(port))


def require_free(address: Address) -> None:
    """StackError when something already listens there."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise StackError(f"HOST={address.host} is not an address of this machine ({error.strerror}).") from None
    with socket.socket(family, kind, protocol) as probe:
        # As gunicorn does: connections in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(target)
            probe.listen(1)
        except PermissionError:
            raise StackError(f"Port {address.port} needs root: choose one above 1023, for example PORT=8000.") from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise StackError(f"HOST={address.host} is not an address of this machine.") from None
            raise StackError(
                f"Port {address.port} on {address.host} is taken by another program: stop it, "
                f"or choose another port, for example: PORT={address.port + 1} make run"
            ) from None


def answers(address: Address) -> bool:
    """Whether /healthz says 200."""
    try:
        with urllib.request.urlopen(f"{address.url}healthz", timeout=2) as response:  # noqa: S310 our own http URL
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

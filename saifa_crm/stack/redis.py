"""Embedded Redis: broker and cache on a unix socket, nothing written to disk (tasks are derived again)."""

import signal

import redis

from .folders import Place
from .process import end, working_in
from .programs import redis_server


class Redis:
    """The Redis server of one DATA_DIR."""

    name = "redis"
    title = "Redis"
    stop_steps = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
    death_signal = signal.SIGTERM

    def __init__(self, place: Place) -> None:
        self.place = place
        self.folder = place.home / "redis"
        self.socket = place.sockets / "redis.sock"

    @property
    def url(self) -> str:
        """The form of REDIS_URL."""
        return f"unix://{self.socket}?db=0"

    def prepare(self) -> None:
        """Its folder, and nobody else on the socket: a second server would steal it silently."""
        self.place.folder(self.folder.name)
        self.program = redis_server(self.place)
        end(working_in(self.folder), self.stop_steps)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """What to run."""
        return [
            str(self.program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--dir", str(self.folder),
        ]  # fmt: skip

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

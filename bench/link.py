"""A slow link on loopback: 100 ms round trip, 4 Mbit/s down, 1 Mbit/s up.

A small proxy that delays every piece by half the round trip and paces it by the rate. A new
connection costs one round trip before its first byte, as a handshake does. Counts bytes, so that
"on the wire" means what it says (HTTP heads included, TCP's own overhead not).
"""

import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType

PIECE = 1448  # bytes that a usual Ethernet frame carries


@dataclass(slots=True)
class Counted:
    """Bytes that passed since the last reset."""

    down: int = 0
    up: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Count from zero again."""
        with self.lock:
            self.down = self.up = 0


class SlowLink:
    """Proxy to a port on loopback; `port` is where to connect."""

    def __init__(
        self, target: int, *, round_trip: float = 0.1, down: float = 4e6, up: float = 1e6
    ) -> None:
        self.target, self.half = target, round_trip / 2
        self.rates = {"down": down / 8, "up": up / 8}
        self.counted = Counted()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        self.open = True

    def __enter__(self) -> "SlowLink":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.open = False
        self.door.close()

    def _accept(self) -> None:
        while self.open:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        time.sleep(self.half * 2)  # the handshake
        far = socket.create_connection(("127.0.0.1", self.target))
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, sink, way in ((near, far, "up"), (far, near, "down")):
            threading.Thread(target=self._pump, args=(source, sink, way), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        waiting: deque[tuple[float, bytes]] = deque()
        more = threading.Condition()
        threading.Thread(target=self._deliver, args=(sink, waiting, more), daemon=True).start()
        free = 0.0
        while True:
            try:
                piece = source.recv(PIECE)
            except OSError:
                piece = b""
            now = time.perf_counter()
            free = max(free, now) + len(piece) / self.rates[way]
            with self.counted.lock:
                setattr(self.counted, way, getattr(self.counted, way) + len(piece))
            with more:
                waiting.append((free + self.half, piece))
                more.notify()
            if not piece:
                return

    def _deliver(
        self,
        sink: socket.socket,
        waiting: deque[tuple[float, bytes]],
        more: threading.Condition,
    ) -> None:
        while True:
            with more:
                while not waiting:
                    more.wait()
                due, piece = waiting.popleft()
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                if not piece:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(piece)
            except OSError:
                return

"""A door on loopback that can be shut: behind it the phone has no signal."""

import contextlib
import socket
import threading


class Gate:
    """Forwards to the server while open; drops every connection while shut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.is_open = True
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        self.lines: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Lose the signal: connections under way break too."""
        self.is_open = False
        for line in list(self.lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        """The signal is back."""
        self.is_open = True

    def close(self) -> None:
        """End for good."""
        self.shut()
        self.door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            if not self.is_open:
                near.close()
                continue
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.target)) as far:
            self.lines |= {near, far}
            up = threading.Thread(target=self._pump, args=(near, far), daemon=True)
            up.start()
            self._pump(far, near)
            up.join()
            self.lines -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
        except OSError:
            pass  # shut from either side; both ends are told below
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

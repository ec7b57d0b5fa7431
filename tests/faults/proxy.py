"""The road between phones and office: a proxy that spoils requests and answers, by seed."""

import asyncio
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field

# What may befall a request, with its share of all. The rest passes.
FAULTS = {
    "lost": 0.05,  # the request never arrives
    "half": 0.03,  # half of its body arrives, then the line is cut
    "unheard": 0.07,  # it is served, and the answer is lost
    "cut": 0.04,  # it is served, and half of the answer arrives
    "twice": 0.05,  # it arrives twice, one after the other; the second answer is given
    "both": 0.03,  # it arrives twice at the same moment
    "late": 0.03,  # it arrives once more some seconds later: after others that were sent after it
    "slow": 0.15,  # it waits up to a second, so that others overtake it
    "spoilt": 0.03,  # a sign of a letter's words, or a byte of a photo, arrives as another
    "stalled": 0.01,  # nothing moves for some seconds, then the line is cut
}

NUMBER = re.compile("第 [0-9]".encode())


@dataclass
class Proxy:
    """Listens on `port` in a thread of its own; every request goes to the office at `target`."""

    target: int
    seed: int
    faults: dict[str, float] = field(default_factory=lambda: dict(FAULTS))
    quiet: bool = False
    port: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        """Begin to listen; returns once the port is known."""
        self.random = random.Random(self.seed)
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()

        async def listen() -> None:
            self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self.server.sockets[0].getsockname()[1]
            ready.set()

        async def finish() -> None:
            self.server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        def run() -> None:
            self.loop.run_until_complete(listen())
            self.loop.run_forever()
            self.loop.run_until_complete(finish())
            self.loop.close()

        self.thread = threading.Thread(target=run, name="proxy", daemon=True)
        self.thread.start()
        ready.wait(10)

    def stop(self) -> None:
        """Break off what is on the road, and let go of the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection carries one request: what befalls it is then ours to choose."""
        try:
            request = await asyncio.wait_for(_read(reader), 60)
            if request:
                await self._befall(request, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()

    def _choose(self) -> str:
        if self.quiet:
            return ""
        at = self.random.random()
        for fault, share in self.faults.items():
            at -= share
            if at < 0:
                self.counts[fault] += 1
                return fault
        return ""

    async def _befall(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        fault = self._choose()
        self.counts["requests"] += 1
        if fault == "lost":
            return
        if fault == "half":
            await self._pass(request[: len(request) - max(1, len(request) // 2)], wait=0.2)
            return
        if fault == "stalled":
            await asyncio.sleep(3)
            return
        if fault == "slow":
            await asyncio.sleep(self.random.random())
        if fault == "spoilt":
            request = self._spoilt(request)
        if fault == "both":
            answers = await asyncio.gather(self._pass(request), self._pass(request))
            answer = answers[self.random.randrange(2)]
        else:
            answer = await self._pass(request)
        if fault == "late":
            self.loop.create_task(self._again(request, 1 + 4 * self.random.random()))
        if fault == "twice":
            answer = await self._pass(request)
        if fault == "unheard":
            return
        writer.write(answer[: len(answer) // 2] if fault == "cut" else answer)
        await writer.drain()

    def _spoilt(self, request: bytes) -> bytes:
        """The request with one byte changed so that it can still be read: only a hash can tell."""
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"PUT") and body:
            at = len(head) + 4 + self.random.randrange(len(body))
            return request[:at] + bytes([request[at] ^ 0xFF]) + request[at + 1 :]
        found = list(NUMBER.finditer(request))
        if not found:
            return request
        at = self.random.choice(found).end() - 1
        return (
            request[:at] + (b"1" if request[at : at + 1] != b"1" else b"2") + request[at + 1 :]
        )

    async def _again(self, request: bytes, after: float) -> None:
        await asyncio.sleep(after)
        await self._pass(request)

    async def _pass(self, request: bytes, *, wait: float = 60) -> bytes:
        """The office's answer, whole; empty when it was not reached or the line broke."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            self.counts["unreachable"] += 1
            return b""
        try:
            writer.write(request)
            await writer.drain()
            return await asyncio.wait_for(reader.read(-1), wait)
        except (OSError, TimeoutError):
            return b""
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """One request, head and body, asked to be answered on a connection that then closes."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head[:-4].split(b"\r\n")
    kept, length = [], 0
    for line in lines:
        name = line.split(b":", 1)[0].lower()
        if name == b"content-length":
            length = int(line.split(b":", 1)[1])
        if name not in (b"connection", b"keep-alive"):
            kept.append(line)
    body = await reader.readexactly(length) if length else b""
    return b"\r\n".join([*kept, b"Connection: close", b"", b""]) + body

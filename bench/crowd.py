"""Phones that come back with letters, in one process: they push, wait and come again by the rules
of `web/phone/src/sync/pace.ts`, and count what happened to them."""

import asyncio
import gzip
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.letters import letter

BATCH = 20
FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED, PATIENCE = 2.0, 30.0, 900.0, 45.0  # seconds


@dataclass
class Seen:
    """What the phones saw."""

    pushed: list[float] = field(default_factory=list)  # ms of a push that was stored
    refused: list[float] = field(default_factory=list)  # ms of one that was not
    by_status: Counter[str] = field(default_factory=Counter)
    asked: list[float] = field(default_factory=list)  # Retry-After, seconds
    letters: int = 0
    phones_left: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For another process."""
        return vars(self) | {"by_status": dict(self.by_status)}


class Phone:
    """One phone with its letters in batches, made and packed before it comes."""

    def __init__(self, told: dict[str, Any], letters: int, seed: str) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a workload
        self.tries = 0
        self.credential = told["credential"]
        self.sent: dict[str, str] = {}
        self.batches: list[tuple[bytes, dict[str, str]]] = []
        for first in range(0, letters, BATCH):
            batch = [
                letter(n + 1, told["grid"], self.chance.choice(told["households"]), self.chance)
                for n in range(first, min(letters, first + BATCH))
            ]
            hashes = {str(one["id"]): str(one["sha256"]) for one in batch}
            body = gzip.compress(json.dumps({"letters": batch}, ensure_ascii=False).encode())
            self.batches.append((body, hashes))
            self.sent |= hashes

    async def return_to(self, port: int, after: float, seen: Seen) -> None:
        """Come after so many seconds and send until nothing is left."""
        await asyncio.sleep(after)
        while self.batches:
            body, hashes = self.batches[0]
            start = time.perf_counter()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, asked, answer = await _push(port, self.credential, body)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                status, asked, answer = type(error).__name__, 0.0, b""
            took = (time.perf_counter() - start) * 1000
            seen.by_status[status] += 1
            if status == "200" and _all_stored(answer, hashes):
                seen.pushed.append(took)
                seen.letters += len(hashes)
                self.batches.pop(0)
                self.tries = 0
                continue
            seen.refused.append(took)
            if asked:
                seen.asked.append(asked)
            await asyncio.sleep(max(self._step(), min(asked, LONGEST_ASKED)))

    def _step(self) -> float:
        full: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self.tries, 10))
        self.tries += 1
        return max(FIRST_WAIT, full * (1 - self.chance.random() / 2))


async def _push(port: int, credential: str, body: bytes) -> tuple[str, float, bytes]:
    """Status, Retry-After in seconds and body; each push on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (
            f"POST /api/phone/letters HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {credential}\r\nContent-Type: application/json\r\n"
            f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer, _, rest = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    if not answer:
        raise ConnectionResetError
    first, *lines = answer.decode().split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    return first.split()[1], float(headers.get("retry-after", 0)), rest


def _all_stored(answer: bytes, hashes: dict[str, str]) -> bool:
    results = json.loads(answer)["results"]
    return {r["id"]: r["sha256"] for r in results if r["outcome"] == "stored"} == hashes


async def drain(phones: list[Phone], port: int, spread: float, most: float, seed: int) -> Seen:
    """All phones come within `spread` seconds; ends when all are drained, or after `most`."""
    seen, chance = Seen(), random.Random(seed)  # noqa: S311 - a workload
    start = time.perf_counter()
    coming = [
        asyncio.create_task(phone.return_to(port, chance.uniform(0, spread), seen))
        for phone in phones
    ]
    done, late = await asyncio.wait(coming, timeout=most)
    seen.seconds = time.perf_counter() - start
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        task.result()
    seen.phones_left = len(late)
    return seen

"""A phone that keeps to the protocol's client rules, over HTTP: outbox, journal, epoch.

The Python twin of web/phone/src/outbox and sync: the same rules, without screens.
"""

import threading
from typing import Any

from tests.api.served import Served
from tests.letters.helpers import REPORT, incoming, text_of, wire

Letter = dict[str, Any]


class Phone:
    """Letters that wait, and copies of those that were answered for."""

    def __init__(self, served: Served, credential: str) -> None:
        self.served, self.credential = served, credential
        self.waiting: dict[str, Letter] = {}
        self.journal: dict[str, tuple[Letter, str, int | None]] = {}
        self.epoch = ""
        self.lock = threading.Lock()

    def write(self, number: int) -> str:
        """A letter in the outbox; its id."""
        text = text_of(**(REPORT | {"words": f"桥头的垃圾堆了 {number} 天"}))
        letter = wire(incoming(text))
        with self.lock:
            self.waiting[letter["id"]] = letter
        return str(letter["id"])

    def round(self) -> bool:
        """Send what waits, then ask what is new; False when the office was not reached."""
        while batch := list(self.waiting.values())[:20]:
            try:
                answer = self.served.call(
                    "POST", "/api/phone/letters", {"letters": batch}, self.credential
                )
            except OSError:
                return False
            if answer.status != 200:
                return False
            self._take(answer.json)
        try:
            me = self.served.call("GET", "/api/phone/me", credential=self.credential)
        except OSError:
            return False
        if me.status != 200:
            return False
        self._turn(me.json["epoch"])
        self._prune(me.json)
        return not self.waiting

    def _take(self, answer: dict[str, Any]) -> None:
        for result in answer["results"]:
            letter = self.waiting.get(result["id"])
            final = result["outcome"] in {"stored", "held", "quarantined"}
            if letter and result["sha256"] == letter["sha256"] and final:
                self.journal[letter["id"]] = (letter, answer["epoch"], answer.get("mark"))
                del self.waiting[letter["id"]]
        self._turn(answer["epoch"])

    def _turn(self, epoch: str) -> None:
        for letter, told, _ in self.journal.values():
            if told != epoch:
                self.waiting.setdefault(letter["id"], letter)
        self.epoch = epoch

    def _prune(self, me: dict[str, Any]) -> None:
        for name, (_, epoch, mark) in list(self.journal.items()):
            if epoch == me["epoch"] and mark is not None and mark < me["covered"]:
                del self.journal[name]

"""Simulated people: what they see, what they prefer, and how they behave."""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import cv2
import numpy as np
from http_client import Connection
from numpy.typing import NDArray

from bappsmith.annotation.study.source import QuestionSource

Kind = Literal["careful", "careless", "malicious"]
Image = NDArray[np.uint8]


class Preferences:
    """The truth of a simulated study: for every item, the probability that a person prefers p1.

    If it is not given, log-odds are normal with standard deviation 1.8: the best predictor of single votes is then
    right in 78 % of them, between the traditional and the other subsets of BAPPS (Zhang et al. 2018, people: 80.8 and
    67 to 84 %).

    Args:
        source: the items; those of the task 2afc are used.
        seed: of the probabilities.
        given: subset → probabilities of its items, such as those of a judge.
    """

    def __init__(
        self, source: QuestionSource, seed: int = 0, given: Mapping[str, NDArray[np.float64]] | None = None
    ) -> None:
        self.probability: dict[tuple[str, int], float] = {}
        self._seen: dict[bytes, tuple[str, int, bool]] = {}
        for subset, task in source.tasks().items():
            if task != "2afc":
                continue
            count = source.count(subset)
            log_odds = np.random.Generator(np.random.Philox(key=[seed, len(self.probability)])).normal(0, 1.8, count)
            probabilities = 1 / (1 + np.exp(-log_odds)) if given is None else given[subset]
            for index, p1 in enumerate(probabilities.tolist()):
                self.probability[subset, index] = p1
                pictures = source.pictures(subset, index)
                ref, p0, p1_image = (pictures[name] for name in ("ref", "p0", "p1"))
                self._seen[_digest(ref, p0, p1_image)] = (subset, index, False)
                self._seen[_digest(ref, p1_image, p0)] = (subset, index, True)

    def left(self, ref: Image, left: Image, right: Image) -> float:
        """Return the probability that a careful person says "left".

        A question that is no item, a sentinel or training, is answered by what is obvious: the closer picture.
        """
        item = self._seen.get(_digest(ref, left, right))
        if item is None:
            return 0.995 if _distance(ref, left) < _distance(ref, right) else 0.005
        subset, index, p1_left = item
        p1 = self.probability[subset, index]
        return p1 if p1_left else 1 - p1


@dataclass
class Person:
    """One simulated person in a browser.

    Attributes:
        number: of the personal link.
        kind: careful people follow the truth; careless ones press any key, quickly; malicious ones also forge.
        acknowledged: id → choice of every answer that the server said it stored.
        refused: reason → number of answers that it did not take.
        wrongly_taken: forged requests that were not refused.
    """

    number: int
    kind: Kind
    link: str
    connection: Connection
    preferences: Preferences
    pace: float = 0
    seed: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    wrongly_taken: list[str] = field(default_factory=list)
    code: str | None = None

    async def judge(self, until: asyncio.Event | None = None) -> None:
        """Go through one session, or until the event is set."""
        self._random = random.Random(f"{self.seed}/{self.number}")
        await self.connection.get(self.link)
        opened = (await self.connection.post("/api/open", {})).json()
        if "tab" not in opened:
            self.refused[opened.get("error", "open")] = 1
            return
        self._tab = opened["tab"]
        stages = ["consent", "instructions", "training", "questions"]
        for stage in stages[stages.index(opened["stage"]) if opened["stage"] in stages else len(stages) :]:
            await self.connection.post("/api/stage", {"tab": self._tab, "stage": stage})
            if stage in ("training", "questions"):
                await self._questions(until)
        if until is None or not until.is_set():
            reply = (await self.connection.post("/api/finish", {"tab": self._tab})).json()
            self.code = reply.get("code")

    async def _questions(self, until: asyncio.Event | None) -> None:
        while until is None or not until.is_set():
            reply = (await self.connection.post("/api/next", {"tab": self._tab, "count": 6})).json()
            waiting = [row for row in reply.get("showings", []) if row["id"] not in self.acknowledged]
            if not waiting:
                return
            for row in waiting:
                if until is not None and until.is_set():
                    return
                await self._question(row)

    async def _question(self, row: dict[str, Any]) -> None:
        if self.pace:
            await asyncio.sleep(self._random.expovariate(1 / self.pace))
        pictures = {name: _decode((await self.connection.get(path)).body) for name, path in row["pictures"].items()}
        likely = self.preferences.left(pictures["ref"], pictures["left"], pictures["right"])
        share = likely if self.kind == "careful" else 0.5
        choice = "left" if self._random.random() < share else "right"
        response = 1000 * self._random.lognormvariate(0.4 if self.kind == "careful" else -0.5, 0.4)
        timing = {"shown_ms": response, "asked_ms": 0, "frame_ms": 16.7, "frames": int(response / 16.7), "early": False}
        answer = {"id": row["id"], "choice": choice, "response_ms": response, "timing": timing}
        if self.kind == "malicious":
            await self._attack(answer)
            if self._random.random() < 0.1:
                answer |= {"response_ms": -5.0, "timing": {**timing, "early": True}}
        await self._send([answer])
        if self.kind == "malicious" and self._random.random() < 0.3:
            await self._send([{**answer, "choice": "right" if choice == "left" else "left"}], again=True)

    async def _send(self, answers: list[dict[str, Any]], *, again: bool = False) -> None:
        reply = await self.connection.post("/api/answers", {"answers": answers})
        for answer, receipt in zip(answers, reply.json().get("receipts", []), strict=False):
            if receipt["status"] in ("stored", "again") and not again:
                self.acknowledged[receipt["id"]] = answer["choice"]
            elif receipt["status"] == "refused":
                reason = receipt.get("reason", "")
                self.refused[reason] = self.refused.get(reason, 0) + 1
                if not again:
                    self.acknowledged.setdefault(receipt["id"], "")  # asked and refused: do not ask the person again
            elif receipt["status"] == "stored":
                self.wrongly_taken.append("the same question again, with another choice")

    async def _attack(self, answer: dict[str, Any]) -> None:
        forged = secrets.token_urlsafe(16)
        attacks: list[tuple[str, Any]] = [
            ("an id that was never given", {"answers": [{**answer, "id": forged}]}),
            ("a choice that does not exist", {"answers": [{**answer, "choice": "p1"}]}),
            ("a time that is no time", {"answers": [{**answer, "response_ms": 1e300}]}),
            ("too many answers", {"answers": [answer] * 51}),
        ]
        what, body = self._random.choice(attacks)
        reply = await self.connection.post("/api/answers", body)
        if reply.status == 200 and any(receipt["status"] != "refused" for receipt in reply.json()["receipts"]):
            self.wrongly_taken.append(what)


def _digest(*pictures: Image) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for picture in pictures:
        digest.update(np.ascontiguousarray(picture).tobytes())
    return digest.digest()


def _distance(a: Image, b: Image) -> float:
    return float(((a.astype(np.float64) - b) ** 2).mean())


def _decode(png: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("the server sent no picture")
    return np.ascontiguousarray(image[..., ::-1])

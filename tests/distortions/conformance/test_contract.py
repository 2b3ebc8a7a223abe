"""Every registered operator keeps the contract, and every clause of it can fail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bappsmith.distortions import Distortion, Draws, Image, Levels, Severity, SubSeed, View, operator, operators
from bappsmith.distortions.conformance import contract
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.schema.call import OperatorCall, Params

from .slow_operators import SLOW_CONTRACT, each_operator

PATCHES = natural_patches(32, seed=1)


@pytest.mark.parametrize("name", each_operator(slow=SLOW_CONTRACT))
def test_every_operator_keeps_the_contract(name: str) -> None:
    op = operators()[name]
    if reason := op.unavailable():
        pytest.skip(reason)
    assert broken_clauses(op, PATCHES) == []


def test_an_operator_that_runs_networks_keeps_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    # At fewer severities and sizes: a network takes twenty times as long as a filter. The slow test has them all.
    monkeypatch.setattr(contract, "LEVELS", (0.1, 0.5, 1.0))
    monkeypatch.setattr(contract, "SHAPES", ((8, 8), (9, 31), (63, 62)))
    assert broken_clauses(operator("untrained_network"), PATCHES[:12]) == []


@pytest.mark.slow
def test_an_operator_that_runs_networks_keeps_the_contract_at_every_severity_and_size() -> None:
    assert broken_clauses(operator("untrained_network"), PATCHES) == []


class Sound(Distortion):
    """Darkens; what the broken ones below are made from."""

    source = "tests"
    amount = Severity(mild=1.0, severe=100.0, unit="levels")

    def apply(self, image: Image, *, amount: float) -> Image:
        return np.clip(image - amount, 0, 255).astype(np.uint8)


class Undocumented(Sound):
    __doc__ = None


class Sourceless(Sound):
    """No source."""

    source = " "


class Severeless(Distortion):
    """Nothing moves with severity."""

    source = "tests"
    noise_seed = SubSeed()

    def apply(self, image: Image, *, noise_seed: int) -> Image:
        return image ^ np.uint8(noise_seed % 2 + 1)


class OtherKeyword(Sound):
    """Declares amount, takes strength."""

    def apply(self, image: Image, *, strength: float) -> Image:
        return image.copy()


class OutOfRange(Sound):
    """Draws what its declaration does not allow."""

    def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
        return {"amount": 101.0}


class Undeclared(Sound):
    """Draws more than it declares."""

    def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
        return {**super().sample(severity, draws), "other": 1}


class Unwritable(Sound):
    """Draws what JSON cannot hold."""

    def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
        return {"amount": np.float32(5.0)}  # pyright: ignore[reportReturnType]


class Restless(Sound):
    """Draws from a generator of its own."""

    rng = np.random.default_rng(0)

    def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
        return {"amount": float(self.rng.uniform(1, 100))}


class HalfWay(Sound):
    """Stops half-way between its ends."""

    def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
        return super().sample(severity / 2, draws, side)


class FewLevels(Distortion):
    """Leaves out the published level that is most severe."""

    source = "tests"
    amount = Levels((10, 20, 30), unit="levels")

    def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
        return super().sample(severity * 0.6, draws, side)

    def apply(self, image: Image, *, amount: int) -> Image:
        return np.clip(image.astype(int) - amount, 0, 255).astype(np.uint8)


class WithView(Sound):
    """Takes a view; the margin is what the tests give."""

    given: object = 1

    def margin(self, side: int, params: Params) -> int:
        return self.given  # pyright: ignore[reportReturnType]

    def apply(self, view: View, *, amount: float) -> Image:
        return super().apply(view.centre, amount=amount)


class Fractional(WithView):
    """Asks for half a pixel."""

    given = 1.5


class Negative(WithView):
    """Asks for less than nothing."""

    given = -1


class Greedy(WithView):
    """Asks for more than a photograph has."""

    given = 1025


class LeavesMargin(WithView):
    """Returns the margin too."""

    def apply(self, view: View, *, amount: float) -> Image:
        return Sound.apply(self, view.image, amount=amount)


class Eager(Sound):
    """Applied at severity 0 as well."""

    def call(self, severity: float, draws: Draws, side: int = 64) -> OperatorCall:
        return OperatorCall(self.name, severity, self.sample(severity, draws))


class Floating(Sound):
    """Returns floats."""

    def apply(self, image: Image, *, amount: float) -> Image:
        return image - amount


class Cropping(Sound):
    """Returns less than it got."""

    def apply(self, image: Image, *, amount: float) -> Image:
        return super().apply(image, amount=amount)[1:]


class SquaresOnly(Sound):
    """Transposes on the way."""

    def apply(self, image: Image, *, amount: float) -> Image:
        if image.shape[0] != image.shape[1]:
            raise ValueError("squares only")
        return super().apply(image, amount=amount)


class InPlace(Sound):
    """Writes into its input."""

    def apply(self, image: Image, *, amount: float) -> Image:
        image[...] = super().apply(image, amount=amount)
        return image.copy()


class Same(Sound):
    """Returns its input where there is little to do."""

    def apply(self, image: Image, *, amount: float) -> Image:
        return super().apply(image, amount=amount) if amount > 50 else image


class ByMemory(Sound):
    """Depends on how the array lies in memory."""

    def apply(self, image: Image, *, amount: float) -> Image:
        return super().apply(image, amount=amount if image.flags.c_contiguous else 0)


class Random(Sound):
    """Draws while it applies."""

    rng = np.random.default_rng(0)

    def apply(self, image: Image, *, amount: float) -> Image:
        return super().apply(image, amount=amount * self.rng.uniform())


class OtherBatch(Sound):
    """Gives other pixels in batches."""

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        return [image.copy() for image in images]


class DeafSeed(Sound):
    """Declares a seed and does not use it."""

    noise_seed = SubSeed()

    def apply(self, image: Image, *, amount: float, noise_seed: int) -> Image:
        return super().apply(image, amount=amount)


class Reversed(Sound):
    """Milder at its severe end."""

    amount = Severity(mild=100.0, severe=1.0, unit="levels")


class Idle(Sound):
    """Does nothing."""

    saturates = True

    def apply(self, image: Image, *, amount: float) -> Image:
        return image.copy()


class Unpicklable(Sound):
    """Holds something that stays in its process."""

    def __init__(self) -> None:
        self.hold = lambda: None


@pytest.mark.parametrize(
    ("broken", "clause", "words"),
    [
        (Undocumented, "is_declared", "no docstring"),
        (Sourceless, "is_declared", "source is empty"),
        (Severeless, "is_declared", "no parameter depends on severity"),
        (OtherKeyword, "is_declared", "takes the keywords strength"),
        (OutOfRange, "draws_valid_parameters", "declared is 1 … 100 levels"),
        (Undeclared, "draws_valid_parameters", "are amount, other; declared are amount"),
        (Unwritable, "draws_valid_parameters", "not JSON serializable"),
        (Restless, "draws_valid_parameters", "twice from the same stream"),
        (HalfWay, "reaches_its_ends", "amount runs from 1 to 50.5; declared is 1 … 100 levels"),
        (FewLevels, "reaches_its_ends", "amount runs from 10 to 20; declared is levels 10, 20, 30 levels"),
        (Fractional, "has_a_valid_margin", "margin is 1.5 for a patch of 8 px"),
        (Negative, "has_a_valid_margin", "return a whole number of px in [0, 64]"),
        (Greedy, "has_a_valid_margin", "margin is 1025 for a patch of 8 px"),
        (LeavesMargin, "keeps_the_form", "the result has shape (66, 66, 3)"),
        (Eager, "is_not_applied_at_zero", "severity 0"),
        (Floating, "keeps_the_form", "found float64"),
        (Cropping, "keeps_the_form", "the result has shape"),
        (SquaresOnly, "takes_any_size", "squares only"),
        (InPlace, "leaves_its_input_alone", "changes its input"),
        (Same, "leaves_its_input_alone", "view of it"),
        (InPlace, "takes_any_layout", "read-only"),
        (ByMemory, "takes_any_layout", "a mirrored view gives other pixels"),
        (Random, "repeats_itself", "second time"),
        (OtherBatch, "repeats_itself", "apply_batch"),
        (DeafSeed, "repeats_itself", "noise_seed gives the same pixels"),
        (Reversed, "more_is_not_milder", "more severity is milder"),
        (Idle, "more_is_not_milder", "unchanged"),
        (Unpicklable, "pickles", "pickle"),
    ],
)
def test_every_clause_can_fail(
    monkeypatch: pytest.MonkeyPatch, broken: type[Distortion], clause: str, words: str
) -> None:
    lines = broken_clauses(broken(), PATCHES)
    assert any(words in line for line in lines)
    assert not any("\n" in line for line in lines)
    # The clause that was meant is the one that speaks.
    monkeypatch.setattr(contract, "CLAUSES", [c for c in contract.CLAUSES if c.__name__ == clause])
    assert any(words in line for line in broken_clauses(broken(), PATCHES))


def test_a_sound_operator_passes() -> None:
    assert broken_clauses(Sound(), PATCHES) == []


def test_one_failing_clause_does_not_hide_the_others() -> None:
    class Doomed(Undocumented):
        __doc__ = None

        def apply(self, image: Image, *, amount: float) -> Image:
            raise RuntimeError("no")

    lines = broken_clauses(Doomed(), PATCHES)
    assert any("docstring" in line for line in lines)
    assert any("RuntimeError: no" in line for line in lines)

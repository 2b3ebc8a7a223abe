"""Chains: order, identity, batches, and operators that break their form."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Distortion, Draws, Image, Severity, apply_chain, apply_chains, operator, operators
from bappsmith.distortions import registry as registry_module
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.view import View
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

PATCHES = natural_patches(6)


def chain(*names: str, severity: float = 0.6, key: int = 0) -> Chain:
    draws = Draws(key)
    return Chain(tuple(operator(name).call(severity, draws) for name in names))


def test_a_chain_is_one_operator_after_the_other() -> None:
    drawn = chain("gaussian_blur", "gaussian_white_noise")
    blur, noise = drawn.calls
    expected = operator("gaussian_white_noise")(operator("gaussian_blur")(PATCHES[0], blur.params), noise.params)
    assert np.array_equal(apply_chain(PATCHES[0], drawn), expected)


def test_an_operator_works_on_all_pixels_that_the_next_one_needs() -> None:
    around = natural_patches(1, 150)[0]
    lighter = OperatorCall("lightness_shift", 0.5, {"amount": 30.0, "direction": "lighter"})
    right = OperatorCall("shift", 0.5, {"distance": 10 / 64, "angle": 0.0})
    down = OperatorCall("shift", 0.5, {"distance": 20 / 64, "angle": 90.0})
    view = View(around, 43, (64, 64))
    expected = np.minimum(around[43 - 20 : 107 - 20, 43 - 10 : 107 - 10].astype(int) + 30, 255)
    assert np.array_equal(apply_chain(view, Chain((lighter, right, down))), expected)
    assert np.array_equal(view.image, natural_patches(1, 150)[0])


def test_surroundings_that_are_missing_are_mirrored() -> None:
    right = Chain((OperatorCall("shift", 0.5, {"distance": 10 / 64, "angle": 0.0}),))
    expected = np.pad(PATCHES[0], ((0, 0), (10, 0), (0, 0)), mode="reflect")[:, :64]
    assert np.array_equal(apply_chain(PATCHES[0], right), expected)


@pytest.mark.parametrize("margin", [-1, 1.5, 10**6])
def test_an_impossible_margin_is_named(monkeypatch: pytest.MonkeyPatch, margin: float) -> None:
    monkeypatch.setattr(type(operator("shift")), "margin", lambda *_: margin)
    with pytest.raises(BappsmithError, match=r"'shift': margin must be a whole number of px in \[0, 256\], found"):
        apply_chain(PATCHES[0], chain("shift"))


def test_a_margin_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(operator("shift")), "margin", lambda *_: 1 / 0)
    with pytest.raises(BappsmithError, match=r"operator 'shift' failed at test_compose\.py:\d+: ZeroDivisionError"):
        apply_chain(PATCHES[0], chain("shift"))


def test_an_operator_that_fails_because_a_codec_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(operator("shift")), "apply", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(type(operator("shift")), "unavailable", lambda _: "needs X, which is not installed")
    with pytest.raises(BappsmithError, match=r"^operator 'shift' needs X, which is not installed$"):
        apply_chain(PATCHES[0], chain("shift"))


def test_order_matters() -> None:
    drawn = chain("gaussian_blur", "gaussian_white_noise")
    turned = Chain(tuple(reversed(drawn.calls)))
    assert not np.array_equal(apply_chain(PATCHES[0], drawn), apply_chain(PATCHES[0], turned))


def test_batched_equals_one_by_one() -> None:
    names = [name for name, op in operators().items() if op.unavailable() is None]
    chains = [chain(*names[i : i + 2], key=i) for i in range(len(names) - 1)] + [Chain(), chain("jpeg")]
    images = [PATCHES[i % len(PATCHES)] for i in range(len(chains))]
    single = [apply_chain(image, one) for image, one in zip(images, chains, strict=True)]
    batched = apply_chains(images, chains)
    assert all(np.array_equal(a, b) for a, b in zip(single, batched, strict=True))


@pytest.mark.parametrize("nothing", [Chain(), chain("shift", "jpeg", severity=0.0)])
def test_severity_zero_is_the_identity(nothing: Chain) -> None:
    assert np.array_equal(apply_chain(PATCHES[0], nothing), PATCHES[0])


def test_a_chain_survives_json() -> None:
    drawn = chain("gaussian_colored_noise", "context_translate")
    assert Chain.from_json(drawn.to_json()) == drawn


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 4), np.uint8)]
)
def test_other_images_are_refused(image: Image) -> None:
    with pytest.raises(BappsmithError, match="expected uint8 H×W×3"):
        apply_chain(image, chain("jpeg"))


@pytest.fixture
def shrinking(monkeypatch: pytest.MonkeyPatch) -> str:
    """An operator that breaks its contract, known for the length of one test."""

    class Shrinking(Distortion):
        """Returns less than it got."""

        amount = Severity(1.0, 2.0, "px")

        def apply(self, image: Image, *, amount: float) -> Image:
            return image[1:]

    operators()
    monkeypatch.setitem(registry_module._operators, "shrinking", Shrinking())
    return "shrinking"


def test_an_operator_that_changes_the_shape_is_named(shrinking: str) -> None:
    call = OperatorCall(shrinking, 1.0, {"amount": 2.0})
    with pytest.raises(BappsmithError, match=r"'shrinking' must return the shape \(64, 64, 3\), found"):
        apply_chain(PATCHES[0], Chain((call,)))


def test_an_operator_that_loses_images_is_named(shrinking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(operator(shrinking)), "apply_batch", lambda *_: [])
    call = OperatorCall(shrinking, 1.0, {"amount": 2.0})
    with pytest.raises(BappsmithError, match="'shrinking' returned 0 images for 1"):
        apply_chain(PATCHES[0], Chain((call,)))

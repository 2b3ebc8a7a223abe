"""Operators around transforms of albumentations, torchvision and kornia: keyed draws, and what is refused."""

# ruff: noqa: NPY002
# What the legacy generator of numpy does here is the subject.

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

# Albumentations asks for newer versions over the network when it is imported.
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
A = pytest.importorskip("albumentations")
K = pytest.importorskip("kornia.augmentation")
import torch  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

from bappsmith.distortions import Distortion, Draws, Severity, SubSeed, View, apply_chain, operators, register  # noqa: E402
from bappsmith.distortions.adapters import (  # noqa: E402
    AlbumentationsTransform,
    KorniaTransform,
    TorchvisionTransform,
)
from bappsmith.distortions.conformance.contract import broken_clauses  # noqa: E402
from bappsmith.distortions.patches import natural_patches  # noqa: E402
from bappsmith.manifests.errors import BappsmithError  # noqa: E402
from bappsmith.manifests.schema.call import Chain, OperatorCall  # noqa: E402

PATCHES = natural_patches(12)


def motion_blur() -> Distortion:
    return AlbumentationsTransform(
        "motion",
        lambda reach: A.MotionBlur(blur_limit=(2 * reach + 1, 2 * reach + 1), p=1),
        {"reach": Severity(1, 8, "px", whole=True), "seed": SubSeed()},
        margin=lambda reach: reach,
    )


def elastic() -> Distortion:
    return TorchvisionTransform(
        "torchvision_elastic",
        lambda alpha: v2.ElasticTransform(alpha=alpha, sigma=4.0),
        {"alpha": Severity(5.0, 60.0, "px"), "seed": SubSeed()},
        margin=lambda alpha: 20,  # its own filter needs 16, or fails
    )


def kornia_noise() -> Distortion:
    return KorniaTransform(
        "kornia_noise",
        lambda std: K.RandomGaussianNoise(std=std, p=1.0),
        {"std": Severity(0.01, 0.2, "of white"), "seed": SubSeed()},
    )


def posterise() -> Distortion:
    """A transform that draws nothing needs no seed."""
    bits = Severity(7, 2, "bits", whole=True)
    return AlbumentationsTransform("posterise", lambda bits: A.Posterize(num_bits=(bits, bits), p=1), {"bits": bits})


MAKERS = [motion_blur, elastic, kornia_noise, posterise]


def states() -> tuple[object, ...]:
    numpy = np.random.get_state()
    return random.getstate(), numpy[1].tobytes(), numpy[2:], torch.get_rng_state().tolist(), torch.get_num_threads()


@pytest.mark.parametrize("maker", MAKERS)
def test_a_transform_keeps_the_contract_of_operators(maker: Callable[[], Distortion]) -> None:
    op = register(maker())
    assert broken_clauses(op, PATCHES) == []
    assert (op.family, op.portable) == ("custom", False)


@pytest.mark.parametrize("maker", MAKERS)
def test_pixels_depend_on_the_seed_and_on_nothing_global(maker: Callable[[], Distortion]) -> None:
    op, other = maker(), maker()
    params = op.sample(0.7, Draws(1))
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    before = states()
    first = op(PATCHES[0], params)
    assert states() == before
    random.seed(2), np.random.seed(2), torch.manual_seed(2)
    op(PATCHES[1], op.sample(0.2, Draws(8)))
    before = states()
    assert np.array_equal(other(PATCHES[0], params), first)
    assert states() == before


def test_threads_do_not_mix_their_draws() -> None:
    op = elastic()
    params = [op.sample(0.7, Draws(key)) for key in range(8)]
    expected = [op(PATCHES[0], values) for values in params]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda values: op(PATCHES[0], values), params))
    assert all(np.array_equal(a, b) for a, b in zip(results, expected, strict=True))


def test_an_albumentations_transform_gives_the_pixels_of_the_library() -> None:
    transform = A.Compose([A.GaussNoise(std_range=(0.2, 0.2), p=1)])
    transform.set_random_seed(77)
    expected = transform(image=PATCHES[0])["image"]
    op = AlbumentationsTransform(
        "noise",
        lambda std: A.Compose([A.GaussNoise(std_range=(std, std), p=1)]),
        {"std": Severity(0.05, 0.3, "of white"), "seed": SubSeed()},
    )
    assert np.array_equal(op(PATCHES[0], {"std": 0.2, "seed": 77}), expected)


def test_torch_transforms_give_the_pixels_of_the_libraries() -> None:
    planes = torch.from_numpy(PATCHES[0]).permute(2, 0, 1)
    torch.manual_seed(77)
    expected = v2.ElasticTransform(alpha=30.0, sigma=4.0)(planes).permute(1, 2, 0).numpy()
    whole = View(PATCHES[0], 0, (64, 64))
    assert np.array_equal(elastic().apply(whole, alpha=30.0, seed=77), expected)
    torch.manual_seed(77)
    noisy = K.RandomGaussianNoise(std=0.1, p=1.0)(planes[None].contiguous().float() / 255)
    levels = (noisy[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(kornia_noise()(PATCHES[0], {"std": 0.1, "seed": 77}), levels)


def test_a_margin_gives_the_transform_real_surroundings() -> None:
    op = register(motion_blur())
    around = natural_patches(1, 80)[0]
    call = OperatorCall("motion", 1.0, {"reach": 8, "seed": 5})
    transform = A.MotionBlur(blur_limit=(17, 17), p=1)
    transform.set_random_seed(5)
    expected = transform(image=around)["image"][8:72, 8:72]
    assert np.array_equal(apply_chain(View(around, 8, (64, 64)), Chain((call,))), expected)
    assert op.margin(64, call.params) == 8


class _Own(A.ImageOnlyTransform):
    """A person's own transform, with whatever generator it likes."""

    def __init__(self, draw: Callable[[], float]) -> None:
        super().__init__(p=1)
        self.draw = draw

    def apply(self, img: np.ndarray, **_: object) -> np.ndarray:
        return np.clip(img / 2 + 120 * self.draw(), 0, 255).astype(np.uint8)


SEEDED = {"amount": Severity(1, 2, "levels"), "seed": SubSeed()}


@pytest.mark.parametrize(
    "draw",
    [random.random, np.random.rand, lambda: np.random.default_rng().random(), lambda: torch.rand(1).item()],
    ids=["random", "numpy", "fresh", "torch"],
)
def test_randomness_that_the_seed_does_not_reach_is_refused(draw: Callable[[], float]) -> None:
    op = AlbumentationsTransform("own", lambda amount: _Own(draw), SEEDED)
    before = states()
    with pytest.raises(BappsmithError, match=r"operator 'own': two applications with the same seed differ.*generator"):
        op(PATCHES[0], {"amount": 1, "seed": 3})
    assert states() == before


def test_global_randomness_that_shows_later_is_refused_too() -> None:
    op = AlbumentationsTransform("own", lambda amount: _Own(random.random if amount > 1 else lambda: 0.1), SEEDED)
    op(PATCHES[0], {"amount": 1, "seed": 3})
    before = states()
    with pytest.raises(BappsmithError, match="two applications with the same seed differ"):
        op(PATCHES[0], {"amount": 2, "seed": 3})
    assert states() == before


def test_randomness_of_python_in_a_torch_transform_is_refused() -> None:
    op = TorchvisionTransform("own", lambda amount: lambda planes: planes // (1 + random.randrange(200)), SEEDED)
    with pytest.raises(BappsmithError, match=r"same seed differ.*draw from the generators of torchvision"):
        op(PATCHES[0], {"amount": 1, "seed": 3})


def test_a_transform_that_draws_without_a_sub_seed_is_refused() -> None:
    op = AlbumentationsTransform(
        "noise", lambda std: A.GaussNoise(std_range=(std, std), p=1), {"std": Severity(0.1, 0.3, "of white")}
    )
    with pytest.raises(BappsmithError, match=r"'noise': the transform draws random numbers; declare a SubSeed"):
        op(PATCHES[0], {"std": 0.2})


@pytest.mark.parametrize(
    ("adapter", "transform", "came"),
    [
        (AlbumentationsTransform, lambda: A.Resize(32, 32), r"Resize must keep size.*found uint8 \(32, 32, 3\)"),
        (AlbumentationsTransform, lambda: A.ToFloat(), r"ToFloat must keep.*found float32 \(64, 64, 3\)"),
        (AlbumentationsTransform, lambda: v2.GaussianBlur(3), "expected a transform of albumentations, found Gauss"),
        (AlbumentationsTransform, lambda: A.MotionBlur, "expected an instance, found the class MotionBlur"),
        (TorchvisionTransform, lambda: v2.Resize(32), r"Resize must keep.*found uint8 \(32, 32, 3\)"),
        (TorchvisionTransform, lambda: v2.Grayscale(1), r"Grayscale must keep.*found uint8 \(64, 64, 1\)"),
        (TorchvisionTransform, lambda: v2.ToDtype(torch.float32, scale=True), r"ToDtype must keep.*found float32"),
        (TorchvisionTransform, lambda: v2.GaussianBlur, "expected an instance, found the class GaussianBlur"),
        (KorniaTransform, lambda: K.Resize((32, 32)), r"Resize must keep size.*found uint8 \(32, 32, 3\)"),
        (KorniaTransform, lambda: lambda planes: planes.double(), r"found float64 \(1, 3, 64, 64\)"),
        (KorniaTransform, lambda: lambda planes: planes / 0, "must return finite float32"),
        (KorniaTransform, lambda: lambda planes: "none", r"must return a tensor, found str"),
        (TorchvisionTransform, lambda: lambda planes: None, r"must return a tensor, found NoneType"),
    ],
)
def test_another_size_dtype_or_library_is_refused(adapter, transform: Callable[[], object], came: str) -> None:
    op = adapter("own", lambda amount: transform(), {"amount": Severity(1, 2, "levels")})
    with pytest.raises(BappsmithError, match=rf"^operator 'own': .*{came}") as error:
        op(PATCHES[0], {"amount": 1})
    assert "\n" not in str(error.value)


def test_two_seeds_are_refused() -> None:
    with pytest.raises(BappsmithError, match="operator 'own': a transform takes one SubSeed, found a, b"):
        TorchvisionTransform("own", lambda: v2.GaussianBlur(3), {"a": SubSeed(), "b": SubSeed()})


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    # AlbumentationsX has the same import name, but another licence and another package name.
    monkeypatch.setattr(AlbumentationsTransform, "libraries", ("albumentations-that-is-not-there",))
    with pytest.raises(BappsmithError, match=r"'own' needs albumentations-.*pip install 'bappsmith\[albumentations\]'"):
        AlbumentationsTransform("own", lambda amount: A.MotionBlur(), SEEDED)


def test_adapters_register_nothing_themselves() -> None:
    assert {op.family for op in operators().values()}.isdisjoint({"adapters", "composite", "custom"})

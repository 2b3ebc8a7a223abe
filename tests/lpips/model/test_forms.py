"""Forms against their published or written formulas in float64, and what holds for all of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from piq import DISTS
from torch import Tensor

from bappsmith.lpips.model.forms import FORMS, Form, check_forms, compare, head_shapes, prepare, split, widths
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

from .test_lpips import pair, published_heads

TOGETHER: tuple[Form, ...] = ("local", "mean", "structure")
"""As many forms as a metric can have."""
SUBSETS: list[tuple[Form, ...]] = [
    ("local",),
    ("mean",),
    ("structure",),
    ("local", "mean"),
    ("local", "structure"),
    ("mean", "structure"),
    ("local", "covariance"),
    TOGETHER,
]


@pytest.fixture(scope="module")
def activations() -> tuple[list[Tensor], list[Tensor]]:
    """Real features of two pairs of images, float32."""
    metric = LPIPS("alex", trunk_weights=3)
    with torch.inference_mode():
        taps = metric.activations(torch.cat(pair(65, 79)))
    return [tap[:2] for tap in taps], [tap[2:] for tap in taps]


def columns(features0: list[Tensor], features1: list[Tensor], *forms: Form) -> NDArray[np.float32]:
    return compare(prepare(features0, forms), prepare(features1, forms)).numpy()


def test_structure_is_that_of_dists(activations: tuple[list[Tensor], list[Tensor]]):
    double = [[tap.double() for tap in taps] for taps in activations]
    similarities = DISTS.compute_distance(None, *double)  # type: ignore[arg-type]
    expected = 1 - torch.cat(similarities, dim=1).flatten(1)
    channels = torch.tensor([tap.shape[1] for tap in double[0]] * 2)
    expected = expected / channels.repeat_interleave(channels)
    np.testing.assert_allclose(columns(*activations, "structure"), expected, atol=1e-8, rtol=1e-5)
    # Without heads, the distance is the average over the channels of each tap, summed.
    metric = LPIPS("alex", trunk_weights=3, forms=("structure",))
    with torch.inference_mode():
        distance = metric(*pair(65, 79)).flatten()
    torch.testing.assert_close(distance.double(), expected.sum(dim=1), atol=1e-6, rtol=1e-6)


def test_covariance_is_the_second_half_of_structure(activations: tuple[list[Tensor], list[Tensor]]):
    structure, covariance = (columns(*activations, form) for form in ("structure", "covariance"))
    assert np.array_equal(structure[:, structure.shape[1] // 2 :], covariance)
    with pytest.raises(BappsmithError, match="'structure' holds the columns of form 'covariance'; name only one"):
        check_forms(("structure", "covariance"))


def test_mean_compares_means_of_unit_length(activations: tuple[list[Tensor], list[Tensor]]):
    expected = []
    for tap0, tap1 in zip(*activations, strict=True):
        means = [tap.numpy().astype(np.float64).mean(axis=(2, 3)) for tap in (tap0, tap1)]
        unit0, unit1 = (mean / np.linalg.norm(mean, axis=1, keepdims=True) for mean in means)
        expected.append((unit0 - unit1) ** 2)
    np.testing.assert_allclose(columns(*activations, "mean"), np.concatenate(expected, axis=1), atol=1e-7, rtol=1e-4)


def test_columns_stand_in_the_written_order(activations: tuple[list[Tensor], list[Tensor]]):
    channels = [tap.shape[1] for tap in activations[0]]
    alone = {form: columns(*activations, form) for form in FORMS}
    for forms in SUBSETS:
        together = columns(*activations, *reversed(forms))
        assert np.array_equal(together, np.concatenate([alone[form] for form in forms], axis=1))
        assert together.shape[1] == sum(widths(forms, channels))
        assert [int(np.prod(shape)) for shape in head_shapes(forms, channels).values()] == widths(forms, channels)


maps = st.integers(1, 4).flatmap(
    lambda side: st.tuples(
        st.integers(0, 2**32 - 1), st.just(side), st.sampled_from([0.0, 1e-6, 1.0, 1e3]), st.floats(0, 1)
    )
)


@settings(deadline=None, max_examples=60)
@given(maps, maps)
def test_equal_is_zero_and_unequal_is_symmetric_and_not_below_zero(
    first: tuple[int, int, float, float], second: tuple[int, int, float, float]
):
    def features(seed: int, scale: float, silent: float) -> list[Tensor]:
        """Two taps: flat, silent, tiny and huge channels among them."""
        generator = torch.Generator().manual_seed(seed)
        taps = [torch.rand(2, width, first[1], first[1], generator=generator) for width in (3, 5)]
        return [
            tap * (torch.rand(tap.shape[:2], generator=generator) >= silent)[..., None, None] * scale for tap in taps
        ]

    one, two = (features(seed, scale, silent) for seed, _, scale, silent in (first, second))
    for form in FORMS:
        there, back = columns(one, two, form), columns(two, one, form)
        assert np.isfinite(there).all()
        assert (there >= 0).all()
        np.testing.assert_allclose(there, back, rtol=1e-5, atol=1e-12)
        assert (columns(one, one, form) == 0).all()


@pytest.mark.parametrize("forms", SUBSETS)
@pytest.mark.parametrize("kind", ["cosine", "lpips"])
def test_gradients_are_finite_and_zero_for_equal_images(with_heads, forms: tuple[Form, ...], kind: str):
    metric = with_heads("squeeze", kind, forms=forms)
    image0, image1 = (image.requires_grad_() for image in pair(48, 48))
    metric(image0, image1).sum().backward()
    assert all(image.grad is not None and image.grad.isfinite().all() for image in (image0, image1))
    assert image0.grad is not None
    assert image0.grad.abs().max() > 0
    image0.grad = None
    distance = metric(image0, image0.detach())
    distance.sum().backward()
    assert (distance == 0).all()
    assert (image0.grad == 0).all()


@pytest.mark.parametrize("form", FORMS)
def test_gradients_are_finite_for_silent_features(form: Form):
    metric = LPIPS("squeeze", trunk_weights=2, forms=(form,))
    torch.nn.init.constant_(metric.trunk.cut.get_parameter("features.0.bias"), -100.0)
    image0, image1 = (image.requires_grad_() for image in pair(64, 64))
    metric(image0, image1).sum().backward()
    assert all(image.grad is not None and image.grad.isfinite().all() for image in (image0, image1))


def test_one_image_is_compared_with_many_in_all_forms(with_heads):
    metric = with_heads("squeeze", "lpips", forms=TOGETHER)
    image0, image1 = pair(64, 64)
    with torch.inference_mode():
        together = metric(image0[:1], image1)
        alone = torch.cat([metric(image0[:1], image1[k : k + 1]) for k in range(2)])
        features0, features1 = split(metric.features(torch.cat((image0[:1], image1))), (1, 2))
        weighed = metric.weigh(metric.differences(features0, features1))
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(weighed, alone.flatten(), atol=1e-6, rtol=1e-6)


def test_a_distance_is_the_sum_of_its_forms():
    image0, image1 = pair(64, 64)
    with torch.inference_mode():
        parts = [LPIPS("squeeze", trunk_weights=1, forms=(form,))(image0, image1) for form in TOGETHER]
        whole = LPIPS("squeeze", trunk_weights=1, forms=("structure", "local", "mean"))(image0, image1)
    torch.testing.assert_close(whole, torch.stack(parts).sum(dim=0))


def test_scaled_forms_have_mean_one_and_heads_hold_the_scale(with_heads):
    metric = with_heads("squeeze", "lpips", forms=TOGETHER)
    images = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        differences = metric.differences(*split(metric.features(images), (4, 4)))
        metric.scale_forms(differences, trained=False)
        sizes = [sum(widths((form,), metric.trunk.channels)) for form in TOGETHER]
        scaled = (differences * metric.units).split(sizes, dim=1)
        assert [part.sum(dim=1).mean().item() for part in scaled] == pytest.approx([1, 1, 1], rel=1e-5)
        other = LPIPS("squeeze", trunk_weights=2, forms=TOGETHER)
        other.load_heads(metric.head_state(), "the heads")
        torch.testing.assert_close(other.weigh(differences), metric.weigh(differences))
        before = metric.weigh(differences)
        metric.scale_forms(differences * torch.linspace(1, 5, differences.shape[1]), trained=True)
        torch.testing.assert_close(metric.weigh(differences), before)  # a start from trained heads keeps distances
        metric.scale_forms(torch.zeros_like(differences), trained=False)  # all pairs equal
        assert (metric.units == 1).all()
        local = with_heads("squeeze", "lpips")
        local.scale_forms(differences[:, : sizes[0]], trained=False)
        assert (local.units == 1).all()


@pytest.mark.parametrize("forms", [(), ("local", "local"), ("texture",), "local"])
def test_what_is_no_selection_of_forms_is_refused(forms: tuple[str, ...]):
    with pytest.raises(BappsmithError, match=r"forms must be one or more of local, mean, .*, each once; found"):
        check_forms(forms)


def test_what_only_local_has_is_refused_for_the_others(with_heads):
    whole = "compares statistics of whole images and has"
    with pytest.raises(BappsmithError, match=f"form 'structure' {whole} no map; use form 'local' alone"):
        LPIPS("squeeze", trunk_weights=0, forms=("local", "structure"), spatial=True)
    metric = with_heads("squeeze", "lpips", forms=("mean",))
    with pytest.raises(BappsmithError, match=f"form 'mean' {whole} no layers and no map"):
        metric.layers(*pair(64, 64))
    metric.spatial = True
    with pytest.raises(BappsmithError, match="no layers and no map"):
        metric(*pair(64, 64))
    with pytest.raises(BappsmithError, match=f"{whole} no fully connected head"):
        metric.start_heads("fc", torch.Generator())


def test_heads_of_other_forms_are_refused(with_heads):
    with pytest.raises(BappsmithError, match="net 'alex' with forms structure: they look like heads of form local"):
        LPIPS("alex", trunk_weights=0, forms=("structure",), head_weights=published_heads("alex"))
    state = with_heads("squeeze", "lpips", forms=("structure",)).head_state()
    with pytest.raises(BappsmithError, match=r"do not fit net 'squeeze': expected lin0\.model\.1\.weight"):
        LPIPS("squeeze", trunk_weights=0).load_heads(state, "the heads")
    state["structure3.means.weight"][5] = -0.1
    with pytest.raises(BappsmithError, match=r"structure3\.means\.weight has values below 0"):
        LPIPS("squeeze", trunk_weights=0, forms=("structure",)).load_heads(state, "the heads")

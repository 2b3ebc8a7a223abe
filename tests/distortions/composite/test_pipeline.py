"""Pipelines: sizes that change inside, margins that add up, and drawn calls as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bappsmith.distortions import (
    Choice,
    Distortion,
    Draws,
    Image,
    Severity,
    View,
    apply_chain,
    operator,
    register,
)
from bappsmith.distortions.cnn.untrained_network import UntrainedNetwork
from bappsmith.distortions.composite import Pipeline, Step
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.view import surrounded, trimmed
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

PATCHES = natural_patches(12)


class Downscale(Step):
    """Every `factor`-th pixel."""

    source = "tests"
    factor = Severity(mild=2, severe=4, unit="px per px", whole=True)

    def apply(self, image: Image, shape: tuple[int, int], *, factor: int) -> Image:
        return np.ascontiguousarray(image[::factor, ::factor])

    def scale(self, params: dict[str, int]) -> float:
        return params["factor"]


class Halve(Downscale):
    """Every second pixel."""

    factor = Choice((2,), "px per px")


class Upscale(Step):
    """As many pixels as at first, by repetition."""

    def apply(self, image: Image, shape: tuple[int, int]) -> Image:
        times = -(-shape[0] // image.shape[0]), -(-shape[1] // image.shape[1])
        return image.repeat(times[0], axis=0).repeat(times[1], axis=1)[: shape[0], : shape[1]]


def small_jpeg() -> Pipeline:
    return Pipeline("small_jpeg", [Downscale(), operator("jpeg"), Upscale()])


def test_a_pipeline_keeps_the_contract_of_operators() -> None:
    coarse_noise = Pipeline("coarse_noise", [Halve(), operator("gaussian_white_noise"), Upscale()])
    assert broken_clauses(coarse_noise, PATCHES) == []  # its pixels of two by two start at the corner: no limit is kept
    assert check_operator(Pipeline("two", [operator("gaussian_blur"), operator("gaussian_white_noise")]), PATCHES) == []


def test_a_pipeline_is_its_steps_one_after_the_other() -> None:
    params = small_jpeg().sample(1.0, Draws(3))
    assert [call["name"] for call in params["steps"]] == ["downscale", "jpeg", "upscale"]
    assert params["steps"][0]["params"] == {"factor": 4}
    margin = small_jpeg().margin(64, params)
    assert margin % 4 == 0
    around = np.ascontiguousarray(surrounded(PATCHES[0], margin)[::4, ::4])
    small = trimmed(operator("jpeg")(around, params["steps"][1]["params"]), margin // 4)
    assert np.array_equal(small_jpeg()(PATCHES[0], params), small.repeat(4, axis=0).repeat(4, axis=1))


def test_drawn_calls_survive_json() -> None:
    op = register(small_jpeg())
    call = op.call(0.6, Draws(3))
    again = OperatorCall.from_json(json.loads(json.dumps(call.to_json())))
    assert again == call
    assert np.array_equal(apply_chain(PATCHES[0], Chain((again,))), op(PATCHES[0], call.params))


def test_at_the_mild_end_all_steps_are_drawn_too() -> None:
    op = small_jpeg()
    params = op.draw(0.0, Draws(3))
    assert params["steps"][0]["params"] == {"factor": 2}
    assert op.parameters["steps"].allows(params["steps"], {})
    assert op(PATCHES[0], params).shape == (64, 64, 3)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda steps: steps[:2],
        lambda steps: [*steps[1:], steps[0]],
        lambda steps: [{**steps[0], "params": {"factor": 99}}, *steps[1:]],
        lambda steps: [{**steps[0], "params": {}}, *steps[1:]],
        lambda steps: [1, *steps[1:]],
        lambda steps: "steps",
    ],
)
def test_other_calls_are_not_allowed(spoil) -> None:
    op = small_jpeg()
    steps = op.sample(0.6, Draws(3))["steps"]
    assert op.parameters["steps"].allows(steps, {})
    assert not op.parameters["steps"].allows(spoil(steps), {})


def test_margins_add_up_and_the_surroundings_are_real() -> None:
    op = register(Pipeline("two", [operator("gaussian_blur"), operator("shift")]))
    params = op.sample(0.6, Draws(4))
    blur, shift = (OperatorCall.from_json(call) for call in params["steps"])
    margins = [operator(call.name).margin(64, call.params) for call in (blur, shift)]
    margin = op.margin(64, params)
    assert margin >= sum(margins) > max(margins) > 0
    around = natural_patches(1, 150)[0]
    view = View(around, 43, (64, 64))
    assert margin <= 43
    whole = apply_chain(view, Chain((OperatorCall("two", 0.6, params),)))
    assert np.array_equal(whole, apply_chain(view, Chain((blur, shift))))


def test_margins_grow_with_the_scale_of_their_step() -> None:
    op = Pipeline("small_blur", [Downscale(), operator("gaussian_blur"), Upscale()])
    params = op.sample(1.0, Draws(4))
    assert params["steps"][0]["params"] == {"factor": 4}
    assert op.margin(64, params) == 4 * operator("gaussian_blur").margin(16, params["steps"][1]["params"])


def test_the_unit_patch_follows_the_scale() -> None:
    op = Pipeline("small_shift", [Downscale(), operator("shift"), Upscale()])
    steps = [
        OperatorCall("downscale", 1.0, {"factor": 4}),
        OperatorCall("shift", 1.0, {"distance": 8 / 64, "angle": 0.0}),  # 2 of 16 px, so 8 of 64
        OperatorCall("upscale", 1.0, {}),
    ]
    flat = np.arange(0, 256, 4, dtype=np.uint8)[None, :, None].repeat(64, axis=0).repeat(3, axis=2)
    result = op(np.ascontiguousarray(flat), {"steps": [step.to_json() for step in steps]})
    assert result[0, 16:, 0].tolist() == (np.arange(8, 56) // 4 * 4 * 4).tolist()


def test_a_pipeline_needs_what_its_steps_need() -> None:
    network = UntrainedNetwork()
    op = Pipeline("both", [network, operator("context_rotate")])
    assert op.libraries == ("torch",)
    assert not op.portable
    assert op.saturates
    assert small_jpeg().portable
    assert op.inner == (network, operator("context_rotate"))


class Grey(Distortion):
    """One channel."""

    def apply(self, image: Image) -> Image:
        return image[..., :1]


def test_wrong_results_are_named() -> None:
    params = {"steps": [OperatorCall("downscale", 1.0, {"factor": 4}).to_json()]}
    with pytest.raises(BappsmithError, match=r"pipeline 'x' must end with the size.*64×64 px, found 16×16; resize"):
        Pipeline("x", [Downscale()])(PATCHES[0], params)
    with pytest.raises(BappsmithError, match=r"^pipeline 'x', result of 'grey': .*found uint8 \(64, 64, 1\)"):
        Pipeline("x", [Grey()])(PATCHES[0], {"steps": [OperatorCall("grey", 1.0, {}).to_json()]})
    with pytest.raises(BappsmithError, match="pipeline 'x': found no step"):
        Pipeline("x", [])


def test_a_pipeline_lacks_what_an_inner_operator_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    op = Pipeline("mine", [operator("jpeg"), operator("webp")])
    assert op.unavailable() is None
    monkeypatch.setattr(type(operator("webp")), "unavailable", lambda self: "needs something")
    assert op.unavailable() == "needs something"

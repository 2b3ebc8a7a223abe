"""Interpolation of real frames: views with frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bappsmith.distortions import operator
from bappsmith.distortions.compose import apply_chain
from bappsmith.distortions.composite import Masked
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.view import trimmed, with_frames, with_margin
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

NAMES = ("sequence_average", "sequence_nearest", "sequence_dis", "sequence_farneback")
NAMED = {"before": "a/1.png", "after": "a/3.png"}


def params(name: str) -> dict[str, object]:
    return {**NAMED, "later": True} if name == "sequence_nearest" else dict(NAMED)


@pytest.mark.parametrize("name", NAMES)
def test_still_frames_give_the_frame(name: str):
    view = natural_views(1, 64, 50)[0]
    view = replace(view, frames=(view.image, view.image))
    assert np.array_equal(operator(name)(view, params(name)), view.centre)


def test_frames_go_through_chains_with_their_surroundings():
    view = natural_views(1, 32, 80)[0]
    other = np.ascontiguousarray(view.image[::-1])
    view = replace(view, frames=(other, other))
    blur = OperatorCall("gaussian_blur", 0.5, {"sigma": 1.5})
    mean = OperatorCall("sequence_average", 0.5, dict(NAMED))
    alone = operator("gaussian_blur")(replace(view, image=other, frames=()), blur.params)
    assert np.array_equal(apply_chain(view, Chain((mean, blur))), alone)


def test_an_image_without_frames_is_moved_to_either_side():
    view = with_margin(natural_views(1, 32, 40)[0], 8)
    before, after = with_frames(view).frames
    assert np.array_equal(before[:-2, :-2], view.image[2:, 2:])
    assert np.array_equal(after[3:, 3:], view.image[:-3, :-3])


def test_frames_are_trimmed_and_mirrored_with_the_image():
    view = natural_views(1, 32, 40)[0]
    view = replace(view, frames=(view.image, view.image[::-1]))
    small = with_margin(view, 10)
    assert np.array_equal(small.frames[1], trimmed(view.image[::-1], 30))
    large = with_margin(view, 44)
    assert np.array_equal(large.frames[0], large.image)


def test_composites_refuse_operators_that_need_frames():
    with pytest.raises(BappsmithError, match="needs the frames before and after"):
        Masked("local_mean", operator("sequence_average"))

"""The yardstick: damage of pairs of images."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.calibration.measures import MEASURES, measure, probe
from bappsmith.pipeline.calibration.people import read_people
from bappsmith.pipeline.calibration.yardstick import Yardstick, people_yardstick

PATCHES = natural_patches(3)


@pytest.fixture(scope="module")
def random_trunk(tmp_path_factory: pytest.TempPathFactory) -> Yardstick:
    """The yardstick with a trunk that nobody trained, and a file that allows it."""
    from bappsmith.lpips.model.lpips import LPIPS

    people = read_people().model_copy(
        update={"probe": probe(LPIPS("alex", trunk_weights=0, forms=("local", "structure")))}
    )
    path = tmp_path_factory.mktemp("people") / "people.json"
    path.write_text(people.text())
    return people_yardstick(0, path)


def test_equal_images_have_no_damage_and_more_noise_has_more(random_trunk: Yardstick):
    rng = np.random.default_rng(0)
    noise = [rng.normal(size=patch.shape) for patch in PATCHES]
    for distances in (random_trunk.distances, random_trunk.displaced):
        assert distances(PATCHES, PATCHES).tolist() == [0, 0, 0]
        medians = []
        for sigma in (4, 16, 64):
            noisy = [np.clip(p + sigma * n, 0, 255).astype(np.uint8) for p, n in zip(PATCHES, noise, strict=True)]
            medians.append(np.median(distances(PATCHES, noisy)))
        assert 0 < medians[0] < medians[1] < medians[2]


def test_its_name_says_whose_scores(random_trunk: Yardstick):
    assert random_trunk.name == "damage on people's scale: KADID-10k (Lin, Hosu and Saupe 2019), AlexNet"


def test_another_trunk_is_refused():
    with pytest.raises(
        BappsmithError, match=r"trunk weights 1 are not those that the yardstick was fitted with .*; give"
    ):
        people_yardstick(1)


def test_every_measure_is_zero_for_equal_images_and_named_once():
    import torch

    from bappsmith.lpips.model.lpips import LPIPS

    trunk = LPIPS("alex", trunk_weights=0, forms=("local", "structure"))
    images = torch.from_numpy(np.stack(PATCHES).transpose(0, 3, 1, 2)).float() / 127.5 - 1
    same, other = (measure(MEASURES, trunk, images, to) for to in (images, images * 0.5))
    assert tuple(same) == MEASURES
    assert all(np.abs(values).max() < 1e-4 for values in same.values())
    assert all(values.min() > 1e-3 for values in other.values())


def test_torch_is_imported_only_to_measure():
    code = "import sys, bappsmith.pipeline.calibration.yardstick; sys.exit('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False).returncode
        == 0
    )

"""The smallest changes that foolbox finds: none is below the radius, and for l2 they come close to it."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from bappsmith.lpips.robust.dct_metric import DctMetric
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric, Pixels
from bappsmith.lpips.robust.radius import certified_radii

# foolbox 3.3.4 imports from a namespace that scipy keeps until 2.0.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*scipy.ndimage.*:DeprecationWarning")]

ITEMS = 12
ATTACKS = ("L2DeepFoolAttack", "DDNAttack")


class _Judge(nn.Module):
    """A classifier of references in [0, 1] with two classes: p0 is closer, p1 is closer."""

    def __init__(self, metric: LipschitzMetric, p0: Tensor, p1: Tensor) -> None:
        super().__init__()
        self.metric, self.p0, self.p1 = metric, p0, p1

    def forward(self, refs: Tensor) -> Tensor:
        return -torch.stack([self.metric(refs * 2 - 1, patch) for patch in (self.p0, self.p1)], dim=1)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ["pixels", "dct"])
def test_no_change_is_smaller_than_the_radius(trained: DctMetric, name: str, attack: str) -> None:
    foolbox = pytest.importorskip("foolbox")
    metric: LipschitzMetric = (Pixels() if name == "pixels" else deepcopy(trained)).double()
    generator = torch.Generator().manual_seed(0)
    # Far from the ends of the range, where the radius of l2 is exact.
    ref = torch.rand(ITEMS, 3, 32, 32, generator=generator).double() * 0.4 - 0.2
    p0, p1 = (ref + share * torch.randn(ref.shape, generator=generator).double() for share in (0.02, 0.05))
    d0, d1, between = (metric(*pair).detach().numpy() for pair in ((ref, p0), (ref, p1), (p0, p1)))
    radii = torch.from_numpy(certified_radii(d0, d1, between, metric.lipschitz_constant()).ref)
    judge = _Judge(metric, p0, p1).eval()
    model = foolbox.PyTorchModel(judge, bounds=(0, 1), device="cpu")
    refs = (ref + 1) / 2
    labels = judge(refs).argmax(dim=1)
    changed, _, turned = getattr(foolbox.attacks, attack)()(model, refs, labels, epsilons=None)
    norms = (changed - refs).flatten(1).norm(dim=1)
    assert turned.all()
    assert (norms >= radii).all()
    if name == "pixels":
        assert (norms <= 1.03 * radii).all()

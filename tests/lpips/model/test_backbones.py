"""Trunks: any torchvision network, its weights, its layers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision
from torchvision.models.feature_extraction import create_feature_extractor

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.lpips import LPIPS, SCALE, SHIFT
from bappsmith.manifests.errors import BappsmithError

# One of every family with layers of its own, and the channels that its authors gave these.
FAMILIES = {
    "alex": (64, 192, 384, 256, 256),
    "vgg": (64, 128, 256, 512, 512),
    "squeeze": (64, 128, 256, 384, 384, 512, 512),
    "vgg11_bn": (64, 128, 256, 512, 512),
    "resnet18": (64, 64, 128, 256, 512),
    "convnext_tiny": (96, 192, 384, 768),
    "efficientnet_b0": (16, 24, 40, 112, 320),
    "efficientnet_v2_s": (24, 48, 64, 160, 256),
    "vit_b_32": (768, 768, 768, 768),
}


def image(seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("net", FAMILIES)
def test_every_family_has_layers_to_compare(net: str):
    trunk = Trunk(net, 0)
    assert trunk.channels == FAMILIES[net]
    with torch.inference_mode():
        found = trunk(image())
    assert tuple(tap.shape[1] for tap in found) == FAMILIES[net]
    assert all(tap.ndim == 4 and tap.isfinite().all() and tap.std() > 0 for tap in found)


def test_input_scaling_is_that_of_torchvision():
    # torchvision normalises [0, 1] by these; LPIPS the same in [-1, 1], rounded to three places.
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    torch.testing.assert_close(torch.tensor(SHIFT), 2 * mean - 1, atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.tensor(SCALE), 2 * std, atol=1e-6, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("net", ["resnet18", "efficientnet_b0", "vit_b_32"])
def test_features_are_those_of_the_whole_network(net: str, tmp_path: Path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        whole = torchvision.models.get_model(net, weights=None).eval()
    torch.save(whole.state_dict(), tmp_path / "whole.pth")
    trunk = Trunk(net, tmp_path / "whole.pth")
    assert len(trunk.state()) < len(whole.state_dict())  # the classifier is cut off
    size = 224 if net.startswith("vit") else 64
    pixels = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    reference = create_feature_extractor(whole, list(trunk.taps), suppress_diff_warning=True)
    with torch.inference_mode():
        for mine, theirs in zip(trunk(pixels), reference(pixels).values(), strict=True):
            if theirs.ndim == 3:  # tokens, in rows
                theirs = theirs[:, 1:].reshape(1, 7, 7, -1).permute(0, 3, 1, 2)
            torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)


def test_depth_is_cut_behind_the_last_tap():
    two = Trunk("vgg", 0, ["features.3"])
    assert [name for name in two.state() if name.endswith("weight")] == [
        "features.0.weight",
        "features.2.weight",
    ]
    four = Trunk("alex", 0, [f"features.{k}" for k in (1, 4, 7, 9)])
    assert sum(value.ndim == 4 for value in four.state().values()) == 4
    whole = Trunk("alex", 0)
    torch.testing.assert_close(four(image())[3], whole(image())[3])


def test_a_layer_that_works_in_place_does_not_change_the_tap_before_it():
    before, after = Trunk("alex", 0, ["features.0", "features.1"])(image())
    assert before.min() < 0
    torch.testing.assert_close(after, before.clamp(min=0))


def test_statistics_of_batches_are_never_used():
    trunk = Trunk("resnet18", 0).train()
    together = trunk(torch.cat([image(0), image(1)]))
    for tap, alone in zip(together, trunk(image(0)), strict=True):
        torch.testing.assert_close(tap[:1], alone, atol=1e-3, rtol=1e-3)


def test_tables_of_positions_are_those_of_the_constructor():
    trunk = Trunk("swin_t", 0, ["features.1"])
    (name,) = [n for n in trunk.state() if n.endswith("features.1.0.attn.relative_position_index")]
    whole = torchvision.models.swin_t()
    assert (trunk.state()[name] == whole.state_dict()[name]).all()
    assert trunk(image())[0].shape == (1, 96, 16, 16)


@pytest.mark.slow
def test_a_random_trunk_comes_from_its_seed_and_touches_no_global_state():
    for net in ("squeeze", "resnet18", "swin_t"):
        before = torch.get_rng_state()
        taps = ["features.1"] if net == "swin_t" else None
        one, same, other = (Trunk(net, seed, taps).state() for seed in (5, 5, 6))
        assert all((one[name] == same[name]).all() for name in one)
        assert any((one[name] != other[name]).any() for name in one)
        assert (torch.get_rng_state() == before).all()


def test_weights_of_another_network_are_refused(tmp_path: Path):
    alex = Trunk("alex", 0).state()
    torch.save(alex, tmp_path / "alex.pth")
    torch.save({**alex, "classifier.1.weight": torch.zeros(4096, 9216)}, tmp_path / "whole.pth")
    loaded = Trunk("alex", tmp_path / "whole.pth").state()
    assert all((loaded[name] == alex[name]).all() for name in alex)
    with pytest.raises(BappsmithError, match=r"do not fit vgg16: features\.0\.weight is missing or has another"):
        Trunk("vgg", tmp_path / "alex.pth")
    # The shallower network's layers are all in the deeper one's, with the same shapes.
    with torch.device("meta"):
        deep = torchvision.models.resnet34().state_dict()
    torch.save({name: torch.zeros(value.shape) for name, value in deep.items()}, tmp_path / "deep.pth")
    with pytest.raises(BappsmithError, match="is not in this network"):
        Trunk("resnet18", tmp_path / "deep.pth")


@pytest.mark.parametrize(
    ("net", "taps", "words"),
    [
        ("squeezenet", None, "did you mean 'squeezenet1_"),
        ("densenet121", None, r"no default layers to compare; name them with --tap, such as features"),
        ("resnet18", ["layer9"], "unknown layer of resnet18 'layer9': did you mean 'layer4'"),
        ("resnet18", ["layer1", "layer1"], "each named once"),
        ("resnet18", [], "at least one layer"),
    ],
)
def test_what_no_trunk_has_is_refused_in_one_line(net: str, taps: list[str] | None, words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        LPIPS(net, trunk_weights=0, taps=taps)
    assert "\n" not in str(refused.value)

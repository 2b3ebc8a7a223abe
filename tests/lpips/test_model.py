"""LPIPS against the published package, published distances, and its own promises."""

from __future__ import annotations

import importlib.resources
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.lpips.backbones import TRUNKS, Trunk
from bappsmith.lpips.model import LPIPS, unit_normalise
from bappsmith.manifests.errors import BappsmithError

NETS = sorted(TRUNKS)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def published_heads(net: str, version: str = "0.1") -> Path:
    return Path(str(importlib.resources.files("lpips"))) / "weights" / f"v{version}" / f"{net}.pth"


def published(net: str, version: str, spatial: bool, trunk: Trunk) -> torch.nn.Module:
    """The metric of the published package, with our trunk's weights copied into its own."""
    import lpips  # noqa: TID251 - the published package is the oracle

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses torchvision's deprecated arguments
        metric = lpips.LPIPS(
            net=net, version=version, pretrained=True, pnet_rand=True, spatial=spatial, verbose=False
        )
    state = metric.net.state_dict()
    ours = {name.removeprefix("features."): value for name, value in trunk.state_dict().items()}
    # Theirs are slice{k}.{index into features}[...]; ours are features.{index}[...].
    metric.net.load_state_dict({name: ours[name.split(".", 1)[1]] for name in state})
    return metric.eval()


def pair(height: int, width: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    first = torch.rand(2, 3, height, width, generator=generator) * 2 - 1
    return first, (first + 0.4 * torch.randn(2, 3, height, width, generator=generator)).clamp(-1, 1)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize(
    ("version", "spatial", "size"),
    [("0.1", False, (64, 64)), ("0.1", True, (65, 79)), ("0.0", False, (65, 79))],
)
def test_distances_equal_those_of_the_published_package(
    net: str, version: str, spatial: bool, size: tuple[int, int]
):
    ours = LPIPS(
        net, trunk_weights=3, head_weights=published_heads(net, version), version=version, spatial=spatial
    )
    theirs = published(net, version, spatial, ours.trunk)
    image0, image1 = pair(*size)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image0, image1), theirs(image0, image1), atol=1e-6, rtol=1e-6)
        zero_to_one = (image0 + 1) / 2, (image1 + 1) / 2
        expected = theirs(*zero_to_one, normalize=True)
        torch.testing.assert_close(ours(*zero_to_one, normalize=True), expected, atol=1e-6, rtol=1e-6)


@pytest.mark.skipif(not SHARED.is_dir(), reason="published trunks and distances are not beside the checkout")
@pytest.mark.parametrize(
    ("net", "trunk"), [("alex", "alexnet_features"), ("squeeze", "squeezenet1_1_features")]
)
def test_distances_with_real_trunks_are_the_published_ones(net: str, trunk: str):
    metric = LPIPS(
        net,
        trunk_weights=SHARED / "weights" / f"{trunk}.pth",
        head_weights=SHARED / "weights" / f"lpips_v0.1_{net}_lin.pth",
    )

    def read(name: str) -> torch.Tensor:
        pixels = np.array(Image.open(SHARED / "golden" / name).convert("RGB"))
        return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1

    for known in json.loads((SHARED / "golden" / "distances.json").read_text())["pairs"]:
        with torch.inference_mode():
            found = metric(read(known["ref"]), read(known["img"])).item()
        assert found == pytest.approx(known[net], abs=1e-6)


@pytest.mark.parametrize("net", NETS)
def test_without_heads_the_distance_is_twice_the_cosine_distance(net: str):
    metric = LPIPS(net, trunk_weights=1)
    image0, image1 = pair(64, 64)
    scaled = [(image - metric.shift) / metric.scale for image in (image0, image1)]
    with torch.inference_mode():
        features = zip(*(metric.trunk(image) for image in scaled), strict=True)
        cosine = sum(2 * (1 - torch.cosine_similarity(a, b, dim=1)).mean(dim=(1, 2)) for a, b in features)
        torch.testing.assert_close(metric(image0, image1).flatten(), cosine, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("net", NETS)
def test_symmetric_and_zero_with_zero_gradient_for_equal_images(net: str):
    metric = LPIPS(net, trunk_weights=2, head_weights=published_heads(net))
    image0, image1 = pair(64, 64)
    torch.testing.assert_close(metric(image0, image1), metric(image1, image0))
    image0.requires_grad_()
    distance = metric(image0, image0.detach())
    distance.sum().backward()
    assert (distance == 0).all()
    assert image0.grad is not None
    assert (image0.grad == 0).all()


@pytest.mark.parametrize("net", NETS)
def test_gradients_reach_both_images_and_are_finite_even_for_silent_features(net: str):
    metric = LPIPS(net, trunk_weights=2)
    torch.nn.init.constant_(metric.trunk.features[0].bias, -100.0)  # every feature of the first tap is 0
    image0, image1 = (image.requires_grad_() for image in pair(64, 64))
    metric(image0, image1).sum().backward()
    for image in (image0, image1):
        assert image.grad is not None
        assert torch.isfinite(image.grad).all()
    live = LPIPS(net, trunk_weights=2)
    image0, image1 = (image.requires_grad_() for image in pair(64, 64))
    live(image0, image1).sum().backward()
    assert all(image.grad is not None and image.grad.abs().max() > 0 for image in (image0, image1))


def test_unit_normalisation_keeps_the_published_value():
    features = torch.randn(2, 8, 3, 3, generator=torch.Generator().manual_seed(0))
    features[0, :, 0, 0] = 0
    published_form = features / (features.square().sum(1, keepdim=True).sqrt() + 1e-10)
    torch.testing.assert_close(unit_normalise(features), published_form)


def test_a_random_trunk_comes_from_its_seed_and_touches_no_global_state():
    before = torch.get_rng_state()
    one, same, other = (Trunk("squeeze", seed).state_dict() for seed in (5, 5, 6))
    assert all((one[name] == same[name]).all() for name in one)
    assert any((one[name] != other[name]).any() for name in one)
    assert (torch.get_rng_state() == before).all()


def test_weights_that_do_not_fit_are_refused_and_nothing_is_half_loaded(tmp_path: Path):
    alex = Trunk("alex", 0).state_dict()
    torch.save(alex, tmp_path / "alex.pth")
    torch.save({**alex, "classifier.1.weight": torch.zeros(2)}, tmp_path / "whole.pth")
    assert (
        Trunk("alex", tmp_path / "whole.pth").state_dict()["features.0.bias"] == alex["features.0.bias"]
    ).all()
    with pytest.raises(BappsmithError, match="do not fit vgg16"):
        Trunk("vgg", tmp_path / "alex.pth")
    with pytest.raises(BappsmithError, match="heads of --net squeeze"):
        LPIPS("alex", trunk_weights=0, head_weights=published_heads("squeeze"))
    with pytest.raises(BappsmithError, match="do not fit net 'alex'"):
        LPIPS("alex", trunk_weights=0, head_weights=tmp_path / "alex.pth")
    with pytest.raises(BappsmithError, match="did you mean 'squeeze'"):
        LPIPS("squeezenet", trunk_weights=0)


@pytest.mark.parametrize("content", [b"", b"not a torch file", b"PK\x03\x04 broken zip"])
def test_a_file_that_is_no_weights_file_is_one_readable_line(tmp_path: Path, content: bytes):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(BappsmithError, match=r"weights\.pth: not a PyTorch weights file") as refused:
        LPIPS("alex", trunk_weights=path)
    assert "\n" not in str(refused.value)
    with pytest.raises(BappsmithError, match="no such file"):
        LPIPS("alex", trunk_weights=tmp_path / "none.pth")


def test_loading_weights_runs_no_code(tmp_path: Path):
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"features.0.weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(BappsmithError, match="not a PyTorch weights file"):
        LPIPS("alex", trunk_weights=tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_a_failing_download_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def no_network(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", no_network)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", no_network)
    with pytest.raises(BappsmithError, match=r"alexnet cannot be downloaded.*--trunk-weights FILE"):
        LPIPS("alex", trunk_weights="pretrained")


@pytest.mark.parametrize("net", NETS)
def test_images_that_are_too_small_are_refused_in_one_line(net: str):
    with pytest.raises(BappsmithError, match="8×9 px are too small"):
        LPIPS(net, trunk_weights=0)(torch.zeros(1, 3, 8, 9), torch.zeros(1, 3, 8, 9))


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (torch.zeros(3, 64, 64), r"\(3, 64, 64\)"),
        (torch.zeros(1, 1, 64, 64), r"\(1, 1, 64, 64\)"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.uint8), "uint8"),
        (np.zeros((1, 3, 64, 64)), "ndarray"),
        (torch.zeros(1, 3, 32, 64), "differ in size"),
    ],
)
def test_what_is_no_image_batch_is_refused(image: object, words: str):
    with pytest.raises(BappsmithError, match=words):
        LPIPS("alex", trunk_weights=0)(torch.zeros(1, 3, 64, 64), image)

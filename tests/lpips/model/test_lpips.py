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

from bappsmith.lpips.model.backbones import NETS as PUBLISHED
from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.forms import unit_normalise
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

NETS = sorted(PUBLISHED)
EACH_NET = [pytest.param(net, marks=pytest.mark.slow) if net == "vgg" else net for net in NETS]
"""VGG takes several times as long as the other two."""
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def published_heads(net: str, version: str = "0.1") -> Path:
    return Path(str(importlib.resources.files("lpips"))) / "weights" / f"v{version}" / f"{net}.pth"


def published(net: str, version: str, spatial: bool, trunk: Trunk) -> torch.nn.Module:
    """The metric of the published package, with our trunk's weights copied into its own."""
    import lpips  # noqa: TID251 - the published package is the oracle

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses torchvision's deprecated arguments
        metric = lpips.LPIPS(net=net, version=version, pretrained=True, pnet_rand=True, spatial=spatial, verbose=False)
    state = metric.net.state_dict()
    ours = {name.removeprefix("features."): value for name, value in trunk.state().items()}
    # Theirs are slice{k}.{index into features}[...]; ours are features.{index}[...].
    metric.net.load_state_dict({name: ours[name.split(".", 1)[1]] for name in state})
    return metric.eval()


def pair(height: int, width: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    first = torch.rand(2, 3, height, width, generator=generator) * 2 - 1
    return first, (first + 0.4 * torch.randn(2, 3, height, width, generator=generator)).clamp(-1, 1)


@pytest.mark.parametrize("net", EACH_NET)
@pytest.mark.parametrize(
    ("version", "spatial", "size"),
    [
        ("0.1", False, (64, 64)),
        pytest.param("0.1", True, (65, 79), marks=pytest.mark.slow),
        ("0.0", False, (65, 79)),
        pytest.param("0.0", True, (64, 64), marks=pytest.mark.slow),
        pytest.param("0.1", False, (128, 192), marks=pytest.mark.slow),
    ],
)
def test_distances_equal_those_of_the_published_package(net: str, version: str, spatial: bool, size: tuple[int, int]):
    ours = LPIPS(net, trunk_weights=3, head_weights=published_heads(net, version), version=version, spatial=spatial)
    theirs = published(net, version, spatial, ours.trunk)
    image0, image1 = pair(*size)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image0, image1), theirs(image0, image1), atol=1e-6, rtol=1e-6)
        zero_to_one = (image0 + 1) / 2, (image1 + 1) / 2
        expected = theirs(*zero_to_one, normalize=True)
        torch.testing.assert_close(ours(*zero_to_one, normalize=True), expected, atol=1e-6, rtol=1e-6)
        _, layers = theirs(image0, image1, retPerLayer=True)
        for mine, other in zip(ours.layers(image0, image1), layers, strict=True):
            torch.testing.assert_close(mine, other, atol=1e-6, rtol=1e-6)


@pytest.mark.skipif(not SHARED.is_dir(), reason="published trunks and distances are not beside the checkout")
@pytest.mark.parametrize(("net", "trunk"), [("alex", "alexnet_features"), ("squeeze", "squeezenet1_1_features")])
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


@pytest.mark.parametrize("net", EACH_NET)
def test_without_heads_the_distance_is_twice_the_cosine_distance(net: str):
    metric = LPIPS(net, trunk_weights=1)
    image0, image1 = pair(64, 64)
    scaled = [(image - metric.shift) / metric.scale for image in (image0, image1)]
    with torch.inference_mode():
        features = zip(*(metric.trunk(image) for image in scaled), strict=True)
        cosine = sum(2 * (1 - torch.cosine_similarity(a, b, dim=1)).mean(dim=(1, 2)) for a, b in features)
        torch.testing.assert_close(metric(image0, image1).flatten(), cosine, atol=1e-5, rtol=1e-5)


KINDS = ("cosine", "lpips", "fc")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("net", [*EACH_NET, "resnet18"])
@pytest.mark.parametrize("size", [(48, 48), (49, 63)])
def test_symmetric_and_zero_with_zero_gradient_for_equal_images(with_heads, net: str, kind: str, size: tuple[int, int]):
    metric = with_heads(net, kind)
    assert metric.distance == kind
    image0, image1 = pair(*size)
    there, back = metric(image0, image1), metric(image1, image0)
    torch.testing.assert_close(there, back)
    assert there.min() > 0
    image0.requires_grad_()
    distance = metric(image0, image0.detach())
    distance.sum().backward()
    assert (distance == 0).all()
    assert image0.grad is not None
    assert (image0.grad == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_one_image_is_compared_with_many_and_a_pair_does_not_depend_on_its_batch(with_heads, kind: str):
    metric = with_heads("squeeze", kind)
    image0, image1 = pair(64, 64)
    with torch.inference_mode():
        together = metric(image0[:1], image1)
        alone = torch.cat([metric(image0[:1], image1[k : k + 1]) for k in range(2)])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-6)


def test_a_fully_connected_head_by_hand(with_heads):
    metric = with_heads("alex", "fc")
    s = torch.rand(3, sum(metric.trunk.channels), generator=torch.Generator().manual_seed(0))
    w = torch.cat([head.detach() for head in metric.heads or ()])
    u, v = (weight.detach() for weight in metric.fc or ())
    expected = (s * w).sum(1) + ((s[:, None] * u).sum(2).clamp(min=0) * v).sum(1)
    torch.testing.assert_close(metric.weigh(s).detach(), expected)
    with pytest.raises(BappsmithError, match="no layers and no map"):
        metric.layers(*pair(64, 64))


def test_clamping_leaves_the_trunk_and_free_weights_alone(with_heads):
    metric = with_heads("squeeze", "fc")
    with torch.no_grad():
        for head in metric.head_parameters():
            head.sub_(0.5)
    before = {name: value.clone() for name, value in metric.state_dict().items()}
    metric.clamp_heads()
    for name, value in metric.state_dict().items():
        clamped = name.startswith("heads.") or name == "fc.1"
        torch.testing.assert_close(value, before[name].clamp(min=0) if clamped else before[name])
    squeeze = metric.trunk.state()["features.3.squeeze.weight"]
    assert squeeze.shape[2:] == (1, 1)  # the reference clamps these too
    assert squeeze.min() < 0


@pytest.mark.parametrize("net", EACH_NET)
def test_gradients_reach_both_images_and_are_finite_even_for_silent_features(net: str):
    metric = LPIPS(net, trunk_weights=2)
    torch.nn.init.constant_(
        metric.trunk.cut.get_parameter("features.0.bias"), -100.0
    )  # every feature of the first tap is 0
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


def test_heads_that_do_not_fit_are_refused_and_nothing_is_half_loaded(tmp_path: Path):
    metric = LPIPS("alex", trunk_weights=0)
    good = {f"lin{k}.model.1.weight": torch.rand(1, c, 1, 1) for k, c in enumerate(metric.trunk.channels)}
    with pytest.raises(BappsmithError, match="heads of --net squeeze"):
        LPIPS("alex", trunk_weights=0, head_weights=published_heads("squeeze"))
    torch.save(metric.trunk.state(), tmp_path / "trunk.pth")
    with pytest.raises(BappsmithError, match="do not fit net 'alex'"):
        LPIPS("alex", trunk_weights=0, head_weights=tmp_path / "trunk.pth")
    for name, bad in (("less", -0.1), ("nan", float("nan"))):
        spoilt = {**good, "lin4.model.1.weight": torch.full((1, 256, 1, 1), bad)}
        with pytest.raises(
            BappsmithError, match=r"lin4\.model\.1\.weight has values (below 0|that are NaN or infinite)"
        ):
            metric.load_heads(spoilt, name)
    assert metric.heads is None
    metric.load_heads(good, "good")
    assert metric.distance == "lpips"


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


@pytest.mark.parametrize("net", EACH_NET)
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

"""What several test folders need: photographs, banks and a finished dataset, made on the spot."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from bappsmith.distortions import registry
from bappsmith.distortions.cnn.bank import FORMAT, INDEX
from bappsmith.distortions.cnn.spec import spec
from bappsmith.manifests.forms.form import FORMS
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.sealed_json import read_sealed, sealed_bytes
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.manifests.store.local import LocalStore
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.generate import generate

from . import ncnn_models
from .hub_server import OWNER, Hub

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Read when torch is imported, which nothing above does: threads that wait for each other leave the core to others.
# Several processes of tests on few cores take a third of the time by this.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Repeatable: a change fails for what it changed. `pytest --hypothesis-profile=default` looks for new examples.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
ROOT = Path(__file__).resolve().parent.parent
# `python -m pytest` puts the working directory first, where our folder lpips would hide the published package.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]


@pytest.fixture(autouse=True)
def registry_as_it_was() -> Iterator[None]:
    """Operators that a test registers are gone after it."""
    registry.operators()
    before = dict(registry._operators)
    yield
    registry._operators.clear()
    registry._operators.update(before)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the one in BAPPSMITH_CHROMIUM, the system's, or Playwright's own.

    Playwright runs an event loop in this thread. It ends with the module: other tests run loops of their own.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        system = os.environ.get("BAPPSMITH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        executable = system or playwright.chromium.executable_path
        if not Path(executable).exists():
            pytest.skip("no Chromium found: install it, or run `playwright install chromium`")
        arguments = ["--no-sandbox", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of three networks that nobody trained, in the form of one that was."""
    from safetensors.torch import save_file

    from bappsmith.distortions.cnn.corrupt import corrupt
    from bappsmith.distortions.cnn.nets.network import Autoencoder
    from bappsmith.distortions.cnn.reconstruct import reconstruct
    from bappsmith.distortions.patches import natural_patches

    patches = natural_patches(24)
    root = tmp_path_factory.mktemp("bank")
    (root / "networks").mkdir()
    networks = []
    drawn_specs = (spec(0, index, features=False) for index in range(100))
    # With noise, so that every parameter of every network has an effect; narrow ones, which are quick.
    chosen = [one for one in drawn_specs if one.corruption.endswith("noise") and one.first_width == 8]
    for number, drawn in enumerate(chosen[:3]):
        name = f"networks/{number:03d}.safetensors"
        network = Autoencoder(drawn).eval()
        save_file(network.state_dict(), root / name)
        corrupted = [corrupt(patch, drawn.corruption, drawn.amount, k) for k, patch in enumerate(patches)]
        levels = [(output + 1) * 127.5 for output in reconstruct(network, corrupted)]
        errors = [np.sqrt(np.mean((a - b) ** 2)) for a, b in zip(levels, patches, strict=True)]
        record = {"loss": 1.0, "error": float(np.median(errors)), "contrast": 1.0}
        entry = {"file": name, "sha256": sha256_file(root / name), "spec": drawn.to_json(), "record": record}
        networks.append(entry)
    index = {"format": FORMAT, "photographs": [], "networks": networks}
    (root / INDEX).write_bytes(sealed_bytes(index))
    return root


@pytest.fixture(scope="session")
def other_bank(bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second bank: the first without its last network."""
    root = shutil.copytree(bank, tmp_path_factory.mktemp("banks") / "other")
    index = read_sealed(LocalStore(root), INDEX)
    (root / INDEX).write_bytes(sealed_bytes({**index, "networks": index["networks"][:-1]}))
    return root


@pytest.fixture(scope="session")
def restoring_banks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Task → a bank of two networks that nobody trained, for every task that restores."""
    from safetensors.torch import save_file

    from bappsmith.distortions.cnn.nets.network import Autoencoder
    from bappsmith.distortions.cnn.task import all_tasks

    banks = {}
    for task in all_tasks():
        if task.distorts:
            continue
        root = banks[task.name] = tmp_path_factory.mktemp("banks") / task.name
        (root / "networks").mkdir(parents=True)
        networks = []
        for number in range(2):
            drawn, name = task.spec(0, number, 0, features=False, steps=(1, 1)), f"networks/{number:03d}.safetensors"
            save_file(Autoencoder(drawn).state_dict(), root / name)
            entry = {"file": name, "sha256": sha256_file(root / name), "spec": drawn.to_json()}
            networks.append({**entry, "record": {"loss": 1.0, "error": 10.0, "contrast": 1.0}})
        index = {"format": FORMAT, "task": task.name, "photographs": [], "networks": networks}
        (root / INDEX).write_bytes(sealed_bytes(index))
    return banks


@pytest.fixture(scope="session")
def ncnn_files() -> ModuleType:
    """Functions that write tiny models of ncnn."""
    return ncnn_models


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of five textured photographs of different shapes."""
    root = tmp_path_factory.mktemp("photos")
    for i, (height, width) in enumerate([(96, 128), (128, 96), (150, 150), (90, 200), (101, 103)]):
        rng = np.random.default_rng(i)
        coarse = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(root / f"photo{i}.png")
    return root


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> dict[str, Path]:
    """Form → a dataset of two shards of train, and a little val and JND; made as folders, and converted."""
    distort = {"operators": ["gaussian_blur", "jpeg", "contrast"]}
    subsets = [
        {"path": "2afc/train/a", "triplets": 520, "distort": distort},
        {"path": "2afc/val/a", "triplets": 6, "distort": distort},
        {"path": "jnd/val/a", "pairs": 5, "distort": distort},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    recipe = Recipe.from_dict({"name": "a", "seed": 3, "patch": 16, "sources": sources, "subsets": subsets})
    root = tmp_path_factory.mktemp("finished")
    generate(recipe, root / "folders")
    for form in FORMS:
        if form != "folders":
            convert(root / "folders", root / form, form)
    return {form: root / form for form in FORMS}


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, str]]:
    """A function: folder → path and sha256 of every file below it."""

    def hashes(root: Path) -> dict[str, str]:
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file()
        }

    return hashes


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A stand-in for the Hugging Face Hub, to which huggingface_hub talks with the token of an owner."""
    from huggingface_hub import constants

    home = tmp_path_factory.mktemp("hub")
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, server.address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", server.address)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "cache"))
    monkeypatch.setenv("HF_TOKEN", OWNER)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()

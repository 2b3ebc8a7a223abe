"""The same pixels whatever the processor's SIMD level, the libraries' settings and threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from bappsmith.distortions import operators

# Everything is hashed in a process of its own, because the libraries read these settings once.
HASHES = """
import hashlib, json, sys
import cv2
from bappsmith.distortions import Draws, operators
from bappsmith.distortions.patches import natural_patches
cv2.setNumThreads(int(sys.argv[1]))
patches = natural_patches(6) + natural_patches(2, size=131)
hashes = {}
for name, op in operators().items():
    if not op.portable or op.unavailable():
        continue  # the networks among them take ten times as long as all the others
    digest = hashlib.sha256()
    for i, patch in enumerate(patches):
        for level in (0.05, 0.3, 0.6, 1.0):
            digest.update(op(patch, op.sample(level, Draws(i))).tobytes())
    hashes[name] = digest.hexdigest()
print(json.dumps(hashes))
"""
CONTROL = """
import hashlib
import cv2
from bappsmith.distortions.patches import natural_patches
cv2.setNumThreads(1)
blurred = cv2.GaussianBlur(natural_patches(1)[0].astype("float32"), (0, 0), 1.3)
print(hashlib.sha256(blurred.tobytes()).hexdigest())
"""


def output(*arguments: str, **settings: str) -> str:
    """Run Python in an environment with further settings, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def hashes(threads: int = 1, **settings: str) -> dict[str, str]:
    return json.loads(output(HASHES, str(threads), **settings))


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return hashes()


def opencv_dispatches() -> list[str]:
    """SIMD levels that OpenCV chooses between at run time and this processor has."""
    words = cv2.getCPUFeaturesLine().split()
    return [word.removeprefix("*") for word in words if word.startswith("*") and not word.endswith("?")]


def numpy_dispatches() -> list[str]:
    """SIMD levels that numpy chooses between at run time and this processor has."""
    return list(np.show_config(mode="dicts")["SIMD Extensions"]["found"])  # pyright: ignore[reportOptionalSubscript, reportIndexIssue]


def differing(here: dict[str, str], there: dict[str, str]) -> list[str]:
    portable = [name for name, op in operators().items() if op.portable and not op.unavailable()]
    assert set(here) == set(there) == set(portable)
    return [name for name in portable if here[name] != there[name]]


@pytest.mark.slow
def test_portable_operators_do_not_follow_threads(here: dict[str, str]) -> None:
    assert differing(here, hashes(threads=4)) == []


@pytest.mark.slow
def test_portable_operators_do_not_follow_ipp(here: dict[str, str]) -> None:
    assert differing(here, hashes(OPENCV_IPP="disabled")) == []


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0, 2, 4])
def test_portable_operators_do_not_follow_opencvs_simd_level(here: dict[str, str], kept: int) -> None:
    dropped = opencv_dispatches()[kept:]
    if not dropped:
        pytest.skip(f"this processor or OpenCV has no SIMD level beyond {cv2.getCPUFeaturesLine()}")
    assert differing(here, hashes(OPENCV_CPU_DISABLE=",".join(dropped))) == []
    assert differing(here, hashes(OPENCV_CPU_DISABLE=",".join(dropped), OPENCV_IPP="disabled")) == []


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0, 1])
def test_portable_operators_do_not_follow_numpys_simd_level(here: dict[str, str], kept: int) -> None:
    dropped = numpy_dispatches()[kept:]
    if not dropped:
        pytest.skip("this processor or numpy has a single SIMD level")
    assert differing(here, hashes(NPY_DISABLE_CPU_FEATURES=" ".join(dropped))) == []


def test_the_settings_do_reach_the_libraries() -> None:
    if "AVX2" not in opencv_dispatches():
        pytest.skip("this processor or OpenCV has no AVX2 to switch off")
    # A blur of floats is known to follow them: if it did not, the tests above could not fail.
    assert output(CONTROL) != output(CONTROL, OPENCV_CPU_DISABLE=",".join(opencv_dispatches()))


def test_operators_that_run_networks_do_not_claim_to_be_portable() -> None:
    # Which kernels torch's convolutions run follows the processor (ONEDNN_MAX_CPU_ISA=SSE41 gives other pixels).
    assert [name for name, op in operators().items() if "torch" in op.libraries and op.portable] == []

"""Linear light and masks are the same whatever the processor's SIMD level."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

HASH = """
import hashlib
import numpy as np
from bappsmith.distortions import Draws, operator
from bappsmith.distortions.composite import Masked
from bappsmith.distortions.functional.light import _light_of_levels, _levels_of_light, to_linear, to_srgb
from bappsmith.distortions.patches import natural_patches
digest = hashlib.sha256(_light_of_levels().tobytes() + _levels_of_light().tobytes())
op = Masked("local", operator("jpeg"))
for key, patch in enumerate(natural_patches(12)):
    digest.update(op(patch, op.sample(0.8, Draws(key))).tobytes())
    digest.update(to_srgb(to_linear(patch) * np.float32(0.37)).tobytes())
print(digest.hexdigest())
"""


def digest(**settings: str) -> str:
    environment = {**os.environ, **settings}
    done = subprocess.run([sys.executable, "-c", HASH], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


@pytest.mark.slow
def test_light_and_masks_do_not_follow_simd_levels() -> None:
    levels = list(np.show_config(mode="dicts")["SIMD Extensions"]["found"])
    if not levels:
        pytest.skip("this processor or numpy has a single SIMD level")
    assert digest() == digest(NPY_DISABLE_CPU_FEATURES=" ".join(levels))
    # glibc's powers too come in several versions; other C libraries do not know this setting.
    assert digest() == digest(GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F")

"""Set how exactly a GPU computes convolutions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def full_precision() -> Iterator[None]:
    """Let convolutions on a GPU use all digits of float32. Restore torch's setting afterwards.

    torch's default is TF32, with 11 binary digits. It changes distances by up to 4 %: those of CPU and GPU differ.
    """
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before

"""Run torch code with keyed draws."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError


@contextmanager
def keyed_torch(seed: int) -> Generator[None, None, None]:
    """Seed torch's generator of the CPU, without gradients and on one thread; put everything back afterwards.

    With more threads, sums have another order and so other last bits.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def array_of(result: object, name: str) -> NDArray[Any]:
    """Return what the transform of the operator `name` returned, as an array.

    Raises:
        BappsmithError: it is not a tensor.
    """
    import torch

    if not isinstance(result, torch.Tensor):
        raise BappsmithError(f"operator '{name}': the transform must return a tensor, found {type(result).__name__}")
    return result.detach().cpu().numpy()

"""Run torch code with keyed draws."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


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

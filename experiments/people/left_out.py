"""Measure what heads learn for types of distortion that no label has seen: KADID-10k's own types, in four folds.

    python experiments/people/left_out.py --photos ~/photos --scores kadid_dmos_by_type_level.csv \
        --trunk-weights alexnet.pth --form local --form covariance

Patches of 64 px are cut from KADID-10k's types on photographs of training. A pair of them at one place is judged by the
means of its two cells: p1 is preferred with probability Φ((mean1 - mean0) / (√2 · .5)), Thurstone's case V. For every
fold of types (`measure.FOLDS`), heads are trained on pairs of which neither type is in the fold, and measured on pairs
of cells that are both in it, on photographs of no training.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from cells import OF_THE_WHOLE, Scores, cells, held_out, middle, read_scores, window
from command_line import run_script
from kadid_types import TYPES, distort
from measure import FOLDS, count_pairs, interval, same_fold
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor

from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.forms import check_forms, split
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.training.losses import ordering_loss, vote_loss
from bappsmith.lpips.training.rank import RankNet
from bappsmith.pipeline.sources.decode import decode_file

SIDE, NOISE, FLAT = 64, 0.5, 6.0
"""Side of patches, px; noise of an observer, points; standard deviation below which a place is left out, levels."""
STEPS, BATCH, RATE, ORDERING = 2000, 50, 1e-3, 10.0
FOLD = np.array([next(k for k, names in enumerate(FOLDS) if name in names) for name in TYPES])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="CSV with name, level, generator_param, mean_dmos")
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--net", default="alex")
    parser.add_argument("--form", action="append", required=True, help="of the metric; repeatable")
    parser.add_argument("--count", type=int, default=16, help="photographs to measure on")
    parser.add_argument("--skip", type=int, default=0, help="photographs of the keyed order to leave out before these")
    parser.add_argument("--training", type=int, default=64, help="photographs of training, after the first 32")
    parser.add_argument("--pairs", type=int, default=28, help="pairs at each of the 12 places of a photograph")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    scores = read_scores(options.scores)
    metric = LPIPS(options.net, trunk_weights=options.trunk_weights, forms=check_forms(options.form))
    untrained = LPIPS(options.net, trunk_weights=options.trunk_weights)
    photos = held_out(options.photos, options.count, options.skip)
    measured = [cell_columns(each, options.photos, photos, scores) for each in (metric, untrained)]
    baseline = measured[1].sum(axis=3)
    training = held_out(options.photos, options.training, 32)
    parts = [pair_columns(metric, options.photos / photo, photo, scores, options.pairs) for photo in training]
    cell0, cell1 = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    columns = torch.cat([part[2] for part in parts])
    print(f"{len(columns):,} pairs of {options.training} photographs; forms {', '.join(metric.forms)}")
    print("| seed | pairs within a fold, % | less untrained |\n|---|---|---|")
    for seed in range(options.seeds):
        distances = np.empty(baseline.shape)
        for fold in range(len(FOLDS)):
            seen = (FOLD[cell0[:, 0]] != fold) & (FOLD[cell1[:, 0]] != fold)
            gap = scores.means[tuple(cell1[seen].T)] - scores.means[tuple(cell0[seen].T)]
            judged = torch.from_numpy(norm.cdf(gap / (2**0.5 * NOISE))).float()
            fit(metric, columns[torch.from_numpy(seen)], judged, seed)
            with torch.inference_mode():
                of_fold = torch.from_numpy(measured[0][:, fold == FOLD]).flatten(0, 2)
                weighed = metric.weigh(of_fold).numpy().reshape(len(photos), -1, scores.means.shape[1])
            distances[:, fold == FOLD] = weighed
        pairs, theirs = (count_pairs(each, scores.means, same_fold()) for each in (distances, baseline))
        ours, less = interval(pairs), interval(pairs, theirs)
        print(
            f"| {seed} | {ours.value:.1f} ({ours.low:.1f} … {ours.high:.1f}) "
            f"| {less.value:+.1f} ({less.low:+.1f} … {less.high:+.1f}) |",
            flush=True,
        )


def fit(metric: LPIPS, columns: Tensor, judged: Tensor, seed: int) -> None:
    """Train new heads on the columns of pairs, N×2×K, and the probabilities of a vote for p1, shape (N,)."""
    generator = torch.Generator().manual_seed(seed)
    metric.start_heads("lpips", generator)
    with torch.no_grad():
        metric.scale_forms(columns[: 20 * BATCH].flatten(0, 1), trained=False)
    rank = RankNet(generator)
    optimiser = torch.optim.Adam([*metric.head_parameters(), *rank.parameters()], lr=RATE, betas=(0.5, 0.999))
    ones, zeros = torch.ones(BATCH), torch.zeros(BATCH)
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = RATE * min(1.0, 2 * (1 - step / STEPS))
        rows = torch.randint(len(columns), (BATCH,), generator=generator)
        d0, d1 = metric.weigh(columns[rows].flatten(0, 1)).view(-1, 2).unbind(1)
        loss = vote_loss(rank(d0, d1), judged[rows], ones, zeros)
        if two_afc_scores(d0.detach(), d1.detach(), judged[rows]).mean() <= 0.5:
            loss = loss + ORDERING * ordering_loss(d0, d1, judged[rows], ones)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        metric.clamp_heads()


def cell_columns(metric: LPIPS, folder: Path, photos: Sequence[str], scores: Scores) -> NDArray[np.float32]:
    """Compute the input of the heads for all cells; shape (photographs, 24, 5, K)."""
    rows = [
        columns_of(metric, cell.reference[None], cell.distorted[None])[0].numpy()
        for cell in cells(folder, photos, scores)
    ]
    return np.stack(rows).reshape(len(photos), *scores.means.shape, -1)


def pair_columns(
    metric: LPIPS, path: Path, photo: str, scores: Scores, pairs: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Tensor]:
    """Compute pairs of cells at every place of a photograph.

    Returns:
        Type and level (from 0) of both cells of each pair, N×2 each, and the input of the heads, N×2×K.
    """
    whole = window(decode_file(path), photo)
    reference = middle(whole)
    rng = np.random.default_rng(list(photo.encode()))
    made: dict[tuple[int, int], NDArray[np.uint8]] = {}
    chosen: list[list[tuple[int, int]]] = []
    patches: list[list[NDArray[np.uint8]]] = []
    for place in places(reference):
        for _ in range(pairs):
            both = [(int(rng.integers(len(TYPES))), int(rng.integers(scores.means.shape[1]))) for _ in range(2)]
            for row, level in both:
                if (row, level) not in made:
                    source = whole if TYPES[row] in OF_THE_WHOLE else reference
                    distorted = distort(source, TYPES[row], scores.parameters[row, level], rng)
                    made[row, level] = middle(distorted) if TYPES[row] in OF_THE_WHOLE else distorted
            if reference[place].std() >= FLAT:
                chosen.append(both)
                patches.append([reference[place], *(made[cell][place] for cell in both)])
    images = np.array(patches)
    columns = torch.stack([columns_of(metric, images[:, 0], images[:, side]) for side in (1, 2)], dim=1)
    return np.array([both[0] for both in chosen]), np.array([both[1] for both in chosen]), columns


def places(image: NDArray[np.uint8]) -> Iterator[tuple[slice, slice]]:
    """Yield the places of patches in a grid."""
    for y in range(0, image.shape[0] - SIDE + 1, SIDE):
        for x in range(0, image.shape[1] - SIDE + 1, SIDE):
            yield slice(y, y + SIDE), slice(x, x + SIDE)


def columns_of(metric: LPIPS, references: NDArray[np.uint8], distorted: NDArray[np.uint8]) -> Tensor:
    """Compute the input of the heads for pairs of images, uint8 N×H×W×3 each: N×K."""
    images = torch.from_numpy(np.concatenate([references, distorted])).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        first, second = split(metric.features(images), [len(references), len(distorted)])
        return metric.differences(first, second).clone()


if __name__ == "__main__":
    run_script(main)

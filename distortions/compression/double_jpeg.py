"""Double JPEG."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.jpeg_codec import BLOCKS, SAMPLING, jpeg_coded, phase_of
from bappsmith.distortions.parameters import Flag, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BEST = 98
"""Quality that the better compression reaches at most."""


@register
class DoubleJpeg(Distortion):
    """Two baseline JPEGs one after the other, with different qualities, grids and resolutions of chroma.

    Pictures that were cropped and stored again look like that. Severity is the quality of the worse compression. The
    other one is better by a drawn share of the way to 98, and comes first or second.
    """

    source = "Wang et al. 2021 (Real-ESRGAN), JPEG in both orders of degradation; range ours"
    quality = Severity(mild=97.0, severe=4.0, unit="of 100, on libjpeg's scale", scale="log", whole=True)
    better = Nuisance(0.0, 1.0, unit="of the way from the quality to 98, for the other compression")
    worse_first = Flag("the worse compression comes first")
    first_sampling = SAMPLING
    first_row_phase = phase_of("first_sampling")
    first_column_phase = phase_of("first_sampling")
    second_sampling = SAMPLING
    second_row_phase = phase_of("second_sampling")
    second_column_phase = phase_of("second_sampling")

    def margin(self, side: int, params: Params) -> int:
        """Return what the blocks on the border can lack, for one compression around the other."""
        return BLOCKS[str(params["first_sampling"])] + BLOCKS[str(params["second_sampling"])] - 2

    def apply(
        self,
        view: View,
        *,
        quality: int,
        better: float,
        worse_first: bool,
        first_sampling: str,
        first_row_phase: int,
        first_column_phase: int,
        second_sampling: str,
        second_row_phase: int,
        second_column_phase: int,
    ) -> Image:
        """Compress the patch with what the second compression needs around it, then the patch.

        The patch starts `first_row_phase`, `first_column_phase` and so on px after a block.
        """
        other = max(quality, round(quality + better * (_BEST - quality)))
        first, second = (quality, other) if worse_first else (other, quality)
        block, around = BLOCKS[first_sampling], BLOCKS[second_sampling] - 1
        once = on_grid(
            View(view.image, view.margin - around, view.patch),
            block,
            ((first_row_phase - around) % block, (first_column_phase - around) % block),
            lambda whole: jpeg_coded(whole, first, first_sampling),
        )
        return on_grid(
            View(once, around, view.patch),
            BLOCKS[second_sampling],
            (second_row_phase, second_column_phase),
            lambda whole: jpeg_coded(whole, second, second_sampling),
        )

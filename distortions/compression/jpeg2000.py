"""JPEG 2000."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.pillow_codec import pillow_coded, pillow_lacks
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_LEVELS = 4
"""Times that the wavelet transform halves the image."""
_PERIOD = 2**_LEVELS
"""Px from one coefficient of the coarsest level to the next."""


@register
class Jpeg2000(Distortion):
    """JPEG 2000: wavelet coefficients (9/7, irreversible) are left out until an error of so many decibels is reached.

    The result is blurred where the picture is smooth, and rings along edges; there are no blocks. Rates in bits per
    pixel would count the headers of a small image, so the encoder is given the peak signal-to-noise ratio over the
    coded region. The coefficients stand on a grid, whose position is drawn. The transform goes on around the patch.

    It is not portable: OpenJPEG transforms in floating point, by instructions that are chosen when it is compiled.
    """

    portable = False
    source = "Lin, Hosu and Saupe 2019 (KADID-10k), JPEG2000; Ponomarenko et al. 2015 (TID2013), type 11; range ours"
    psnr = Severity(mild=40.0, severe=22.0, unit="dB")
    row_phase = Nuisance(0, _PERIOD - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _PERIOD - 1, unit="px", whole=True)

    def unavailable(self) -> str | None:
        """Say so if Pillow was built without OpenJPEG."""
        return pillow_lacks("jpg_2000", "JPEG 2000")

    def margin(self, side: int, params: Params) -> int:
        """Return one coefficient of the coarsest level on each side, and what the drawn position takes."""
        return 2 * _PERIOD - 1

    def apply(self, view: View, *, psnr: float, row_phase: int, column_phase: int) -> Image:
        """Compress to `psnr`; the patch starts `row_phase` and `column_phase` px after a coefficient."""
        phase = row_phase, column_phase
        return on_grid(view, _PERIOD, phase, lambda whole: _coded(whole, psnr), guard=_PERIOD)

    def library_call(self, image: Image, params: Params) -> Image:
        """Compress with Pillow alone."""
        return _coded(image, float(params["psnr"]))


def _coded(image: Image, psnr: float) -> Image:
    return pillow_coded(
        image,
        "JPEG2000",
        no_jp2=True,
        quality_mode="dB",
        quality_layers=[psnr],
        irreversible=True,
        mct=1,
        num_resolutions=_LEVELS + 1,
    )

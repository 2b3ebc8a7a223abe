"""The base class of operators that encode a single frame of video."""

from __future__ import annotations

from typing import ClassVar

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.intra_frame import encoder_lacks, intra_coded
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


class VideoCodec(Distortion):
    """An operator that encodes the patch as one intra frame, 4:2:0, in blocks that start anywhere.

    A subclass declares `quantizer`, `row_phase` and `column_phase`, and defines `options`.

    Attributes:
        encoder: FFmpeg's name of the encoder.
        decoder: FFmpeg's name of the decoder.
        block: side in px of the blocks that are encoded together.
        unit: what sides of the encoded image must be divisible by, px; None: the blocks' side.
    """

    libraries = ("av",)
    encoder: ClassVar[str]
    decoder: ClassVar[str]
    block: ClassVar[int]
    unit: ClassVar[int | None] = None

    def options(self, quantizer: int) -> dict[str, str]:
        """Return the options of the encoder."""
        raise NotImplementedError

    def unavailable(self) -> str | None:
        """Say so if PyAV or its encoder is missing."""
        return encoder_lacks(self.encoder)

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack: all but one pixel."""
        return self.block - 1

    def apply(self, view: View, *, quantizer: int, row_phase: int, column_phase: int) -> Image:
        """Encode; the patch starts `row_phase` and `column_phase` px after the first block."""
        options = self.options(quantizer)
        phase = row_phase, column_phase

        def coded(whole: Image) -> Image:
            return intra_coded(whole, self.encoder, self.decoder, options)

        return on_grid(view, self.block, phase, coded, unit=self.unit)

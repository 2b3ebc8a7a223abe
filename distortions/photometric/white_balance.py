"""White balance."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import multiply_light
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register

_DAYLIGHT = 1e6 / 6504
"""Reciprocal colour temperature of D65's correlated temperature, mired."""
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_XYZ_TO_RGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
"""IEC 61966-2-1."""


def planckian_rgb(mired: float) -> tuple[float, float, float]:
    """Return the colour of a black body in linear sRGB, of luminance 1, by the approximation of Krystek 1985.

    Args:
        mired: a million over the temperature in K; 67 to 1000.
    """
    t = 1e6 / mired
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (1 + 8.42420235e-4 * t + 7.08145163e-7 * t * t)
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (1 - 2.89741816e-5 * t + 1.61456053e-7 * t * t)
    # CIE 1960 u, v to X and Z at Y = 1.
    x, z = 1.5 * u / v, (4 - u - 10 * v) / (2 * v)
    red, green, blue = (row[0] * x + row[1] + row[2] * z for row in _XYZ_TO_RGB)
    return red, green, blue


@register
class WhiteBalance(Distortion):
    """A wrong white balance: the scene turns orange or blue, as daylight film under a lamp, or the other way round.

    Linear light of each channel is multiplied by a gain (von Kries, in sRGB's primaries, as cameras do in theirs).
    "warm" is the light of a black body of 154 mired (6504 K, daylight) + shift under a balance for 154 mired; "cool" is
    the reverse. The luminance of grey stays. The severe end, candlelight under a balance for daylight, has a damage of
    about 2.5; a lamp below 2000 K has no blue light in sRGB.
    """

    source = "von Kries 1902, scaled channels; Krystek 1985, Planckian locus; range ours"
    shift = Severity(mild=6.0, severe=330.0, unit="mired", scale="log")
    direction = Choice(("warm", "cool"), unit="towards orange, or towards blue")

    def apply(self, image: Image, *, shift: float, direction: str) -> Image:
        """Multiply the channels by the quotients of both lights' colours."""
        lamp, daylight = planckian_rgb(_DAYLIGHT + shift), planckian_rgb(_DAYLIGHT)
        light, balance = (lamp, daylight) if direction == "warm" else (daylight, lamp)
        gains = [of_light / of_balance for of_light, of_balance in zip(light, balance, strict=True)]
        luminance = sum(weight * gain for weight, gain in zip(_LUMINANCE, gains, strict=True))
        return multiply_light(image, [gain / luminance for gain in gains])

"""The base classes of algorithms that deblur a blurred patch."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Choice, Nuisance, PerValue, Severity, SubSeed
from bappsmith.manifests.schema.call import Params

from .kernel import radius

_AROUND = 32
"""Px around the patch that algorithms use."""


class Deblurring(Distortion):
    """Blur a patch by motion or defocus in linear light, add noise, and deblur it.

    Severity decides the extent of the blur. Angle and noise are drawn freely. The parameters of all algorithms are
    declared alike, so pairing `same-degradation` gives two of them the same blurred patch. How much is lost depends on
    the algorithm: equal severities do not mean equal disturbance.

    It is not portable: numpy's products of complex numbers change with the processor's SIMD level.
    """

    calibrated = False
    portable = False
    libraries = ("scipy",)
    degradation = ("kind", "extent", "angle", "noise", "sub_seed")
    kind = Choice(("motion", "defocus"), unit="kind of blur")
    extent = PerValue(
        "kind",
        {
            "motion": Severity(mild=3.0, severe=14.0, unit="px along the motion", scale="log"),
            "defocus": Severity(mild=2.0, severe=8.0, unit="px of diameter", scale="log"),
        },
    )
    angle = Nuisance(0.0, 180.0, unit="degrees, of the motion")
    noise = Nuisance(0.3, 2.5, unit="levels (standard deviation)")
    sub_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the radius of the kernel, and what algorithms use around the patch. All return the same.

        So two algorithms get the same pixels, and the same noise.
        """
        return radius(params["extent"]) + _AROUND

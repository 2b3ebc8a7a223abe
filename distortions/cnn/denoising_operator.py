"""The base class of operators that distort with a denoising autoencoder of a bank."""

from __future__ import annotations

from bappsmith.distortions.parameters import Parameter, Severity

from .bank import Network
from .bank_operator import BankOperator
from .network_choice import NetworkChoice

PAPER = "Zhang et al. 2018, Section 2.1 and supplementary table of CNN-based distortions"


class DenoisingOperator(BankOperator):
    """An operator that distorts with one of the denoising autoencoders of a bank.

    Severity sets the level of the disturbance. A network with at least this error is drawn, and its output is blended
    with the image down to the level. So severe images come from bad networks, and no output is exaggerated.
    """

    task = "denoise"
    level = Severity(mild=3.0, severe=27.0, unit="levels of root mean square error")

    def network_parameter(self) -> Parameter:
        """Return the choice among networks whose error reaches the level."""
        return NetworkChoice({network.id: network.error for network in self.networks.values()})


def weight_of(network: Network, level: float) -> float:
    """Return the weight of a network's output in the result: level / error, at most 1.

    Args:
        network: of a bank.
        level: of the disturbance, in levels of 255.
    """
    return min(1.0, level / network.error)

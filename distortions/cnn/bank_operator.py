"""The base class of operators that draw from a bank."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Severity

from .bank import Bank, Network
from .network_choice import NetworkChoice

PAPER = "Zhang et al. 2018, Section 2.1 and supplementary table of CNN-based distortions"


class BankOperator(Distortion):
    """An operator that draws one of a bank's networks. A subclass defines how the network is used.

    Severity sets the level of the disturbance. A network with at least this error is drawn, and its output is blended
    with the image down to the level. So severe images come from bad networks, and no output is exaggerated.

    Args:
        bank: the networks.
        name: of the operator; default: the name of the class.

    Attributes:
        bank: the networks.
        networks: id → network; the id is the value of the parameter `network`.
    """

    libraries = ("torch",)
    portable = False
    level = Severity(mild=3.0, severe=27.0, unit="levels of root mean square error")

    def __init__(self, bank: Bank, name: str = "") -> None:
        self.bank = bank
        self.networks = {network.id: network for network in bank.networks}
        self.name = name or type(self).name
        errors = {network.id: network.error for network in bank.networks}
        self.parameters = {**type(self).parameters, "network": NetworkChoice(errors)}
        self.content = bank.sha256
        self.learnt_from = bank.photographs


def weight_of(network: Network, level: float) -> float:
    """Return the weight of a network's output in the result: level / error, at most 1.

    Args:
        network: of a bank.
        level: of the disturbance, in levels of 255.
    """
    return min(1.0, level / network.error)

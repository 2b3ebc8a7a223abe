"""The base class of operators that draw from a bank."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Choice

from .bank import Bank

PAPER = "Zhang et al. 2018, Section 2.1 and supplementary table of CNN-based distortions"


class BankOperator(Distortion):
    """An operator that draws one of a bank's networks. A subclass defines how the network is used.

    Args:
        bank: the networks.
        name: of the operator; default: the name of the class.

    Attributes:
        bank: the networks.
        networks: id → network; the id is the value of the parameter `network`.
    """

    libraries = ("torch",)
    portable = False

    def __init__(self, bank: Bank, name: str = "") -> None:
        self.bank = bank
        self.networks = {network.id: network for network in bank.networks}
        self.name = name or type(self).name
        self.parameters = {**type(self).parameters, "network": Choice(tuple(self.networks), "network of the bank")}
        self.content = bank.sha256
        self.learnt_from = bank.photographs

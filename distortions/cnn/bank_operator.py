"""What the operators of a bank share."""

from __future__ import annotations

from typing import ClassVar

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Choice

from .bank import Bank

PAPER = "Zhang et al. 2018, Section 2.1 and supplementary table of CNN-based distortions"


class BankOperator(Distortion):
    """An operator that draws one of a bank's networks; a subclass says how it is used.

    Args:
        bank: the networks.
        name: of the operator; default: that of the class.

    Attributes:
        bank: the networks.
        networks: the same by id, the value of the parameter `network`.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    portable = False

    def __init__(self, bank: Bank, name: str = "") -> None:
        self.bank = bank
        self.networks = {network.id: network for network in bank.networks}
        self.name = name or type(self).name
        self.parameters = {**type(self).parameters, "network": Choice(tuple(self.networks), "network of the bank")}
        self.content = bank.sha256
        self.learnt_from = bank.photographs

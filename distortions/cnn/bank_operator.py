"""The base class of operators that draw from a bank."""

from __future__ import annotations

from typing import ClassVar

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Choice, Parameter
from bappsmith.manifests.errors import BappsmithError

from .bank import Bank


class BankOperator(Distortion):
    """An operator that draws one of a bank's networks. A subclass defines how the network is used.

    Args:
        bank: the networks.
        name: of the operator; default: the name of the class.

    Attributes:
        task: of the banks that it can draw from.
        bank: the networks.
        networks: id → network; the id is the value of the parameter `network`.

    Raises:
        BappsmithError: the bank is of another task.
    """

    libraries = ("torch",)
    portable = False
    task: ClassVar[str]

    def __init__(self, bank: Bank, name: str = "") -> None:
        self.name = name or type(self).name
        if bank.task != self.task:
            raise BappsmithError(
                f"operator '{self.name}' needs a bank of task {self.task}, and {bank.root} is of task {bank.task}; "
                f"make one with bappsmith bank train --task {self.task}"
            )
        self.bank = bank
        self.networks = {network.id: network for network in bank.networks}
        self.parameters = {**type(self).parameters, "network": self.network_parameter()}
        self.content = bank.sha256
        self.learnt_from = bank.photographs

    def network_parameter(self) -> Parameter:
        """Return the declaration of the parameter `network`: here each network is equally likely."""
        return Choice(tuple(self.networks), unit="network of the bank")

"""The base class of judges: settings, what it measures of items, and the preference that it derives."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import ndtr

from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.recipe.strict import Strict
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind

from .judged_items import JudgedItems

Figures: TypeAlias = Mapping[str, NDArray[np.float64]]
"""What a judge measured of N items: name → float64, shape (N,) or (N, K). 2AFC: column 0 is p0's, column 1 p1's."""


Need = Literal["chains", "pixels", "answers"]


class Judge(Strict):
    """Base of every judge. A subclass declares its settings as fields, and defines `measure` and `prefer`.

    A judge has no random state. `measure` looks at some items at a time, on any worker. `prefer` turns figures into
    signed preferences. Another part makes probabilities and votes of these, so that a judge says nothing of chance.

    Attributes:
        name: of the judge in recipes; default: the class name in snake_case.
        kinds: kinds of subsets that it can judge.
        needs: what `measure` reads of items besides severities and names of operators: "chains" (every parameter),
            "pixels", "answers" (other labellings). What is not named here is not loaded.
        learns: whether `prefer` needs all items of a subset at once. Such a judge cannot judge while a dataset is
            made; `bappsmith judge` uses it on a finished one.
        votes: number of votes per item, at most 1,000; 0: the judgment is the probability itself.
        band: 2AFC: pairs that nobody can tell apart, with a probability within this distance of 1/2, are dropped;
            0: none is.
    """

    name: ClassVar[str] = ""
    kinds: ClassVar[tuple[Kind, ...]] = ("2afc",)
    needs: ClassVar[frozenset[Need]] = frozenset()
    learns: ClassVar[bool] = False

    votes: int = Field(default=0, ge=0, le=1000)
    band: float = Field(default=0.0, ge=0, lt=0.5)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Name the judge; see pydantic."""
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def inner(self) -> tuple[Judge, ...]:
        """Judges that this one asks. Its needs, kinds and files follow them; their votes and bands play no part."""
        return ()

    @property
    def reads(self) -> frozenset[Need]:
        """What `measure` reads, with all that inner judges read."""
        return self.needs.union(*(judge.reads for judge in self.inner))

    @property
    def asks(self) -> frozenset[str]:
        """Names of labellings whose answers `measure` reads, with those of inner judges."""
        return frozenset[str]().union(*(judge.asks for judge in self.inner))

    @property
    def able(self) -> tuple[Kind, ...]:
        """Kinds of subsets that this judge and all inner judges can judge."""
        return tuple(kind for kind in self.kinds if all(kind in judge.able for judge in self.inner))

    @property
    def learning(self) -> bool:
        """Whether this judge or an inner one learns from a whole subset."""
        return self.learns or any(judge.learning for judge in self.inner)

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse a subset for whose judgments the judge has no basis. The default refuses what inner judges refuse.

        Args:
            subset: of the recipe, to judge by its pairing and for errors.
            drawn: names of the operators that can be drawn.

        Raises:
            BappsmithError: naming the subset, the judge and what is missing.
        """
        for judge in self.inner:
            judge.check(subset, drawn)

    def measure(self, items: JudgedItems) -> Figures:
        """Measure what the judge judges from. Figures of an item must not depend on other items.

        Args:
            items: some items of one subset.

        Returns:
            Finite numbers, for every item. A labelling shows them, but those whose names start with "_".
        """
        raise NotImplementedError

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return signed preferences, float64, shape (N,).

        2AFC: above 0: p1 is the closer one. JND: above 0: the patches look the same. The unit is the standard deviation
        of one observer's noise, see `probability`.

        Args:
            figures: of N items; of all items of a subset, if the judge `learns`.
            kind: of the subset.
        """
        raise NotImplementedError

    def probability(self, preferences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of one vote for p1, or for "the same": Φ(preference), shape (N,).

        Thurstone 1927, case V: observers see the difference with normal noise. A judge without noise overrides this.
        """
        return ndtr(preferences)

    def drop(self, figures: Figures, kind: Kind) -> tuple[str, ...] | None:
        """Return why items are not worth a label, N texts that are empty for items that are; None: all are."""
        return None

    def report(self, figures: Figures, kind: Kind) -> dict[str, float]:
        """Return what the judge learnt from a subset, name → number. The labelling shows it.

        Args:
            figures: as for `prefer`.
            kind: of the subset.
        """
        return {}

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that the judge itself reads, such as weights. Their hashes belong to what is judged from."""
        return ()

    @property
    def spec(self) -> JudgeSpec:
        """The judge as in a recipe, with all settings."""
        return JudgeSpec.model_validate({"kind": self.name, **self.model_dump(mode="json")})


def certain(preferences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for preferences above 0, 0 below, and 1/2 at 0: the probability of judges without noise."""
    return np.heaviside(preferences, 0.5)

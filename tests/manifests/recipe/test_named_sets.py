"""Named sets: found by themselves, each operator known and named once."""

from __future__ import annotations

import pytest

from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.named_sets import named_set, named_sets


@pytest.mark.parametrize("name", named_sets())
def test_every_set_names_known_operators_once(name: str):
    names = named_set(name)
    assert len(set(names)) == len(names) > 0
    assert set(names) <= set(operators())


def test_the_sets_of_publications_have_their_sizes():
    # Zhang et al. 2018, Table 2; Pihlgren et al. 2023.
    assert len(named_set("bapps-traditional")) == 20
    assert len(named_set("contexts")) == 6


@pytest.mark.parametrize("name", ["bapps-tradtional", "../shipped/bapps", "a\nb"])
def test_an_unknown_set_is_refused_in_one_line(name: str):
    with pytest.raises(BappsmithError, match=r"unknown set .*bapps-traditional, .*tid2013\.$") as refused:
        named_set(name)
    assert str(refused.value).isprintable()

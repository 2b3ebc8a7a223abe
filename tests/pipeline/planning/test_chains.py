"""Which chains a recipe allows."""

from __future__ import annotations

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.planning.chains import allowed_chains


def test_chains_of_one_and_two_leave_out_excluded_pairs():
    names = ["gaussian_blur", "gaussian_white_noise", "pink_noise"]
    recipe = Recipe.from_dict(
        {
            "name": "x",
            "subsets": [
                {
                    "path": "2afc/train/a",
                    "triplets": 9,
                    "distort": {
                        "operators": names,
                        "exclude_pairs": [["noise", "noise"], ["blur", "pink_noise"]],
                    },
                }
            ],
        }
    )
    chains = allowed_chains(recipe.subsets[0].distort, "x")
    assert chains[1] == (("gaussian_blur",), ("gaussian_white_noise",), ("pink_noise",))
    assert set(chains[2]) == {
        ("gaussian_blur", "gaussian_white_noise"),
        ("gaussian_white_noise", "gaussian_blur"),
        ("pink_noise", "gaussian_blur"),
    }


def test_bapps_traditional_composes_20_operators_to_308_pairs():
    # Zhang et al. 2018: "20 distortions and 308 sequentially composed".
    chains = allowed_chains(Recipe.load("bapps-traditional").subsets[0].distort, "x")
    assert {length: len(found) for length, found in chains.items()} == {1: 20, 2: 308}

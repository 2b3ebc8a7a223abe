"""Triplets of a recipe, made on request. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bappsmith.distortions.plugins import load_plugin
from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.subset import Item, Items

from .planning.plan import Planner
from .planning.provenance import check_banks
from .rendering.render import render
from .shard import judge_planned
from .sources.decoded import DecodedPhotographs
from .sources.index import index_sources


class TripletStream(Items):
    """One subset of a recipe, made item by item. Pixels and judgments are those that `generate` writes.

    It has no random state: item `i` is the same in any order, process and thread. A torch DataLoader can use it with
    any number of workers.

    Args:
        recipe: a recipe, the path of one, or the name of one that ships.
        photos: a folder, a glob or `samples`, in place of the recipe's `sources.path`.
        subset: path of the subset; needed only if the recipe has several.
        plugins: files with your own operators, and folders of banks.

    Attributes:
        name: path of the subset.
        kind: "2afc" or "jnd".

    Raises:
        BappsmithError: the recipe is not valid or has several subsets, a photograph cannot be read, or an operator is
            unknown.

    Examples:
        >>> import bappsmith
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> stream = bappsmith.TripletStream(recipe)
        >>> len(stream), sorted(stream[2].images), stream[2].images["p0"].dtype
        (3, ['p0', 'p1', 'ref'], dtype('uint8'))
    """

    def __init__(
        self,
        recipe: Recipe | str | Path,
        photos: str | Path | None = None,
        *,
        subset: str | None = None,
        plugins: Sequence[str | Path] = (),
    ) -> None:
        recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
        if photos is not None:
            recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": str(photos)})})
        for plugin in plugins:
            load_plugin(plugin)
        by_path = {subset_recipe.path: subset_recipe for subset_recipe in recipe.subsets}
        if subset is None and len(by_path) > 1:
            raise BappsmithError(f"recipe {recipe.name} has several subsets; give one of {', '.join(by_path)}")
        path = subset or next(iter(by_path))
        if path not in by_path:
            raise unknown_name(f"subset of recipe {recipe.name}", path, by_path)
        sources = index_sources(recipe.sources)
        self._planner = Planner(recipe, by_path[path], sources.photographs)
        check_banks([self._planner])
        self._photographs = DecodedPhotographs(sources)
        self.name, self.kind = path, by_path[path].where.kind

    def __len__(self) -> int:
        return self._planner.subset.count

    def _item(self, position: int) -> Item:
        record = self._planner.plan(position)
        rendered = render([record], self._photographs.read)
        labels = judge_planned(self._planner, [record], rendered)
        return Item(f"{position:06d}", dict(rendered[0].images), float(labels.shares[0]))

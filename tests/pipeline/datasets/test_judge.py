"""Judge a finished dataset again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judges import SeverityJudge
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name
from bappsmith.pipeline.datasets.judge import judge_dataset


@pytest.mark.parametrize("chain", ["{", "[1]", '[{"name": "jpeg"}]', "[" * 5000])
def test_a_manifest_with_a_damaged_chain_is_named(finished: dict[str, Path], tmp_path: Path, chain: str):
    root = shutil.copytree(finished["tar"], tmp_path / "damaged")
    manifest = root / manifest_name(SubsetPath.parse("2afc/train/a"))
    table = pq.read_table(manifest)
    column = table.schema.get_field_index("chain1")
    values = pa.array([chain, *table["chain1"].to_pylist()[1:]], table.schema.field("chain1").type)
    pq.write_table(table.set_column(column, table.schema.field("chain1"), values), manifest)
    with pytest.raises(BappsmithError, match=r"a.*\.parquet is damaged \(row 0: .*restore it from a copy") as refusal:
        judge_dataset(root, SeverityJudge(), "new")
    assert "\n" not in str(refusal.value)

"""Describe a dataset as Croissant 1.0 (MLCommons): JSON-LD that names its files, tables and columns for other tools."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from typing import Any

import pyarrow as pa

from bappsmith.manifests.forms.bapps import PACKED
from bappsmith.manifests.schema.subset_path import SubsetPath

from .plain_text import printable
from .run import Run

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context of the specification, https://docs.mlcommons.org/croissant/docs/croissant-spec.html."""
_FILES = {
    "folders": ("image/png", "{}/*/*"),
    "tar": ("application/x-tar", "{}/*.tar"),
    "packed": ("application/octet-stream", "{}/" + PACKED),
    "parquet": ("application/x-parquet", "{}/*.parquet"),
}
_MEANING = {
    "index": "position in the subset",
    "photo": "name of the photograph",
    "photo_sha256": "sha256 of the photograph's file",
    "crops": "candidate crops, [y, x, side] as JSON",
    "crop": "position of the chosen crop in crops",
    "patch": "side of a patch, px",
    "flat_below": "a crop with less contrast is skipped, levels of 255",
    "operators0": "operators of p0, in order",
    "operators1": "operators of p1, in order",
    "severity0": "total severity of p0",
    "severity1": "total severity of p1",
    "chain0": "operators of p0 with all parameters, as JSON",
    "chain1": "operators of p1 with all parameters, as JSON",
    "judgment": "2AFC: share of votes for p1; JND: share of votes for 'same'",
    "votes": "number of votes; 0 if a rule judged",
    "judge": "who judged, and from what, as JSON",
    "preference": "signed preference of a judge; above 0: p1 is closer (2AFC), or the patches look the same (JND)",
    "probability": "of one vote for p1 (2AFC) or for 'same' (JND)",
    "dropped": "why the item is not worth a label; empty: it is",
    "origin": "dataset where the item was first made, as JSON; empty if it is this one",
}


def croissant(run: Run, tables: dict[str, tuple[SubsetPath, str, str, pa.Schema]]) -> dict[str, Any]:
    """Build the JSON-LD of a dataset.

    Args:
        run: what the dataset was made from.
        tables: id of a record set → (its subset, file name of the table, its sha256 in hex, its columns). The id of a
            manifest is the path of its subset.

    Returns:
        JSON values, see https://docs.mlcommons.org/croissant/docs/croissant-spec.html.
    """
    recipe = run.recipe
    distribution: list[dict[str, Any]] = []
    records = []
    for record_set, (subset, name, digest, columns) in tables.items():
        table = f"{record_set}/table"
        distribution.append(
            {
                "@type": "cr:FileObject",
                "@id": table,
                "name": table,
                "contentUrl": name,
                "encodingFormat": "application/x-parquet",
                "sha256": digest,
            }
        )
        if record_set == str(subset):
            encoding, pattern = _FILES[run.form]
            items = f"{subset}/items"
            distribution.append(
                {
                    "@type": "cr:FileSet",
                    "@id": items,
                    "name": items,
                    "encodingFormat": encoding,
                    "includes": pattern.format(subset),
                }
            )
        records.append(
            {
                "@type": "cr:RecordSet",
                "@id": record_set,
                "name": record_set,
                "field": [_field(record_set, table, column) for column in columns],
            }
        )
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": recipe.name,
        "description": "A perceptual-similarity dataset in the BAPPS format. Its judgments are synthetic. "
        + _one_line(recipe.context),
        "license": _one_line(recipe.sources.license),
        "version": "1.0.0",
        "identifier": run.fingerprint(),
        "citeAs": f"{recipe.name}, made with bappsmith {run.versions['bappsmith']}, fingerprint {run.fingerprint()}",
        "distribution": distribution,
        "recordSet": records,
    }


def _one_line(text: str) -> str:
    """Put free text on one line. Line breaks could pass for markup, control characters for terminal commands."""
    return printable(" ".join(text.split()))


def _field(record_set: str, table: str, column: pa.Field) -> dict[str, Any]:
    kind = "sc:Text"
    if pa.types.is_integer(column.type):
        kind = "sc:Integer"
    elif pa.types.is_floating(column.type):
        kind = "sc:Float"
    prefix, _, folder = column.name.partition("_")
    image_columns = {
        "file": f"sha256 of the file of {folder}, binary",
        "size": f"bytes of the file of {folder}",
        "pixels": f"sha256 of the decoded RGB bytes of {folder}, binary",
    }
    meaning = _MEANING.get(column.name) or image_columns[prefix]
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column.name}",
        "name": column.name,
        "description": meaning,
        "dataType": kind,
        "source": {"fileObject": {"@id": table}, "extract": {"column": column.name}},
    }

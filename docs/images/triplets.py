"""Draw the first picture of the README: two triplets per photograph of val, from the dataset of `bappsmith quickstart`.

Run `bappsmith quickstart` first, then this from the same folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.pipeline.quickstart.examples import choose_examples
from bappsmith.pipeline.quickstart.run import VAL
from bappsmith.pipeline.reports.gallery import contact_sheet

PICTURE = Path(__file__).with_suffix(".png")


def main() -> None:
    """Write the picture beside this file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dataset", type=Path, default=Path("quickstart/dataset"))
    dataset = parser.parse_args().dataset
    chosen = choose_examples(Dataset(dataset).sealed(VAL), 2)
    contact_sheet(dataset, VAL, indices=chosen).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()

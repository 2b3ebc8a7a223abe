"""Names of folders and files."""

from __future__ import annotations

from bappsmith.manifests.schema.subset_path import SubsetPath


def test_file_names_are_those_of_the_field():
    assert SubsetPath.parse("2afc/train/cnn").files(7) == {
        "ref": "2afc/train/cnn/ref/000007.png",
        "p0": "2afc/train/cnn/p0/000007.png",
        "p1": "2afc/train/cnn/p1/000007.png",
        "judge": "2afc/train/cnn/judge/000007.npy",
    }
    assert SubsetPath.parse("jnd/val/cnn").files(7) == {
        "p0": "jnd/val/cnn/p0/000007.png",
        "p1": "jnd/val/cnn/p1/000007.png",
        "same": "jnd/val/cnn/same/000007.npy",
    }

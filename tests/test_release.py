"""What a release needs beside its code: changelog, citation, security policy, dependencies with reasons."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = [line for line in CHANGELOG.splitlines() if line.startswith("## ")]
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
"""Headings that keepachangelog.com allows below a version."""


def test_every_version_has_its_day_and_the_newest_comes_first():
    released = [re.fullmatch(r"## \[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)", line) for line in HEADINGS[1:]]
    assert re.fullmatch(r"## \[(Unreleased|.*)\].*", HEADINGS[0])
    assert all(released)
    versions = [tuple(map(int, found.groups()[:3])) for found in released if found]
    days = [date.fromisoformat(found[4]) for found in released if found]
    assert versions == sorted(versions, reverse=True)
    assert len({*versions}) == len(versions)
    assert days == sorted(days, reverse=True)


def test_the_version_of_the_package_is_in_the_changelog():
    newest = CHANGELOG.split("\n## ")[1]
    assert f"[{PROJECT['version']}]" in newest or f"To be {PROJECT['version']}." in newest


def test_every_entry_stands_below_what_kind_of_change_it_is():
    for section in CHANGELOG.split("\n## ")[1:]:
        before, *kinds = re.split(r"\n### ", section)
        assert "\n- " not in before
        assert {kind.split("\n")[0] for kind in kinds} <= {*KINDS}
        assert all("\n- " in kind for kind in kinds)


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=]", one)[0] for one in requirements}


ALL = names(PROJECT["dependencies"]).union(*map(names, PROJECT["optional-dependencies"].values()))


@pytest.mark.parametrize("package", sorted(ALL - {"numpy", "torch", "torchvision", "opencv-python", "scikit-image"}))
def test_every_dependency_is_named_with_its_reason(package: str):
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    assert re.search(rf"\b{re.escape(package.lower())}\b", text)


def test_the_lower_bound_of_a_package_is_the_same_for_users_and_for_tests():
    extras = dict(PROJECT["optional-dependencies"])
    for_tests = dict(re.split(r"(?=[<>=])", one, maxsplit=1) for one in extras.pop("test"))
    for requirement in {one for extra in extras.values() for one in extra}:
        name, bound = re.split(r"(?=[<>=])", requirement, maxsplit=1)
        assert for_tests.get(name, bound) == bound, name

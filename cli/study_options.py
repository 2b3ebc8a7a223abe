"""What the options of a study mean: its folder, its questions and its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bappsmith.manifests.errors import BappsmithError, unknown_name

if TYPE_CHECKING:
    from bappsmith.annotation.study.pairs import PairsSource
    from bappsmith.annotation.study.settings import StudySettings
    from bappsmith.annotation.study.source import QuestionSource


def default_study(dataset: str, pairs: Path | None) -> Path:
    """Return the folder of a study that nobody named: beside the dataset, or beside the file of pairs.

    Raises:
        BappsmithError: the dataset is at an address, and a study needs a local folder.
    """
    if pairs is not None:
        return pairs.with_name(f"{pairs.stem}-study")
    if "://" in dataset:
        raise BappsmithError(f"{dataset} is at an address: give a local folder for the study with --study")
    path = Path(dataset).absolute()
    return path.with_name(f"{path.name}-study")


def study_exists(folder: Path) -> bool:
    """Return whether a folder holds a study."""
    return (folder / "votes.sqlite").is_file()


def question_source(dataset: str, subsets: Sequence[str] | None, pairs: Path | None) -> QuestionSource:
    """Open what people judge.

    Raises:
        BappsmithError: it is no finished dataset, has no such subset, or the file of pairs is invalid.
    """
    if pairs is None:
        from bappsmith.annotation.study.source import DatasetSource

        _refuse_other_folder(dataset)
        return DatasetSource(dataset, subsets or None)
    if subsets:
        raise BappsmithError(
            "--subset chooses subsets of a dataset, and --pairs names a file without any; give one of them"
        )
    return open_pairs(dataset, pairs)


def _refuse_other_folder(dataset: str) -> None:
    """Refuse a folder that is no dataset, begun or finished: it may be one of images, without its pairs."""
    from bappsmith.manifests.forms import bapps
    from bappsmith.manifests.seal import SEAL
    from bappsmith.manifests.store.open import is_address
    from bappsmith.manifests.work_log import BEGIN

    folder = Path(dataset)
    if is_address(dataset) or not folder.is_dir():
        return
    if not any((folder / name).exists() for name in (SEAL, BEGIN)) and not bapps.find_subsets(folder):
        raise BappsmithError(
            f"{dataset} is not a bappsmith dataset (it has no {SEAL}); give the folder of a dataset, or, for a folder "
            "of images, also its file of pairs with --pairs FILE (bappsmith select-pairs writes one)"
        )


def open_pairs(folder: str, pairs: Path) -> PairsSource:
    """Open pairs of images that people judge. Every image is read once.

    Raises:
        BappsmithError: the file of pairs is invalid, or an image is missing.
    """
    from bappsmith.annotation.study.pairs import PairsSource
    from bappsmith.lpips.data.retrieval.read import read_pairs

    return PairsSource(read_pairs(pairs, Path(folder)))


def overlay(study: Path | None, options: Mapping[str, Any], assignments: Sequence[str]) -> StudySettings:
    """Return the settings of a study: its own or the defaults, with what was given in their place.

    Args:
        study: folder of an existing study, or None.
        options: key → value; None: not given.
        assignments: KEY=VALUE, with a dot before the key of a task's settings.

    Raises:
        BappsmithError: a key is unknown or given twice, or a value is out of range.
    """
    from pydantic import ValidationError

    from bappsmith.annotation.study.settings import PARTS, StudySettings
    from bappsmith.manifests.recipe.explain import explain

    if study is None:
        wanted = StudySettings().model_dump()
    else:
        from bappsmith.annotation.study.study import Study

        with Study.open(study, write=False) as opened:
            wanted = opened.settings.model_dump()
    given = {key: value for key, value in options.items() if value is not None}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise BappsmithError(f"--set {assignment}: write KEY=VALUE, such as --set afc.show_ms=0")
        if key in given:
            raise BappsmithError(f"--set {assignment}: {key} is given twice; give it once")
        given[key] = value
    known = {key: wanted for key in wanted if not isinstance(wanted[key], dict)} | {
        f"{task}.{key}": settings for task, settings in wanted.items() if isinstance(settings, dict) for key in settings
    }
    for key, value in given.items():
        if key not in known:
            raise unknown_name("setting", key, known)
        known[key][key.rpartition(".")[2]] = value
    try:
        return StudySettings.model_validate(wanted)
    except ValidationError as error:
        raise BappsmithError(explain(error, "setting", StudySettings, PARTS)) from error

import numpy as np
import pytest

from bappsmith.annotation.study.sentinels import SENTINELS, TRAINING, MadeQuestion, make_question, render_question
from bappsmith.annotation.study.task import PICTURES, TASKS
from bappsmith.distortions.random import Draws

SUBSETS = {"2afc": "2afc/train/a", "jnd": "jnd/val/a", "similar": "photos"}


def questions(source, task, kind, count=20):
    for number in range(count):
        made = make_question(task, kind, SUBSETS[task], number % 8, Draws(1, number))
        assert MadeQuestion.from_json(made.to_json(), made.expected) == made
        pictures = render_question(source, task, made)
        assert list(pictures) == list(PICTURES[task])
        again = render_question(source, task, made)
        assert all((again[name] == pictures[name]).all() for name in pictures)
        yield made, pictures


def distance(one, other):
    return np.sqrt(np.mean((one.astype(float) - other) ** 2))


def test_a_noisy_triplet_has_the_reference_and_something_very_noisy(source):
    expected = []
    for made, pictures in questions(source, "2afc", "noisy"):
        worse = "p1" if made.expected == "p0" else "p0"
        assert (pictures[made.expected] == pictures["ref"]).all()
        assert distance(pictures[worse], pictures["ref"]) > 40
        expected.append(made.expected)
    assert set(expected) == {"p0", "p1"}


def test_a_moderate_triplet_has_its_better_patch_nearer(source):
    operators = set()
    for made, pictures in questions(source, "2afc", "moderate"):
        worse = "p1" if made.expected == "p0" else "p0"
        near, far = distance(pictures[made.expected], pictures["ref"]), distance(pictures[worse], pictures["ref"])
        assert 0 < near < far
        assert made.chains[worse].names == made.chains[made.expected].names
        operators.add(made.chains[worse].names)
    assert len(operators) > 2


def test_pairs_are_identical_noisy_or_clearly_different(source):
    for made, pictures in questions(source, "jnd", "identical"):
        assert made.expected == "same"
        assert (pictures["p0"] == pictures["p1"]).all()
    for kind, least in (("noisy", 40), ("moderate", 3)):
        for made, pictures in questions(source, "jnd", kind):
            assert made.expected == "different"
            assert distance(pictures["p0"], pictures["p1"]) > least


def test_an_unrelated_candidate_is_one_that_the_source_has_for_this(source):
    for made, pictures in questions(source, "similar", "identical"):
        assert made.expected == "similar"
        assert (pictures["query"] == pictures["candidate"]).all()
    for made, pictures in questions(source, "similar", "unrelated"):
        assert made.expected == "different"
        assert (pictures["query"] == 255 - pictures["candidate"]).all()


@pytest.mark.parametrize("task", TASKS)
def test_both_answers_are_right_somewhere(source, task):
    kinds = {*SENTINELS[task](40), *TRAINING[task]}
    answers = {made.expected for kind in kinds for made, _ in questions(source, task, kind)}
    assert len(answers) == 2

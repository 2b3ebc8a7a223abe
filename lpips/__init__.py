"""The metric: LPIPS, its training and its evaluation on BAPPS datasets."""

from .checkpoint import load_metric, read_facts, save_checkpoint
from .data import Subset, load_subset
from .evaluate import Evaluation, evaluate
from .export import export_published
from .metrics import find_metric
from .model import LPIPS
from .scores import human_scores, jnd_map, two_afc_scores
from .train import TrainConfig, TrainResult, train

__all__ = [
    "LPIPS",
    "Evaluation",
    "Subset",
    "TrainConfig",
    "TrainResult",
    "evaluate",
    "export_published",
    "find_metric",
    "human_scores",
    "jnd_map",
    "load_metric",
    "load_subset",
    "read_facts",
    "save_checkpoint",
    "train",
    "two_afc_scores",
]

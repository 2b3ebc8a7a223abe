"""The metric: LPIPS, its training and its evaluation on BAPPS datasets."""

from .checkpoint import load_metric, read_facts, save_checkpoint
from .evaluate import Evaluation, evaluate, find_metric
from .model import LPIPS
from .scores import human_scores, jnd_map, two_afc_scores
from .train import TrainConfig, TrainResult, train

__all__ = [
    "LPIPS",
    "Evaluation",
    "TrainConfig",
    "TrainResult",
    "evaluate",
    "find_metric",
    "human_scores",
    "jnd_map",
    "load_metric",
    "read_facts",
    "save_checkpoint",
    "train",
    "two_afc_scores",
]

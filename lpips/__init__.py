"""The metric: LPIPS, its training and its evaluation on BAPPS datasets."""

from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.evaluation import Evaluation
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.evaluation.scores import human_scores, jnd_map, two_afc_scores
from bappsmith.lpips.evaluation.squared_distances import squared_distances
from bappsmith.lpips.model.checkpoint import load_metric, read_facts, save_checkpoint
from bappsmith.lpips.model.export import export_published
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.model.pretrained import from_pretrained, save_pretrained
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import TrainResult, train

__all__ = [
    "LPIPS",
    "Evaluation",
    "PackedSubset",
    "TrainConfig",
    "TrainResult",
    "evaluate",
    "export_published",
    "find_metric",
    "from_pretrained",
    "human_scores",
    "jnd_map",
    "load_metric",
    "load_subset",
    "read_facts",
    "save_checkpoint",
    "save_pretrained",
    "squared_distances",
    "train",
    "two_afc_scores",
]

"""Load a model of ncnn, and run it on an image: one thread, float32, on the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError

Enlarged = NDArray[np.float32]
"""H×W×3 RGB in [0, 255], not rounded."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that can run.

    Attributes:
        param: its .param file, for errors.
        net: ncnn's network.
        given: name of the blob that takes the image.
        returned: name of the blob that holds the result.
    """

    param: Path
    net: Any
    given: str
    returned: str

    def enlarge(self, image: Image, *, light: bool = True) -> Enlarged:
        """Run the model on an image.

        Args:
            image: uint8 h×w×3 RGB.
            light: free each intermediate result after its first use, as ncnn does where nothing else is said. A graph
                that uses one twice, without a layer Split, then returns wrong numbers.

        Returns:
            float32 H×W×3 RGB, clipped to [0, 255].

        Raises:
            BappsmithError: the model fails, or returns something else than three channels of finite numbers.
        """
        ncnn: Any = import_module("ncnn")
        channels = np.ascontiguousarray(image.transpose(2, 0, 1), np.float32) / np.float32(255)
        with self.net.create_extractor() as extractor:
            extractor.set_light_mode(light)
            # A copy: ncnn may write into what it is given.
            failed = extractor.input(self.given, ncnn.Mat(channels).clone())
            status, blob = (failed, None) if failed else extractor.extract(self.returned)
            if status != 0 or blob is None or blob.empty():
                raise BappsmithError(f"model {self.param}: fails on an image of {image.shape[1]}×{image.shape[0]} px")
            if blob.dims != 3 or blob.c != 3 or blob.elemsize != 4:
                raise BappsmithError(
                    f"model {self.param}: returns {blob.dims} dimensions and {blob.c} channels, not an image of three"
                )
            result = np.array(blob, np.float32)
        if not np.isfinite(result).all():
            raise BappsmithError(f"model {self.param}: returns numbers that are not finite")
        return np.ascontiguousarray(np.clip(result.transpose(1, 2, 0), 0, 1) * np.float32(255))


def load_model(param: Path, weights: Path) -> LoadedModel:
    """Load a model.

    Args:
        param: its .param file.
        weights: its .bin file.

    Raises:
        BappsmithError: ncnn refuses the model, or it does not have one input and one output.
    """
    net: Any = import_module("ncnn").Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    if net.load_param_mem(param.read_text(encoding="ascii")) != 0:
        raise BappsmithError(f"model {param}: ncnn cannot read it")
    given, returned = net.input_names(), net.output_names()
    if len(given) != 1 or len(returned) != 1:
        raise BappsmithError(f"model {param}: has {len(given)} inputs and {len(returned)} outputs, not one of each")
    if net.load_model(str(weights)) != 0:
        raise BappsmithError(f"model {param}: ncnn cannot read {weights.name}, or it does not belong to the graph")
    return LoadedModel(param, net, given[0], returned[0])

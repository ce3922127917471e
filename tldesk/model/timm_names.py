"""Maps timm's tensor names to torchvision's.

For ResNet, ResNeXt, Wide ResNet, DenseNet and Inception v3, timm uses torchvision's names. The names are
translated for networks that compute the same in both libraries: MobileNet v2, VGG, ConvNeXt, RegNet, Swin and
ViT. They are not translated for EfficientNet, MobileNet v3 and MNASNet: timm has weights of the same shapes
that were trained with different padding and constants. The file does not show which, so the features could be
wrong without any warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

Tensors = Mapping[str, Tensor]
Rules = tuple[tuple[re.Pattern[str], str], ...]

TRANSLATED = "Its names are timm's and were translated; timm may have trained it with other colours or sizes"


class RenamedTensors(NamedTuple):
    """Tensors under torchvision's names, with a sentence for the user, or None if nothing was translated."""

    tensors: dict[str, Tensor]
    note: str | None


def with_torchvisions_names(tensors: Tensors) -> RenamedTensors:
    """Return the tensors under torchvision's names; unknown names are unchanged."""
    for is_meant, translated in _FAMILIES:
        if is_meant(tensors):
            return RenamedTensors(translated(tensors), TRANSLATED)
    return RenamedTensors(dict(tensors), None)


def family_of_timm(names: Iterable[str]) -> str | None:
    """Return the unsupported timm family that these tensor names belong to, in words; None if none."""
    known = frozenset(names)
    for sign, family in _NOT_TAKEN:
        if sign in known:
            return family
    return None


_NOT_TAKEN = (
    ("conv_stem.weight", "an EfficientNet, MobileNet or MNASNet"),
    ("layers.0.blocks.0.attn.cpb_mlp.0.weight", "a Swin v2"),
    ("stages.0.blocks.0.conv.pre_norm.weight", "a MaxViT"),
    ("patch_embed.proj.weight", "a transformer"),
)


def _rules(*pairs: tuple[str, str]) -> Rules:
    return tuple((re.compile(pattern), name) for pattern, name in pairs)


def _by_rules(tensors: Tensors, rules: Rules) -> dict[str, Tensor]:
    return {_renamed(name, rules): tensor for name, tensor in tensors.items()}


def _renamed(name: str, rules: Rules) -> str:
    """Apply all rules in turn, because the parts of the networks are nested."""
    for pattern, new in rules:
        name = pattern.sub(new, name)
    return name


# --- VGG ----------------------------------------------------------------------------------------------------

_VGG = _rules((r"^pre_logits\.fc1\.", "classifier.0."), (r"^pre_logits\.fc2\.", "classifier.3."))
_VGG_HEAD = _rules((r"^head\.fc\.", "classifier.6."))


def _is_vgg(tensors: Tensors) -> bool:
    return "pre_logits.fc1.weight" in tensors and "features.0.weight" in tensors


def _vgg(tensors: Tensors) -> dict[str, Tensor]:
    """Translate VGG. In timm the first two dense layers are convolutions over the whole map: same values."""
    found = _by_rules(tensors, _VGG + _VGG_HEAD)
    for name in ("classifier.0.weight", "classifier.3.weight"):
        if name in found:
            found[name] = found[name].flatten(1)
    return found


# --- MobileNet v2 -------------------------------------------------------------------------------------------

_BLOCKS = 17
_FIRST_BLOCK = {"conv_dw": "0.0", "bn1": "0.1", "conv_pw": "1", "bn2": "2"}
_BLOCK = {"conv_pw": "0.0", "bn1": "0.1", "conv_dw": "1.0", "bn2": "1.1", "conv_pwl": "2", "bn3": "3"}
_MOBILENET = _rules(
    (r"^conv_stem\.", "features.0.0."),
    (r"^bn1\.", "features.0.1."),
    (r"^conv_head\.", f"features.{_BLOCKS + 1}.0."),
    (r"^bn2\.", f"features.{_BLOCKS + 1}.1."),
    (r"^classifier\.(weight|bias)$", r"classifier.1.\1"),
)
_BLOCK_NAME = re.compile(r"^blocks\.(\d+)\.(\d+)\.(\w+)\.(\w+)$")


def _is_mobilenet_v2(tensors: Tensors) -> bool:
    """Recognise MobileNet v2. MNASNet also has 17 blocks with these names, but of other widths."""
    if "conv_stem.weight" not in tensors or any(".se." in name for name in tensors):
        return False
    lengths = [len(tensors.get(name, ())) for name in ("blocks.2.0.bn3.weight", "blocks.6.0.bn3.weight")]
    return lengths == [32, 320] and len(_blocks(tensors)) == _BLOCKS


def _blocks(tensors: Tensors) -> list[tuple[int, int]]:
    found = (_BLOCK_NAME.match(name) for name in tensors)
    return sorted({(int(one[1]), int(one[2])) for one in found if one})


def _mobilenet_v2(tensors: Tensors) -> dict[str, Tensor]:
    place = {block: number for number, block in enumerate(_blocks(tensors), start=1)}

    def new_name(name: str) -> str:
        found = _BLOCK_NAME.match(name)
        if found is None:
            return _renamed(name, _MOBILENET)
        number = place[int(found[1]), int(found[2])]
        part = (_FIRST_BLOCK if number == 1 else _BLOCK).get(found[3])
        return name if part is None else f"features.{number}.conv.{part}.{found[4]}"

    return {new_name(name): tensor for name, tensor in tensors.items()}


# --- ConvNeXt -----------------------------------------------------------------------------------------------

_CONVNEXT = _rules(
    (r"^stem\.", "features.0."),
    (r"\.conv_dw\.", ".block.0."),
    (r"\.norm\.", ".block.2."),
    (r"\.mlp\.fc1\.", ".block.3."),
    (r"\.mlp\.fc2\.", ".block.5."),
    (r"\.gamma$", ".layer_scale"),
    (r"^head\.block\.2\.", "classifier.0."),
    (r"^head\.norm\.", "classifier.0."),
    (r"^head\.fc\.", "classifier.2."),
)
_STAGE = re.compile(r"^stages\.(\d+)\.(blocks|downsample)\.")


def _is_convnext(tensors: Tensors) -> bool:
    return "stem.0.weight" in tensors and "stages.0.blocks.0.conv_dw.weight" in tensors


def _convnext(tensors: Tensors) -> dict[str, Tensor]:
    """Translate ConvNeXt. Downsampling is part of timm's stages, but separate in torchvision's features."""
    found = {}
    for name, tensor in tensors.items():
        new = _renamed(_STAGE.sub(_numbered, name), _CONVNEXT)
        found[new] = tensor.reshape(-1, 1, 1) if new.endswith(".layer_scale") else tensor
    return found


def _numbered(found: re.Match[str]) -> str:
    number = 2 * int(found[1]) + (1 if found[2] == "blocks" else 0)
    return f"features.{number}."


# --- RegNet -------------------------------------------------------------------------------------------------

_REGNET = _rules(
    (r"^stem\.conv\.", "stem.0."),
    (r"^stem\.bn\.", "stem.1."),
    (r"^s(\d)\.b(\d+)\.", r"trunk_output.block\1.block\1-#\2."),
    (r"\.conv1\.conv\.", ".f.a.0."),
    (r"\.conv1\.bn\.", ".f.a.1."),
    (r"\.conv2\.conv\.", ".f.b.0."),
    (r"\.conv2\.bn\.", ".f.b.1."),
    (r"\.conv3\.conv\.", ".f.c.0."),
    (r"\.conv3\.bn\.", ".f.c.1."),
    (r"\.se\.", ".f.se."),
    (r"\.downsample\.conv\.", ".proj.0."),
    (r"\.downsample\.bn\.", ".proj.1."),
    (r"^head\.fc\.", "fc."),
)
_REGNET_BLOCK = re.compile(r"#(\d+)")


def _is_regnet(tensors: Tensors) -> bool:
    return "stem.conv.weight" in tensors and "s1.b1.conv1.conv.weight" in tensors


def _regnet(tensors: Tensors) -> dict[str, Tensor]:
    """Translate RegNet. timm counts the blocks of a stage from 1."""
    return {
        _REGNET_BLOCK.sub(lambda found: str(int(found[1]) - 1), name): tensor
        for name, tensor in _by_rules(tensors, _REGNET).items()
    }


# --- transformers -------------------------------------------------------------------------------------------

_VIT = _rules(
    (r"^cls_token$", "class_token"),
    (r"^pos_embed$", "encoder.pos_embedding"),
    (r"^patch_embed\.proj\.", "conv_proj."),
    (r"^blocks\.(\d+)\.", r"encoder.layers.encoder_layer_\1."),
    (r"\.norm1\.", ".ln_1."),
    (r"\.norm2\.", ".ln_2."),
    (r"\.attn\.qkv\.", ".self_attention.in_proj_"),
    (r"\.attn\.proj\.", ".self_attention.out_proj."),
    (r"\.mlp\.fc1\.", ".mlp.0."),
    (r"\.mlp\.fc2\.", ".mlp.3."),
    (r"^norm\.", "encoder.ln."),
    (r"^head\.(weight|bias)$", r"heads.head.\1"),
)


def _is_vit(tensors: Tensors) -> bool:
    return "cls_token" in tensors and "blocks.0.attn.qkv.weight" in tensors


def _vit(tensors: Tensors) -> dict[str, Tensor]:
    return _by_rules(tensors, _VIT)


_SWIN = _rules(
    (r"^patch_embed\.proj\.", "features.0.0."),
    (r"^patch_embed\.norm\.", "features.0.2."),
    (r"\.mlp\.fc1\.", ".mlp.0."),
    (r"\.mlp\.fc2\.", ".mlp.3."),
    (r"^head\.fc\.", "head."),
)
_LAYER = re.compile(r"^layers\.(\d+)\.(blocks|downsample)\.")
_INDEX, _TABLE = ".relative_position_index", ".relative_position_bias_table"


def _is_swin(tensors: Tensors) -> bool:
    return "layers.0.blocks.0.attn.relative_position_bias_table" in tensors


def _swin(tensors: Tensors) -> dict[str, Tensor]:
    """Translate Swin. Before timm 0.9, downsampling belonged to the layer before it, now to the next."""
    earlier = "layers.0.downsample.norm.weight" in tensors

    def numbered(found: re.Match[str]) -> str:
        layer = int(found[1])
        between = 2 * layer + 2 if earlier else 2 * layer
        return f"features.{2 * layer + 1 if found[2] == 'blocks' else between}."

    kept = {name: one for name, one in tensors.items() if not name.endswith((_INDEX, ".attn_mask"))}
    found = {_renamed(_LAYER.sub(numbered, name), _SWIN): tensor for name, tensor in kept.items()}
    tables = [name for name in found if name.endswith(_TABLE)]
    return found | {name.removesuffix(_TABLE) + _INDEX: _relative_index(len(found[name])) for name in tables}


def _relative_index(rows: int) -> Tensor:
    """Return the table row for each pair of positions in a window, (window⁴,) int64; Liu et al. 2021, 3.2.

    Args:
        rows: number of rows of the table: (2 · window - 1)².
    """
    side = round(rows**0.5)
    places = torch.cartesian_prod(*[torch.arange((side + 1) // 2)] * 2)
    apart = places[:, None] - places[None] + (side - 1) // 2
    index: Tensor = apart[..., 0] * side + apart[..., 1]
    return index.flatten()


_FAMILIES: tuple[tuple[Callable[[Tensors], bool], Callable[[Tensors], dict[str, Tensor]]], ...] = (
    (_is_vgg, _vgg),
    (_is_mobilenet_v2, _mobilenet_v2),
    (_is_convnext, _convnext),
    (_is_regnet, _regnet),
    (_is_vit, _vit),
    (_is_swin, _swin),
)

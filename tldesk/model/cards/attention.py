"""ConvNeXt, and networks with attention: Swin, ViT, MaxViT."""

from __future__ import annotations

from tldesk.model.cards.outline import SWAG, TORCHVISION, Outline

_SWIN_STAGES = (
    ("stem", "features.0"),
    ("stage1", "features.1"),
    ("stage2", "features.2-3"),
    ("stage3", "features.4-5"),
    ("stage4", "features.6-7 norm permute"),
)


def _convnext(size: str) -> Outline:
    """Return a ConvNeXt. The norm after the pool is part of the features, as it was during training."""
    return Outline(
        f"convnext_{size}",
        "ConvNeXt",
        f"ConvNeXt {size}",
        "Liu et al. 2022",
        (
            ("stem", "features.0"),
            ("stage1", "features.1"),
            ("stage2", "features.2-3"),
            ("stage3", "features.4-5"),
            ("stage4", "features.6-7"),
            ("norm", "avgpool classifier.0-1"),
        ),
        "stage4",
        ("classifier.2",),
        "none",
    )


def _swin(name: str, title: str, paper: str) -> Outline:
    """Return a Swin. Its minimum size is below torchvision's 224: windows are padded, so it works."""
    classifier = ("avgpool", "flatten", "head")
    return Outline(name, "Swin", title, paper, _SWIN_STAGES, "stage4", classifier, minimum_size=64)


def _vit(name: str, title: str, layers: int, licence: str = TORCHVISION) -> Outline:
    """Return a ViT. The last layer is a separate stage: after it only the class token affects the prediction,
    so saliency uses the layer's input as the map.
    """
    quarter = layers // 4
    groups = (range(start, min(start + quarter, layers - 1)) for start in range(0, layers, quarter))
    inner = tuple((f"layers{number}", _layers(group)) for number, group in enumerate(groups, 1))
    last = f"{_layers(range(layers - 1, layers))} encoder.ln class_token()"
    return Outline(
        name,
        "ViT",
        title,
        "Dosovitskiy et al. 2021",
        (("stem", "conv_proj tokens() encoder.dropout"), *inner, ("last", last)),
        inner[-1][0],
        ("heads",),
        "none",
        licence=licence,
        fixed_size=True,
    )


def _layers(group: range) -> str:
    return " ".join(f"encoder.layers.encoder_layer_{number}" for number in group)


CONVNEXTS = tuple(_convnext(size) for size in ("tiny", "small", "base", "large"))
SWINS = (
    *(_swin(f"swin_{size}", f"Swin {size.upper()}", "Liu et al. 2021") for size in "tsb"),
    *(_swin(f"swin_v2_{size}", f"Swin v2 {size.upper()}", "Liu et al. 2022") for size in "tsb"),
)
VITS = (
    _vit("vit_b_32", "ViT-B/32", 12),
    _vit("vit_b_16", "ViT-B/16", 12),
    _vit("vit_l_32", "ViT-L/32", 24),
    _vit("vit_l_16", "ViT-L/16", 24),
    _vit("vit_h_14", "ViT-H/14", 32, SWAG),  # published in no other way
)
MAXVITS = (
    Outline(
        "maxvit_t",
        "MaxViT",
        "MaxViT T",
        "Tu et al. 2022",
        (
            ("stem", "stem"),
            ("block1", "blocks.0"),
            ("block2", "blocks.1"),
            ("block3", "blocks.2"),
            ("block4", "blocks.3"),
            ("fc", "classifier.0-4"),
        ),
        "block4",
        ("classifier.5",),
        "none",
        fixed_size=True,
    ),
)

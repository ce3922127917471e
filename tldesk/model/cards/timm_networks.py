"""Networks from timm (the extra ``tldesk[timm]``) that torchvision does not have.

Each is identified by timm's name and the tag of the weights to download. Networks without freely usable
weights are left out (MobileOne, FastViT, MobileViT, ConvNeXt v2). So are networks that have the same tensors
as others but compute or preprocess differently (EfficientNet lite and MixNet, which also exist as copies from
TensorFlow; ViT, because DeiT is included): a file does not show which of them it was trained for.
"""

from __future__ import annotations

from typing import Literal

from tldesk.model.cards.outline import Outline

_Parts = tuple[tuple[str, str], ...]
_LAYERS: _Parts = (
    ("stem", "conv1 bn1 act1 maxpool"),
    ("layer1", "layer1"),
    ("layer2", "layer2"),
    ("layer3", "layer3"),
    ("layer4", "layer4"),
)
_NORM = ("norm", "head.global_pool head.norm head.flatten")
_NORM_LEFT = ("head.drop", "head.fc")
_CONV_HEAD = "global_pool conv_head norm_head act2 flatten"


def _stages(count: int, behind: str = "", before: str = "stem") -> _Parts:
    """Return ``stem`` and ``count`` stages from ``stages.0``; the last includes the modules ``behind``."""
    inner = [(f"stage{number + 1}", f"stages.{number}") for number in range(count)]
    inner[-1] = (inner[-1][0], f"{inner[-1][1]} {behind}")
    return ("stem", before), *inner


def _blocks(count: int, behind: str = "") -> _Parts:
    inner = [(f"stage{number + 1}", f"blocks.{number}") for number in range(count)]
    inner[-1] = (inner[-1][0], f"{inner[-1][1]} {behind}")
    return ("stem", "conv_stem bn1"), *inner


class _Family:
    """The common part of several networks; calling it with a name, a tag and a title returns an entry."""

    def __init__(
        self,
        family: str,
        paper: str,
        stages: _Parts,
        classifier: tuple[str, ...] = ("head",),
        *,
        pool: Literal["avg", "none"] = "avg",
        saliency: str = "",
    ) -> None:
        self._words = (family, paper)
        self._stages, self._classifier, self._pool = stages, classifier, pool
        self._saliency = saliency or stages[-1 if pool == "avg" else -2][0]

    def __call__(self, name: str, tag: str, title: str) -> Outline:
        """Return the entry of timm's network ``name`` with the weights ``tag``."""
        family, paper = self._words
        return Outline(
            name,
            family,
            title,
            paper,
            self._stages,
            self._saliency,
            self._classifier,
            pool=self._pool,
            tag=tag,
        )


def _residual(family: str, paper: str) -> _Family:
    return _Family(family, paper, _LAYERS, ("global_pool", "fc"))


def _efficient(family: str, paper: str, blocks: int) -> _Family:
    parts = _blocks(blocks, "conv_head bn2")
    return _Family(family, paper, parts, ("global_pool", "classifier"))


def _mobile(family: str, paper: str, blocks: int) -> _Family:
    """Include the 1x1 convolution after the pool in the features, as in torchvision's MobileNet v3."""
    return _Family(family, paper, (*_blocks(blocks), ("conv", _CONV_HEAD)), ("classifier",), pool="none")


def _normed(
    family: str, paper: str, before: str = "stem", classifier: tuple[str, ...] = _NORM_LEFT
) -> _Family:
    """Return four stages; the norm after the pool is part of the features, as it was during training."""
    return _Family(family, paper, (*_stages(4, before=before), _NORM), classifier, pool="none")


def _transformer(family: str, paper: str, tokens: str) -> _Family:
    """Return a ViT; the last layer is a separate stage because after it only the class token counts."""
    parts = (
        ("stem", f"patch_embed {tokens}"),
        ("layers1", "blocks.0-2"),
        ("layers2", "blocks.3-5"),
        ("layers3", "blocks.6-8"),
        ("layers4", "blocks.9-10"),
        ("last", "blocks.11 norm class_token()"),
    )
    return _Family(family, paper, parts, ("fc_norm", "head_drop", "head"), pool="none")


_resnet = _residual("ResNet", "He et al. 2019")
_se_resnet = _residual("ResNet with attention", "Hu et al. 2018")
_eca_resnet = _residual("ResNet with attention", "Wang et al. 2020")
_sk_resnet = _residual("ResNet with attention", "Li et al. 2019")
_resnest = _residual("ResNet with attention", "Zhang et al. 2020")
_resnet_v2 = _Family("ResNet", "He et al. 2016", _stages(4, "norm"))
_nfnet = _Family("NFNet", "Brock et al. 2021", _stages(4, "final_conv final_act"))
_hgnet = _Family(
    "HGNet",
    "PaddlePaddle 2022",
    (*_stages(4), ("conv", "head.global_pool head.last_conv head.flatten")),
    ("head.dropout", "head.fc"),
    pool="none",
)
_repvit = _Family("RepViT", "Wang et al. 2024", _stages(4), ("avgpool()", "flatten()", "head_drop", "head"))
_starnet = _Family("StarNet", "Ma et al. 2024", _stages(4, "norm"), ("global_pool", "flatten", "head"))
_mobilenet_v4 = _mobile("MobileNet", "Qin et al. 2024", 5)
_hardcore = _mobile("HardCoRe-NAS", "Nayman et al. 2021", 7)
_fbnet_v3 = _mobile("FBNet", "Dai et al. 2021", 7)
_lcnet = _mobile("LCNet", "Cui et al. 2021", 6)
_fbnet = _efficient("FBNet", "Wu et al. 2019", 7)
_efficientnet_v2 = _efficient("EfficientNet", "Tan and Le 2021", 6)
_tinynet = _efficient("EfficientNet", "Han et al. 2020", 7)
_ghostnet = _Family(
    "GhostNet",
    "Han et al. 2020",
    (
        ("stem", "conv_stem bn1 act1"),
        ("stage1", "blocks.0-1"),
        ("stage2", "blocks.2-3"),
        ("stage3", "blocks.4-5"),
        ("stage4", "blocks.6-7"),
        ("stage5", "blocks.8-9"),
        ("conv", "global_pool conv_head act2 flatten"),
    ),
    ("classifier",),
    pool="none",
)
_rexnet = _Family(
    "ReXNet",
    "Han et al. 2021",
    (
        ("stem", "stem"),
        ("stage1", "features.0"),
        ("stage2", "features.1-2"),
        ("stage3", "features.3-4"),
        ("stage4", "features.5-10"),
        ("stage5", "features.11-16"),
    ),
)
_efficientvit = _Family(
    "EfficientViT",
    "Cai et al. 2023",
    (*_stages(4), ("head", "head.in_conv head.global_pool head.classifier.0-3")),
    ("head.classifier.4",),
    pool="none",
    saliency="stage4",
)
_convnext = _normed("ConvNeXt", "Liu et al. 2022")
_edgenext = _normed("EdgeNeXt", "Maaz et al. 2022")
_poolformer = _normed("MetaFormer", "Yu et al. 2022")
_metaformer = _normed("MetaFormer", "Yu et al. 2024")
_tinyvit = _normed("TinyViT", "Wu et al. 2022", before="patch_embed")
_inception_next = _Family("InceptionNeXt", "Yu et al. 2024", _stages(4))
_swin_s3 = _Family(
    "Swin",
    "Chen et al. 2021",
    (
        ("stem", "patch_embed"),
        ("stage1", "layers.0"),
        ("stage2", "layers.1"),
        ("stage3", "layers.2"),
        ("stage4", "layers.3 norm channels_first()"),
    ),
    ("channels_last()", "head"),
)
_deit = _transformer("ViT", "Touvron et al. 2021", "timm_tokens()")
_deit3 = _transformer("ViT", "Touvron et al. 2022", "timm_tokens()")

TIMM_NETWORKS: tuple[Outline, ...] = (
    _resnet("resnet10t", "c3_in1k", "ResNet-10-T"),
    _resnet("resnet14t", "c3_in1k", "ResNet-14-T"),
    _resnet("resnet18d", "ra2_in1k", "ResNet-18-D"),
    _resnet("resnet26d", "bt_in1k", "ResNet-26-D"),
    _resnet("resnet34d", "ra2_in1k", "ResNet-34-D"),
    _resnet("resnet50d", "ra2_in1k", "ResNet-50-D"),
    _resnet("resnet101d", "ra2_in1k", "ResNet-101-D"),
    _resnet_v2("resnetv2_18d", "ra4_e3600_r224_in1k", "ResNet v2-18-D"),
    _resnet_v2("resnetv2_34d", "ra4_e3600_r224_in1k", "ResNet v2-34-D"),
    _resnet_v2("resnetv2_50", "a1h_in1k", "ResNet v2-50"),
    _se_resnet("seresnet50", "ra2_in1k", "SE-ResNet-50"),
    _se_resnet("seresnext26d_32x4d", "bt_in1k", "SE-ResNeXt-26-D 32x4d"),
    _se_resnet("seresnext50_32x4d", "racm_in1k", "SE-ResNeXt-50 32x4d"),
    _eca_resnet("ecaresnet26t", "ra2_in1k", "ECA-ResNet-26-T"),
    _eca_resnet("ecaresnet50d", "miil_in1k", "ECA-ResNet-50-D"),
    _sk_resnet("skresnet18", "ra_in1k", "SK-ResNet-18"),
    _resnest("resnest14d", "gluon_in1k", "ResNeSt-14"),
    _resnest("resnest26d", "gluon_in1k", "ResNeSt-26"),
    _resnest("resnest50d", "in1k", "ResNeSt-50"),
    _nfnet("nfnet_l0", "ra2_in1k", "NFNet L0"),
    _nfnet("eca_nfnet_l0", "ra2_in1k", "ECA-NFNet L0"),
    _hgnet("hgnetv2_b0", "ssld_stage2_ft_in1k", "HGNet v2 B0"),
    _hgnet("hgnetv2_b1", "ssld_stage2_ft_in1k", "HGNet v2 B1"),
    _hgnet("hgnetv2_b2", "ssld_stage2_ft_in1k", "HGNet v2 B2"),
    _hgnet("hgnetv2_b3", "ssld_stage2_ft_in1k", "HGNet v2 B3"),
    _mobilenet_v4("mobilenetv4_conv_small_050", "e3000_r224_in1k", "MobileNet v4 small 0.5"),
    _mobilenet_v4("mobilenetv4_conv_small", "e2400_r224_in1k", "MobileNet v4 small"),
    _mobilenet_v4("mobilenetv4_conv_medium", "e500_r224_in1k", "MobileNet v4 medium"),
    _mobilenet_v4("mobilenetv4_hybrid_medium", "e500_r224_in1k", "MobileNet v4 hybrid medium"),
    _mobilenet_v4("mobilenetv4_conv_large", "e500_r256_in1k", "MobileNet v4 large"),
    _hardcore("hardcorenas_a", "miil_green_in1k", "HardCoRe-NAS A"),
    _hardcore("hardcorenas_f", "miil_green_in1k", "HardCoRe-NAS F"),
    _fbnet("fbnetc_100", "rmsp_in1k", "FBNet C"),
    _fbnet_v3("fbnetv3_b", "ra2_in1k", "FBNet v3 B"),
    _lcnet("lcnet_050", "ra2_in1k", "LCNet 0.5"),
    _lcnet("lcnet_100", "ra2_in1k", "LCNet 1.0"),
    _efficientnet_v2("tf_efficientnetv2_b0", "in1k", "EfficientNet v2 B0"),
    _efficientnet_v2("tf_efficientnetv2_b1", "in1k", "EfficientNet v2 B1"),
    _efficientnet_v2("tf_efficientnetv2_b2", "in1k", "EfficientNet v2 B2"),
    _efficientnet_v2("tf_efficientnetv2_b3", "in1k", "EfficientNet v2 B3"),
    _tinynet("tinynet_a", "in1k", "TinyNet A"),
    _tinynet("tinynet_b", "in1k", "TinyNet B"),
    _tinynet("tinynet_c", "in1k", "TinyNet C"),
    _tinynet("tinynet_d", "in1k", "TinyNet D"),
    _tinynet("tinynet_e", "in1k", "TinyNet E"),
    _ghostnet("ghostnet_100", "in1k", "GhostNet 1.0"),
    _ghostnet("ghostnetv2_100", "in1k", "GhostNet v2 1.0"),
    _rexnet("rexnet_100", "nav_in1k", "ReXNet 1.0"),
    _rexnet("rexnet_150", "nav_in1k", "ReXNet 1.5"),
    _repvit("repvit_m0_9", "dist_450e_in1k", "RepViT M0.9"),
    _repvit("repvit_m1_0", "dist_450e_in1k", "RepViT M1.0"),
    _repvit("repvit_m1_1", "dist_450e_in1k", "RepViT M1.1"),
    _starnet("starnet_s1", "in1k", "StarNet S1"),
    _starnet("starnet_s2", "in1k", "StarNet S2"),
    _starnet("starnet_s3", "in1k", "StarNet S3"),
    _starnet("starnet_s4", "in1k", "StarNet S4"),
    _efficientvit("efficientvit_b0", "r224_in1k", "EfficientViT B0"),
    _efficientvit("efficientvit_b1", "r224_in1k", "EfficientViT B1"),
    _convnext("convnext_atto", "d2_in1k", "ConvNeXt atto"),
    _convnext("convnext_femto", "d1_in1k", "ConvNeXt femto"),
    _convnext("convnext_pico", "d1_in1k", "ConvNeXt pico"),
    _convnext("convnext_nano", "d1h_in1k", "ConvNeXt nano"),
    _edgenext("edgenext_xx_small", "in1k", "EdgeNeXt XX small"),
    _edgenext("edgenext_x_small", "in1k", "EdgeNeXt X small"),
    _edgenext("edgenext_small", "usi_in1k", "EdgeNeXt small"),
    _inception_next("inception_next_atto", "sail_in1k", "InceptionNeXt atto"),
    _inception_next("inception_next_tiny", "sail_in1k", "InceptionNeXt tiny"),
    _poolformer("poolformer_s12", "sail_in1k", "PoolFormer S12"),
    _metaformer("caformer_s18", "sail_in1k", "CAFormer S18"),
    _metaformer("convformer_s18", "sail_in1k", "ConvFormer S18"),
    _tinyvit("tiny_vit_5m_224", "in1k", "TinyViT 5M"),
    _tinyvit("tiny_vit_11m_224", "in1k", "TinyViT 11M"),
    _tinyvit("tiny_vit_21m_224", "in1k", "TinyViT 21M"),
    _swin_s3("swin_s3_tiny_224", "ms_in1k", "Swin S3 T"),
    _deit("deit_tiny_patch16_224", "fb_in1k", "DeiT tiny"),
    _deit("deit_small_patch16_224", "fb_in1k", "DeiT small"),
    _deit3("deit3_small_patch16_224", "fb_in1k", "DeiT III small"),
    _deit3("deit3_medium_patch16_224", "fb_in1k", "DeiT III medium"),
)
"""All entries in the order of lists; those of one family need not be adjacent."""

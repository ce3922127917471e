"""The numbers of timm's networks, written by ``packaging/measure_timm.py``; edit that."""

from __future__ import annotations

from collections.abc import Mapping

from tldesk.model.cards.outline import Measured, Published

# As in ``measured``; then the mean, standard deviation and licence of the weights, whether the network takes
# pictures of one size only, and where the weights are published.
# fmt: off
TIMM_MEASURED: Mapping[str, Measured] = {
    "resnet10t": Measured(
        512, 5_435_488, 0.699, None, 176, 32, 0.875, "bicubic",
        ("resnet10t_176_c3-f3215ab1.pth",),
        ((26_232, 0.201), (73_984, 0.143), (230_144, 0.111), (919_040, 0.111), (3_673_088, 0.132)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/resnet10t_176_c3-f3215ab1.pth",
        ),
    ),
    "resnet14t": Measured(
        2048, 10_081_632, 1.068, None, 176, 32, 0.875, "bicubic",
        ("resnet14t_176_c3-c4ed2c37.pth",),
        ((26_232, 0.201), (75_008, 0.143), (379_392, 0.23), (1_512_448, 0.23), (6_039_552, 0.262)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/resnet14t_176_c3-c4ed2c37.pth",
        ),
    ),
    "resnet18d": Measured(
        512, 11_708_744, 2.054, None, 224, 32, 0.875, "bicubic",
        ("resnet18d_ra2-48a79e06.pth",),
        ((28_768, 0.358), (147_968, 0.462), (525_568, 0.411), (2_099_712, 0.411), (8_393_728, 0.411)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/resnet18d_ra2-48a79e06.pth",
        ),
    ),
    "resnet26d": Measured(
        2048, 16_014_408, 2.582, None, 224, 32, 0.875, "bicubic",
        ("resnet26d-69e92c46.pth",),
        ((28_768, 0.358), (145_408, 0.45), (659_456, 0.591), (2_629_632, 0.591), (10_502_144, 0.591)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/resnet26d-69e92c46.pth",
        ),
    ),
    "resnet34d": Measured(
        512, 21_816_904, 3.903, None, 224, 32, 0.875, "bicubic",
        ("resnet34d_ra2-f8dcfcaf.pth",),
        ((28_768, 0.358), (221_952, 0.694), (1_116_416, 0.873), (6_822_400, 1.34), (13_114_368, 0.642)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/resnet34d_ra2-f8dcfcaf.pth",
        ),
    ),
    "resnet50d": Measured(
        2048, 25_576_264, 4.329, None, 224, 32, 0.875, "bicubic",
        ("resnet50d_ra2-464e36ba.pth",),
        ((28_768, 0.358), (215_808, 0.668), (1_219_584, 1.03), (7_098_368, 1.46), (14_964_736, 0.809)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/resnet50d_ra2-464e36ba.pth",
        ),
    ),
    "resnet101d": Measured(
        2048, 44_568_392, 10.502, None, 256, 32, 0.95, "bicubic",
        ("resnet101d_ra2-2803ffab.pth",),
        ((28_768, 0.467), (215_808, 0.872), (1_219_584, 1.34), (26_090_496, 6.76), (14_964_736, 1.06)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/resnet101d_ra2-2803ffab.pth",
        ),
    ),
    "resnetv2_18d": Measured(
        512, 11_706_952, 2.054, None, 224, 32, 0.9, "bicubic",
        ("resnetv2_18d-ra4_e3600_r224_in1k.safetensors",),
        ((28_640, 0.358), (147_968, 0.462), (525_184, 0.411), (2_098_944, 0.411), (8_393_216, 0.411)),
        Published(
            (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "Apache-2.0", False,
            "https://huggingface.co/timm/resnetv2_18d.ra4_e3600_r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "resnetv2_34d": Measured(
        512, 21_815_112, 3.903, None, 224, 32, 0.9, "bicubic",
        ("resnetv2_34d-ra4_e3600_r224_in1k.safetensors",),
        ((28_640, 0.358), (221_952, 0.694), (1_116_032, 0.873), (6_821_632, 1.34), (13_113_856, 0.642)),
        Published(
            (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "Apache-2.0", False,
            "https://huggingface.co/timm/resnetv2_34d.ra4_e3600_r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "resnetv2_50": Measured(
        2048, 25_549_352, 4.089, None, 224, 32, 0.95, "bicubic",
        ("resnetv2_50-a1h_in1k.safetensors",),
        ((9408, 0.118), (214_912, 0.668), (1_218_048, 1.03), (7_095_296, 1.46), (14_962_688, 0.809)),
        Published(
            (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "Apache-2.0", False,
            "https://huggingface.co/timm/resnetv2_50.a1h_in1k/resolve/main/model.safetensors",
        ),
    ),
    "seresnet50": Measured(
        2048, 28_088_024, 4.092, None, 224, 32, 0.875, "bicubic",
        ("seresnet50_ra_224-8efdb4bb.pth",),
        ((9536, 0.118), (241_200, 0.668), (1_352_832, 1.03), (7_891_328, 1.47), (16_544_128, 0.811)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/seresnet50_ra_224-8efdb4bb.pth",
        ),
    ),
    "seresnext26d_32x4d": Measured(
        2048, 16_809_512, 2.712, None, 224, 32, 0.875, "bicubic",
        ("seresnext26d_32x4d-80fa48a3.pth",),
        ((28_768, 0.358), (151_584, 0.414), (698_432, 0.646), (2_781_312, 0.646), (11_100_416, 0.647)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/seresnext26d_32x4d-80fa48a3.pth",
        ),
    ),
    "seresnext50_32x4d": Measured(
        2048, 27_559_896, 4.233, None, 224, 32, 0.875, "bicubic",
        ("seresnext50_32x4d_racm-a304a460.pth",),
        ((9536, 0.118), (231_216, 0.634), (1_330_304, 1.09), (7_815_552, 1.53), (16_124_288, 0.867)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/seresnext50_32x4d_racm-a304a460.pth",
        ),
    ),
    "ecaresnet26t": Measured(
        2048, 16_011_916, 3.33, None, 256, 32, 0.875, "bicubic",
        ("ecaresnet26t_ra2-46609757.pth",),
        ((26_232, 0.426), (145_418, 0.587), (659_466, 0.772), (2_629_642, 0.772), (10_502_158, 0.772)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/ecaresnet26t_ra2-46609757.pth",
        ),
    ),
    "ecaresnet50d": Measured(
        2048, 25_576_350, 4.329, None, 224, 32, 0.875, "bicubic",
        ("ecaresnet50d-93c81e3b.pth",),
        ((28_768, 0.358), (215_823, 0.668), (1_219_604, 1.03), (7_098_398, 1.46), (14_964_757, 0.809)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-tresnet/ecaresnet50d-93c81e3b.pth",
        ),
    ),
    "skresnet18": Measured(
        512, 11_958_056, 1.814, None, 224, 32, 0.875, "bicubic",
        ("skresnet18-ra_in1k.safetensors",),
        ((9536, 0.118), (154_432, 0.462), (538_432, 0.411), (2_150_016, 0.411), (8_592_640, 0.411)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/skresnet18.ra_in1k/resolve/main/model.safetensors",
        ),
    ),
    "resnest14d": Measured(
        2048, 10_611_688, 2.749, None, 224, 32, 0.875, "bilinear",
        ("resnest14d-gluon_in1k.safetensors",),
        ((28_768, 0.358), (81_504, 0.231), (404_672, 0.719), (1_612_160, 0.719), (6_435_584, 0.72)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/resnest14d.gluon_in1k/resolve/main/model.safetensors",
        ),
    ),
    "resnest26d": Measured(
        2048, 17_069_448, 3.623, None, 224, 32, 0.875, "bilinear",
        ("resnest26d-gluon_in1k.safetensors",),
        ((28_768, 0.358), (158_400, 0.45), (710_016, 0.938), (2_829_056, 0.938), (11_294_208, 0.938)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/resnest26d.gluon_in1k/resolve/main/model.safetensors",
        ),
    ),
    "resnest50d": Measured(
        2048, 27_483_240, 5.371, None, 224, 32, 0.875, "bilinear",
        ("resnest50d-in1k.safetensors",),
        ((28_768, 0.358), (235_296, 0.668), (1_320_704, 1.37), (7_696_640, 1.81), (16_152_832, 1.16)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/resnest50d.in1k/resolve/main/model.safetensors",
        ),
    ),
    "nfnet_l0": Measured(
        2304, 35_074_488, 4.255, None, 224, 32, 0.9, "bicubic",
        ("nfnet_l0_ra2-45c6688d.pth",),
        ((97_680, 0.526), (165_568, 0.411), (923_392, 0.591), (17_250_048, 2.11), (14_332_800, 0.618)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/nfnet_l0_ra2-45c6688d.pth",
        ),
    ),
    "eca_nfnet_l0": Measured(
        2304, 24_143_924, 4.244, None, 224, 32, 0.9, "bicubic",
        ("ecanfnet_l0_ra2-e3e9ac50.pth",),
        ((97_680, 0.526), (132_485, 0.411), (659_978, 0.591), (10_160_670, 2.1), (10_788_111, 0.614)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/ecanfnet_l0_ra2-e3e9ac50.pth",
        ),
    ),
    "hgnetv2_b0": Measured(
        2048, 5_996_550, 0.321, None, 224, 32, 0.965, "bicubic",
        ("hgnetv2_b0-ssld_stage2_ft_in1k.safetensors",),
        ((6474, 0.0335), (11_306, 0.0345), (91_786, 0.0711), (639_636, 0.124), (1_101_194, 0.0537),
        (2_097_154, 0.0021)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/hgnetv2_b0.ssld_stage2_ft_in1k/resolve/main/model.safetensors",
        ),
    ),
    "hgnetv2_b1": Measured(
        2048, 6_343_158, 0.489, None, 224, 32, 0.965, "bicubic",
        ("hgnetv2_b1-ssld_stage2_ft_in1k.safetensors",),
        ((14_330, 0.072), (34_186, 0.106), (130_282, 0.101), (739_412, 0.144), (1_278_794, 0.0623),
        (2_097_154, 0.0021)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/hgnetv2_b1.ssld_stage2_ft_in1k/resolve/main/model.safetensors",
        ),
    ),
    "hgnetv2_b2": Measured(
        2048, 11_221_356, 1.138, None, 224, 32, 0.965, "bicubic",
        ("hgnetv2_b2-ssld_stage2_ft_in1k.safetensors",),
        ((14_330, 0.072), (49_708, 0.154), (309_932, 0.242), (2_660_772, 0.519), (2_991_884, 0.146),
        (3_145_730, 0.00315)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/hgnetv2_b2.ssld_stage2_ft_in1k/resolve/main/model.safetensors",
        ),
    ),
    "hgnetv2_b3": Measured(
        2048, 16_292_216, 1.771, None, 224, 32, 0.965, "bicubic",
        ("hgnetv2_b3-ssld_stage2_ft_in1k.safetensors",),
        ((14_330, 0.072), (67_278, 0.209), (470_542, 0.367), (4_461_482, 0.871), (5_035_278, 0.246),
        (4_194_306, 0.00419)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/hgnetv2_b3.ssld_stage2_ft_in1k/resolve/main/model.safetensors",
        ),
    ),
    "mobilenetv4_conv_small_050": Measured(
        1280, 2_238_952, 0.065, None, 224, 32, 0.875, "bicubic",
        ("mobilenetv4_conv_small_050-e3000_r224_in1k.safetensors",),
        ((928, 0.0108), (4928, 0.0153), (8608, 0.00662), (73_104, 0.016), (221_744, 0.0126), (31_680,
        0.00151), (616_960, 0.000614)),
        Published(
            (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "Apache-2.0", False,
            "https://huggingface.co/timm/mobilenetv4_conv_small_050.e3000_r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "mobilenetv4_conv_small": Measured(
        1280, 3_774_024, 0.186, None, 224, 32, 0.875, "bicubic",
        ("mobilenetv4_conv_small-e2400_r224_in1k.safetensors",),
        ((928, 0.0108), (10_368, 0.0321), (34_112, 0.0265), (272_160, 0.0603), (819_296, 0.0477), (124_800,
        0.00602), (1_231_360, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/mobilenetv4_conv_small.e2400_r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "mobilenetv4_conv_medium": Measured(
        1280, 9_715_512, 0.828, None, 224, 32, 0.95, "bicubic",
        ("mobilenetv4_conv_medium-e500_r224_in1k.safetensors",),
        ((928, 0.0108), (43_360, 0.135), (59_552, 0.0678), (1_521_040, 0.317), (5_330_592, 0.282), (247_680,
        0.012), (1_231_360, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/mobilenetv4_conv_medium.e500_r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "mobilenetv4_hybrid_medium": Measured(
        1280, 11_074_648, 0.966, None, 224, 32, 0.95, "bicubic",
        ("mobilenetv4_hybrid_medium-e500_r224_in1k.safetensors",),
        ((928, 0.0108), (43_360, 0.135), (59_712, 0.0678), (1_947_920, 0.406), (6_262_688, 0.333), (247_680,
        0.012), (1_231_360, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/mobilenetv4_hybrid_medium.e500_r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "mobilenetv4_conv_large": Measured(
        1280, 32_590_864, 2.835, None, 256, 32, 0.95, "bicubic",
        ("mobilenetv4_conv_large-e500_r256_in1k.safetensors",),
        ((696, 0.0106), (25_632, 0.104), (113_904, 0.143), (3_216_288, 0.842), (26_228_544, 1.7), (493_440,
        0.0315), (1_231_360, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/mobilenetv4_conv_large.e500_r256_in1k/resolve/main/model.safetensors",
        ),
    ),
    "hardcorenas_a": Measured(
        1280, 5_260_232, 0.224, None, 224, 32, 0.875, "bilinear",
        ("hardcorenas_a-miil_green_in1k.safetensors",),
        ((928, 0.0108), (896, 0.01), (12_504, 0.0335), (64_040, 0.0289), (273_624, 0.03), (618_976, 0.0536),
        (1_591_944, 0.0459), (186_240, 0.00903), (1_230_080, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/hardcorenas_a.miil_green_in1k/resolve/main/model.safetensors",
        ),
    ),
    "hardcorenas_f": Measured(
        1280, 8_199_688, 0.342, None, 224, 32, 0.875, "bilinear",
        ("hardcorenas_f-miil_green_in1k.safetensors",),
        ((928, 0.0108), (896, 0.01), (14_104, 0.0335), (82_440, 0.038), (419_032, 0.046), (1_147_584, 0.1),
        (3_837_384, 0.0916), (186_240, 0.00903), (1_230_080, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/hardcorenas_f.miil_green_in1k/resolve/main/model.safetensors",
        ),
    ),
    "fbnetc_100": Measured(
        1984, 5_572_200, 0.385, None, 224, 32, 0.875, "bilinear",
        ("fbnetc_100-c345b898.pth",),
        ((464, 0.00542), (752, 0.00823), (8160, 0.0378), (54_064, 0.0484), (175_232, 0.037), (504_656,
        0.0971), (1_534_736, 0.0854), (1_309_136, 0.0637)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/fbnetc_100-c345b898.pth",
        ),
    ),
    "fbnetv3_b": Measured(
        1984, 8_598_464, 0.408, None, 224, 32, 0.95, "bilinear",
        ("fbnetv3_b_224-ead5d2a1.pth",),
        ((464, 0.00542), (928, 0.01), (15_696, 0.0556), (81_832, 0.0547), (164_568, 0.036), (694_264,
        0.108), (2_685_472, 0.119), (303_744, 0.0148), (2_666_496, 0.00267)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/fbnetv3_b_224-ead5d2a1.pth",
        ),
    ),
    "lcnet_050": Measured(
        1280, 1_880_856, 0.045, None, 224, 32, 0.875, "bicubic",
        ("lcnet_050-f447553b.pth",),
        ((232, 0.00271), (248, 0.00251), (2192, 0.00617), (7456, 0.00549), (29_248, 0.00556), (80_384,
        0.0154), (151_136, 0.00533), (328_960, 0.000328)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/lcnet_050-f447553b.pth",
        ),
    ),
    "lcnet_100": Measured(
        1280, 2_953_800, 0.156, None, 224, 32, 0.875, "bicubic",
        ("lcnet_100-a929038c.pth",),
        ((464, 0.00542), (752, 0.00823), (7456, 0.022), (27_200, 0.0206), (107_648, 0.0207), (291_840,
        0.0564), (580_800, 0.0204), (656_640, 0.000655)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/lcnet_100-a929038c.pth",
        ),
    ),
    "tf_efficientnetv2_b0": Measured(
        1280, 7_139_704, 0.528, None, 192, 32, 0.875, "bicubic",
        ("tf_efficientnetv2_b0-c7cc451f.pth",),
        ((928, 0.00796), (4640, 0.0425), (52_736, 0.12), (136_000, 0.0779), (230_652, 0.0305), (947_048,
        0.108), (4_486_700, 0.139)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-effv2-weights/tf_efficientnetv2_b0-c7cc451f.pth",
        ),
    ),
    "tf_efficientnetv2_b1": Measured(
        1280, 8_141_052, 0.747, None, 192, 32, 0.882, "bicubic",
        ("tf_efficientnetv2_b1-be6e41b0.pth",),
        ((928, 0.00796), (6976, 0.0637), (94_016, 0.215), (228_640, 0.131), (328_404, 0.0416), (1_144_868,
        0.131), (5_056_220, 0.156)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-effv2-weights/tf_efficientnetv2_b1-be6e41b0.pth",
        ),
    ),
    "tf_efficientnetv2_b2": Measured(
        1408, 10_096_086, 1.043, None, 208, 32, 0.89, "bicubic",
        ("tf_efficientnetv2_b2-847de54e.pth",),
        ((928, 0.00935), (6976, 0.0748), (94_016, 0.252), (296_400, 0.199), (388_124, 0.0586), (1_312_976,
        0.176), (6_587_666, 0.272)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-effv2-weights/tf_efficientnetv2_b2-847de54e.pth",
        ),
    ),
    "tf_efficientnetv2_b3": Measured(
        1536, 14_358_406, 1.908, None, 240, 32, 0.904, "bicubic",
        ("tf_efficientnetv2_b3-57773f13.pth",),
        ((1160, 0.0156), (8128, 0.116), (140_784, 0.503), (318_992, 0.286), (575_134, 0.111), (1_949_016,
        0.349), (9_828_192, 0.526)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-effv2-weights/tf_efficientnetv2_b3-57773f13.pth",
        ),
    ),
    "tinynet_a": Measured(
        1280, 6_187_972, 0.337, None, 192, 32, 0.875, "bicubic",
        ("tinynet_a-in1k.safetensors",),
        ((928, 0.00796), (1448, 0.00737), (16_714, 0.0404), (46_640, 0.0279), (345_830, 0.0437), (751_720,
        0.0874), (2_614_300, 0.0844), (1_129_392, 0.0365)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tinynet_a.in1k/resolve/main/model.safetensors",
        ),
    ),
    "tinynet_b": Measured(
        1280, 3_730_562, 0.201, None, 188, 32, 0.875, "bicubic",
        ("tinynet_b-in1k.safetensors",),
        ((928, 0.00763), (1448, 0.00707), (16_714, 0.0387), (35_374, 0.0222), (158_248, 0.0207), (346_764,
        0.0404), (1_173_730, 0.0393), (716_356, 0.0233)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tinynet_b.in1k/resolve/main/model.safetensors",
        ),
    ),
    "tinynet_c": Measured(
        1280, 2_457_234, 0.1, None, 184, 32, 0.875, "bicubic",
        ("tinynet_c-in1k.safetensors",),
        ((928, 0.00731), (1176, 0.0046), (7270, 0.0141), (20_554, 0.0113), (67_946, 0.00901), (183_306,
        0.0214), (450_932, 0.0159), (444_122, 0.0146)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tinynet_c.in1k/resolve/main/model.safetensors",
        ),
    ),
    "tinynet_d": Measured(
        1280, 2_338_446, 0.052, None, 152, 32, 0.875, "bicubic",
        ("tinynet_d-in1k.safetensors",),
        ((928, 0.00499), (1176, 0.00314), (2050, 0.00395), (7540, 0.00392), (40_496, 0.0041), (110_202,
        0.00899), (450_932, 0.011), (444_122, 0.0102)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tinynet_d.in1k/resolve/main/model.safetensors",
        ),
    ),
    "tinynet_e": Measured(
        1280, 2_042_972, 0.024, None, 106, 32, 0.875, "bicubic",
        ("tinynet_e-in1k.safetensors",),
        ((928, 0.00243), (1176, 0.00153), (2050, 0.00195), (7540, 0.00204), (40_496, 0.00208), (92_408,
        0.00369), (226_502, 0.00361), (390_872, 0.00575)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tinynet_e.in1k/resolve/main/model.safetensors",
        ),
    ),
    "ghostnet_100": Measured(
        1280, 5_182_508, 0.141, None, 224, 32, 0.875, "bicubic",
        ("ghostnet_100-in1k.safetensors",),
        ((464, 0.00542), (3028, 0.0177), (11_988, 0.0144), (36_592, 0.012), (896_316, 0.0496), (1_723_040,
        0.0395), (1_230_080, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/ghostnet_100.in1k/resolve/main/model.safetensors",
        ),
    ),
    "ghostnetv2_100": Measured(
        1280, 6_156_908, 0.167, None, 224, 64, 0.875, "bicubic",
        ("ghostnetv2_100-in1k.safetensors",),
        ((464, 0.00542), (3028, 0.0177), (17_748, 0.0182), (56_752, 0.0155), (1_168_956, 0.0622),
        (2_398_880, 0.0454), (1_230_080, 0.00123)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/ghostnetv2_100.in1k/resolve/main/model.safetensors",
        ),
    ),
    "rexnet_100": Measured(
        1280, 4_796_873, 0.398, None, 224, 32, 0.875, "bicubic",
        ("rexnet_100-nav_in1k.safetensors",),
        ((928, 0.0108), (896, 0.01), (18_142, 0.0677), (84_774, 0.066), (979_444, 0.143), (2_431_689,
        0.0991)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "MIT", False,
            "https://huggingface.co/timm/rexnet_100.nav_in1k/resolve/main/model.safetensors",
        ),
    ),
    "rexnet_150": Measured(
        1920, 9_728_593, 0.876, None, 224, 32, 0.875, "bicubic",
        ("rexnet_150-nav_in1k.safetensors",),
        ((1392, 0.0163), (1728, 0.0199), (38_982, 0.149), (186_622, 0.148), (2_169_054, 0.319), (5_409_815,
        0.221)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "MIT", False,
            "https://huggingface.co/timm/rexnet_150.nav_in1k/resolve/main/model.safetensors",
        ),
    ),
    "repvit_m0_9": Measured(
        384, 5_489_328, 0.817, None, 224, 32, 0.95, "bicubic",
        ("repvit_m0_9-dist_450e_in1k.safetensors",),
        ((11_160, 0.0406), (22_048, 0.0608), (135_480, 0.123), (2_458_896, 0.472), (2_090_208, 0.12)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/repvit_m0_9.dist_450e_in1k/resolve/main/model.safetensors",
        ),
    ),
    "repvit_m1_0": Measured(
        448, 7_302_796, 1.108, None, 224, 32, 0.95, "bicubic",
        ("repvit_m1_0-dist_450e_in1k.safetensors",),
        ((15_036, 0.0537), (29_304, 0.0822), (184_048, 0.166), (3_334_632, 0.642), (2_839_984, 0.163)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/repvit_m1_0.dist_450e_in1k/resolve/main/model.safetensors",
        ),
    ),
    "repvit_m1_1": Measured(
        512, 8_802_912, 1.339, None, 224, 32, 0.95, "bicubic",
        ("repvit_m1_1-dist_450e_in1k.safetensors",),
        ((19_488, 0.0686), (37_584, 0.107), (237_984, 0.216), (3_775_360, 0.733), (3_704_448, 0.213)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/repvit_m1_1.dist_450e_in1k/resolve/main/model.safetensors",
        ),
    ),
    "starnet_s1": Measured(
        192, 2_869_168, 0.422, None, 224, 32, 0.875, "bicubic",
        ("starnet_s1-in1k.safetensors",),
        ((960, 0.0108), (26_232, 0.0798), (76_656, 0.0589), (1_013_280, 0.196), (1_559_040, 0.0759)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/starnet_s1.in1k/resolve/main/model.safetensors",
        ),
    ),
    "starnet_s2": Measured(
        256, 3_682_024, 0.544, None, 224, 32, 0.875, "bicubic",
        ("starnet_s2-in1k.safetensors",),
        ((960, 0.0108), (25_216, 0.0773), (131_392, 0.101), (1_340_544, 0.26), (1_926_912, 0.094)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/starnet_s2.in1k/resolve/main/model.safetensors",
        ),
    ),
    "starnet_s3": Measured(
        256, 5_750_792, 0.754, None, 224, 32, 0.875, "bicubic",
        ("starnet_s3-in1k.safetensors",),
        ((960, 0.0108), (41_120, 0.126), (131_392, 0.101), (1_762_688, 0.342), (3_557_632, 0.174)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/starnet_s3.in1k/resolve/main/model.safetensors",
        ),
    ),
    "starnet_s4": Measured(
        256, 7_482_728, 1.05, None, 224, 32, 0.875, "bicubic",
        ("starnet_s4-in1k.safetensors",),
        ((960, 0.0108), (57_024, 0.174), (187_776, 0.145), (2_606_976, 0.506), (4_372_992, 0.213)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/starnet_s4.in1k/resolve/main/model.safetensors",
        ),
    ),
    "efficientvit_b0": Measured(
        1280, 3_410_008, 0.1, None, 224, 32, 0.95, "bicubic",
        ("efficientvit_b0-r224_in1k.safetensors",),
        ((400, 0.00442), (4128, 0.0139), (13_888, 0.0126), (142_208, 0.0316), (521_984, 0.0287), (1_446_400,
        0.00773)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/efficientvit_b0.r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "efficientvit_b1": Measured(
        1600, 9_102_024, 0.519, None, 224, 32, 0.95, "bicubic",
        ("efficientvit_b1-r224_in1k.safetensors",),
        ((928, 0.0104), (13_888, 0.0504), (86_528, 0.0752), (756_864, 0.162), (3_785_728, 0.198),
        (2_857_088, 0.0217)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/efficientvit_b1.r224_in1k/resolve/main/model.safetensors",
        ),
    ),
    "convnext_atto": Measured(
        320, 3_695_520, 0.547, None, 224, 32, 0.875, "bicubic",
        ("convnext_atto_d2-01bb0f51.pth",),
        ((2040, 0.00602), (30_240, 0.0926), (124_640, 0.0965), (1_336_000, 0.26), (1_880_960, 0.0919), (640,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/convnext_atto_d2-01bb0f51.pth",
        ),
    ),
    "convnext_femto": Measured(
        384, 5_217_784, 0.78, None, 224, 32, 0.875, "bicubic",
        ("convnext_femto_d1-d71d5b4c.pth",),
        ((2448, 0.00723), (42_432, 0.13), (177_216, 0.137), (1_910_400, 0.372), (2_699_520, 0.132), (768,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/convnext_femto_d1-d71d5b4c.pth",
        ),
    ),
    "convnext_pico": Measured(
        512, 9_045_672, 1.367, None, 224, 32, 0.875, "bicubic",
        ("convnext_pico_d1-10ad7f0d.pth",),
        ((3264, 0.00963), (72_960, 0.225), (310_016, 0.241), (3_366_400, 0.657), (4_779_008, 0.234), (1024,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/convnext_pico_d1-10ad7f0d.pth",
        ),
    ),
    "convnext_nano": Measured(
        640, 15_593_560, 2.446, None, 224, 32, 0.95, "bicubic",
        ("convnext_nano_d1h-7eb4bdea.pth",),
        ((4080, 0.012), (111_680, 0.346), (479_680, 0.374), (6_907_520, 1.35), (7_448_320, 0.364), (1280,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/convnext_nano_d1h-7eb4bdea.pth",
        ),
    ),
    "edgenext_xx_small": Measured(
        168, 1_327_216, 0.258, None, 256, 32, 0.9, "bicubic",
        ("edgenext_xx_small-in1k.safetensors",),
        ((1224, 0.00472), (10_080, 0.0395), (56_500, 0.0577), (447_212, 0.114), (642_864, 0.0418), (336,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "MIT", False,
            "https://huggingface.co/timm/edgenext_xx_small.in1k/resolve/main/model.safetensors",
        ),
    ),
    "edgenext_x_small": Measured(
        192, 2_336_804, 0.533, None, 256, 32, 0.9, "bicubic",
        ("edgenext_x_small-in1k.safetensors",),
        ((1632, 0.00629), (26_304, 0.104), (132_804, 0.136), (834_412, 0.213), (1_148_268, 0.0742), (384,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "MIT", False,
            "https://huggingface.co/timm/edgenext_x_small.in1k/resolve/main/model.safetensors",
        ),
    ),
    "edgenext_small": Measured(
        304, 5_586_832, 1.253, None, 256, 32, 0.95, "bicubic",
        ("edgenext_small-usi_in1k.safetensors",),
        ((2448, 0.00944), (57_888, 0.232), (291_368, 0.297), (2_085_120, 0.532), (2_844_400, 0.183), (608,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "MIT", False,
            "https://huggingface.co/timm/edgenext_small.usi_in1k/resolve/main/model.safetensors",
        ),
    ),
    "inception_next_atto": Measured(
        320, 4_156_520, 0.503, None, 224, 32, 0.875, "bicubic",
        ("inception_next_atto-sail_in1k.safetensors",),
        ((2040, 0.00602), (26_840, 0.082), (117_840, 0.0912), (1_295_200, 0.252), (1_443_520, 0.0705)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/inception_next_atto.sail_in1k/resolve/main/model.safetensors",
        ),
    ),
    "inception_next_tiny": Measured(
        768, 28_055_680, 4.189, None, 224, 32, 0.875, "bicubic",
        ("inception_next_tiny-sail_in1k.safetensors",),
        ((4896, 0.0145), (224_712, 0.697), (965_904, 0.753), (10_954_848, 2.14), (11_823_936, 0.578)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/inception_next_tiny.sail_in1k/resolve/main/model.safetensors",
        ),
    ),
    "poolformer_s12": Measured(
        512, 11_915_176, 1.812, None, 224, 32, 0.9, "bicubic",
        ("poolformer_s12-sail_in1k.safetensors",),
        ((9472, 0.0295), (66_944, 0.206), (338_816, 0.263), (5_305_280, 1.04), (5_680_640, 0.278), (1024,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/poolformer_s12.sail_in1k/resolve/main/model.safetensors",
        ),
    ),
    "caformer_s18": Measured(
        512, 26_341_656, 4.107, None, 224, 32, 1.0, "bicubic",
        ("caformer_s18-sail_in1k.safetensors",),
        ((9536, 0.0295), (166_668, 0.521), (702_156, 0.55), (11_439_826, 2.46), (10_918_726, 0.542), (1024,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/caformer_s18.sail_in1k/resolve/main/model.safetensors",
        ),
    ),
    "convformer_s18": Measured(
        512, 26_774_448, 3.941, None, 224, 32, 1.0, "bicubic",
        ("convformer_s18-sail_in1k.safetensors",),
        ((9536, 0.0295), (166_668, 0.521), (702_156, 0.55), (11_722_084, 2.3), (11_069_260, 0.542), (1024,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/convformer_s18.sail_in1k/resolve/main/model.safetensors",
        ),
    ),
    "tiny_vit_5m_224": Measured(
        320, 5_392_764, 1.255, None, 224, 32, 0.95, "bicubic",
        ("tiny_vit_5m_224-in1k.safetensors",),
        ((19_488, 0.0686), (72_448, 0.22), (426_248, 0.369), (1_920_600, 0.458), (2_632_340, 0.139), (640,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tiny_vit_5m_224.in1k/resolve/main/model.safetensors",
        ),
    ),
    "tiny_vit_11m_224": Measured(
        448, 10_996_972, 2.016, None, 224, 32, 0.95, "bicubic",
        ("tiny_vit_11m_224-in1k.safetensors",),
        ((19_488, 0.0686), (72_448, 0.22), (426_248, 0.369), (4_867_008, 1.08), (5_161_884, 0.273), (896,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tiny_vit_11m_224.in1k/resolve/main/model.safetensors",
        ),
    ),
    "tiny_vit_21m_224": Measured(
        576, 21_198_568, 4.25, None, 224, 32, 0.95, "bicubic",
        ("tiny_vit_21m_224-in1k.safetensors",),
        ((43_056, 0.146), (157_824, 0.484), (952_716, 0.814), (10_913_184, 2.35), (8_553_636, 0.456), (1152,
        0.0)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", False,
            "https://huggingface.co/timm/tiny_vit_21m_224.in1k/resolve/main/model.safetensors",
        ),
    ),
    "swin_s3_tiny_224": Measured(
        768, 28_328_674, 4.623, None, 224, 224, 0.9, "bicubic",
        ("swin_s3_tiny_224-ms_in1k.safetensors",),
        ((4896, 0.0145), (224_694, 0.753), (966_252, 0.781), (10_995_720, 2.32), (15_368_112, 0.759)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "MIT", True,
            "https://huggingface.co/timm/swin_s3_tiny_224.ms_in1k/resolve/main/model.safetensors",
        ),
    ),
    "deit_tiny_patch16_224": Measured(
        192, 5_717_416, 1.254, None, 224, 224, 0.9, "bicubic",
        ("deit_tiny_patch16_224-a1311bcf.pth",),
        ((185_664, 0.0289), (1_334_592, 0.306), (1_334_592, 0.306), (1_334_592, 0.306), (889_728, 0.204),
        (445_248, 0.102)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", True,
            "https://dl.fbaipublicfiles.com/deit/deit_tiny_patch16_224-a1311bcf.pth",
        ),
    ),
    "deit_small_patch16_224": Measured(
        384, 22_050_664, 4.599, None, 224, 224, 0.9, "bicubic",
        ("deit_small_patch16_224-cd65a155.pth",),
        ((371_328, 0.0578), (5_323_392, 1.14), (5_323_392, 1.14), (5_323_392, 1.14), (3_548_928, 0.757),
        (1_775_232, 0.378)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", True,
            "https://dl.fbaipublicfiles.com/deit/deit_small_patch16_224-cd65a155.pth",
        ),
    ),
    "deit3_small_patch16_224": Measured(
        384, 22_059_496, 4.599, None, 224, 224, 0.9, "bicubic",
        ("deit3_small_patch16_224-fb_in1k.safetensors",),
        ((370_944, 0.0578), (5_325_696, 1.14), (5_325_696, 1.14), (5_325_696, 1.14), (3_550_464, 0.757),
        (1_776_000, 0.378)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", True,
            "https://huggingface.co/timm/deit3_small_patch16_224.fb_in1k/resolve/main/model.safetensors",
        ),
    ),
    "deit3_medium_patch16_224": Measured(
        512, 38_849_512, 7.991, None, 224, 224, 0.9, "bicubic",
        ("deit3_medium_patch16_224-fb_in1k.safetensors",),
        ((494_592, 0.0771), (9_460_224, 1.98), (9_460_224, 1.98), (9_460_224, 1.98), (6_306_816, 1.32),
        (3_154_432, 0.659)),
        Published(
            (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "Apache-2.0", True,
            "https://huggingface.co/timm/deit3_medium_patch16_224.fb_in1k/resolve/main/model.safetensors",
        ),
    ),
}

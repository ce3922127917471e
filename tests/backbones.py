"""Which backbones are trained, converted and folded: a small one of each kind, a few at every change."""

from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

from tldesk.model.timm_models import is_installed

_QUICK = ("resnet18", "mobilenet_v3_small", "squeezenet1_1")
_ALWAYS = (*_QUICK, "lcnet_050", "deit_tiny_patch16_224")
_OTHERS = (
    "mobilenet_v2",
    "efficientnet_b0",
    "efficientnet_v2_s",
    "shufflenet_v2_x0_5",
    "mnasnet0_5",
    "densenet121",
    "googlenet",
    "inception_v3",
    "vgg11",
    "alexnet",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "regnet_x_400mf",
    "regnet_y_400mf",
    "convnext_tiny",
    "swin_t",
    "swin_v2_t",
    "vit_b_32",
    "maxvit_t",
)
_TIMMS = (
    "lcnet_050",
    "tf_efficientnetv2_b0",
    "repvit_m0_9",
    "efficientvit_b0",
    "edgenext_xx_small",
    "tiny_vit_5m_224",
    "swin_s3_tiny_224",
    "deit_tiny_patch16_224",
)


def backbones() -> list[ParameterSet]:
    """Names to parametrise a test with; all but a few are for thorough tests.

    Every card has a test of its own in tests/model/test_every_card.py or test_timm_cards.py.
    """
    return [
        pytest.param(name, marks=() if name in _ALWAYS else pytest.mark.thorough, id=name)
        for name in (*_QUICK, *_OTHERS, *(_TIMMS if is_installed() else ()))
    ]

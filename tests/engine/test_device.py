from __future__ import annotations

import pytest
import torch

from tldesk.base import ProblemError
from tldesk.engine import best_device, device_named, devices
from tldesk.engine.device import _ask, _ask_frozen

no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without GPU")


def test_the_cpu_is_always_there_and_first() -> None:
    assert devices()[0].name == "cpu"
    assert device_named("cpu").works
    assert best_device().works


def test_the_child_process_says_yes_to_what_computes() -> None:
    assert not _ask("cpu")


@no_gpu
def test_the_child_process_says_why_not() -> None:
    why = _ask("cuda:0")
    assert why != ""
    assert "\n" not in why


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_frozen_program_asks_a_worker_instead() -> None:
    assert not _ask_frozen("cpu")


def test_an_unknown_device_is_told_with_the_choices() -> None:
    with pytest.raises(ProblemError, match=r"no such device. Choose one of cpu"):
        device_named("cuda:99")

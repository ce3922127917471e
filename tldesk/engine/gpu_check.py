"""Checks in a separate process whether a GPU works, so that a broken driver crashes only that process.

This module imports nothing from tldesk, so that ``python -P gpu_check.py cuda:0`` works from any folder.
"""

from __future__ import annotations

import sys


def check(name: str) -> str:
    """Compare a small convolution, forward and backward, on the device ``name`` with the CPU.

    Returns:
        "" if the results agree, else the reason.
    """
    try:
        return _compute(name)
    except Exception as error:  # noqa: BLE001 - drivers raise all kinds of exceptions; all mean failure
        lines = str(error).strip().splitlines()
        return lines[0] if lines else type(error).__name__


def _compute(name: str) -> str:
    import torch

    def gradient(device: str) -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        picture = torch.randn(2, 3, 16, 16, generator=generator).to(device)
        weight = torch.randn(4, 3, 3, 3, generator=generator).to(device).requires_grad_()
        loss = torch.nn.functional.conv2d(picture, weight, padding=1).relu().mean()
        return torch.autograd.grad(loss, weight)[0].cpu()

    right = torch.allclose(gradient(name), gradient("cpu"), rtol=1e-2, atol=1e-3)
    return "" if right else "its results differ from the processor's"


def main() -> None:
    """Print the result: an empty line if the device works, else the reason."""
    sys.stdout.write(check(sys.argv[1]) + "\n")


if __name__ == "__main__":
    main()

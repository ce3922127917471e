"""A torchvision network's random weights as a file that the weights library takes. Usage: BACKBONE FILE"""

from __future__ import annotations

import sys

import torch
import torchvision

from benchmarks.measuring import emit  # isort: split - before all else: it times the imports

if __name__ == "__main__":
    torch.manual_seed(0)
    torch.save(torchvision.models.get_model(sys.argv[1]).state_dict(), sys.argv[2])
    emit(file=sys.argv[2])

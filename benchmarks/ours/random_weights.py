"""Random weights of a torchvision network as a file for the weights library. Usage: BACKBONE FILE"""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
import sys

import torch
import torchvision

if __name__ == "__main__":
    torch.manual_seed(0)
    torch.save(torchvision.models.get_model(sys.argv[1]).state_dict(), sys.argv[2])
    emit(file=sys.argv[2])

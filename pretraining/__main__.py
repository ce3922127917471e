"""Everything with one command: ``python -m pretraining``; README.md says what comes out."""

from __future__ import annotations

import os

# Before torch is imported: its threads are not to wait busily beside the processes that prepare pictures.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import argparse
import time
from pathlib import Path

import torch

from pretraining.bank import CHUNK, draw_bank, open_bank
from pretraining.lessons import Plan
from pretraining.packing import pack
from pretraining.training import Step, Training

_SHOWN = 100  # steps between two lines


def main() -> None:
    """Draw what is missing, train what is left, pack."""
    args = _arguments()
    torch.set_num_threads(args.threads)
    bank = args.scratch / "drawings"
    for path in draw_bank(bank, args.programmes, seed=args.seed, processes=args.processes):
        print(f"drawn: {path}", flush=True)
    plan = Plan(images=args.images, seed=args.seed)
    training = Training(
        plan, open_bank(bank)[: -(-args.programmes // CHUNK)], args.scratch / "state.pt", workers=1
    )
    began, first = time.monotonic(), training.done
    for step in training.steps():
        if step.number % _SHOWN == 0 or step.number == plan.steps:
            _tell(step, plan, (time.monotonic() - began) / (step.number - first))
    print(f"packed: {pack(training.learner, args.to)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pretraining", description=__doc__)
    parser.add_argument(
        "--scratch", type=Path, default=Path("bench-data/starter"), help="drawings, checkpoint"
    )
    parser.add_argument("--to", type=Path, default=Path("resources/weights"), help="where the weights go")
    parser.add_argument(
        "--programmes", type=int, default=10_000, help="programmes of scenes, two drawings each"
    )
    parser.add_argument("--images", type=int, default=Plan().images, help="pieces of drawings to learn from")
    parser.add_argument("--seed", type=int, default=0, help="of drawings, first weights and pieces")
    parser.add_argument("--threads", type=int, default=1, help="that learn; one more process prepares")
    parser.add_argument("--processes", type=int, default=2, help="that draw at once")
    return parser.parse_args()


def _tell(step: Step, plan: Plan, seconds: float) -> None:
    parts = ", ".join(f"{name} {value:.3f}" for name, value in step.parts.items())
    left = seconds * (plan.steps - step.number) / 60
    print(f"{step.number} of {plan.steps}, {step.side} px: {parts}; {left:.0f} min left", flush=True)


if __name__ == "__main__":
    main()

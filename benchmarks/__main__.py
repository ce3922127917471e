"""``python -m benchmarks``: measures, prints tables of ratios and writes docs/benchmarks.md.

Run nothing else at the same time.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.page import write_page
from benchmarks.places import DATA, PAGE, SCRATCH, WEIGHTS
from benchmarks.rows import ROWS

SETS = ("coffee_leaf", "ants_bees", "brain_mri", "big", "small", "large")
USUAL_SETS = "coffee_leaf,ants_bees,big"


def main(arguments: list[str]) -> int:
    """Measure the requested rows; write the page if all rows were measured, or with ``--page``."""
    args = _parser().parse_args(arguments)
    # The row of the GPU uses random weights, and its set may already have been written.
    if set(args.only) != {"gpu"} and not args.page and not (DATA.is_dir() and WEIGHTS.is_file()):
        print(
            f"The benchmarks need the real pictures and weights beside the checkout: {DATA.parent}",
            file=sys.stderr,
        )
        return 2
    bench = _bench(args, shlex.join(["python", "-m", "benchmarks", *_deciding(arguments)]))
    if not args.page:
        _measure(bench, args.only or tuple(ROWS), args.repeat)
    if args.page or not args.only:
        write_page(args.out, bench.kept)
        print(f"written: {args.out}")
    return 0


def _deciding(arguments: list[str]) -> list[str]:
    """Return the arguments that determine the measurement, without paths and ``--resume``."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--scratch", "--out"):
        parser.add_argument(name)
    parser.add_argument("--resume", action="store_true")
    return parser.parse_known_args(arguments)[1]


def _bench(args: argparse.Namespace, asked: str) -> Bench:
    return Bench(
        args.scratch.absolute(),
        args.sets,
        photos=args.photos,
        large=args.large,
        seeds=args.seeds,
        cap_seconds=args.cap_minutes * 60,
        resume=args.resume,
        asked=asked,
    )


def _measure(bench: Bench, names: tuple[str, ...], repeat: int) -> None:
    # Whole rounds, so that a temporary disturbance of the machine does not affect one program only.
    for number in range(repeat):
        bench.round = number
        for name in names:
            if number == 0 or ROWS[name].REPEATS:
                ROWS[name].measure(bench)
    for name in names:
        print("\n".join(["", f"## {ROWS[name].TITLE}", "", *ROWS[name].lines(bench.kept)]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_rows, default=(), metavar="ROWS", help=f"some of {', '.join(ROWS)}")
    parser.add_argument(
        "--sets", type=_sets, default=_sets(USUAL_SETS), metavar="SETS", help=f"some of {', '.join(SETS)}"
    )
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="number of rounds; the median is used"
    )
    parser.add_argument(
        "--seeds", type=int, default=5, metavar="N", help="number of seeds of the accuracy row"
    )
    parser.add_argument("--resume", action="store_true", help="skip existing results")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing, write the page from the stored results"
    )
    parser.add_argument(
        "--out", type=Path, default=PAGE, metavar="FILE", help="the file to write the page to"
    )
    parser.add_argument(
        "--scratch", type=Path, default=SCRATCH, metavar="DIR", help="folder for generated sets and results"
    )
    parser.add_argument(
        "--photos", type=int, default=2500, metavar="N", help="number of 512x384 photos in the generated set"
    )
    parser.add_argument(
        "--large",
        type=int,
        default=300,
        metavar="N",
        help="number of 12-megapixel photos in the generated set",
    )
    parser.add_argument(
        "--cap-minutes",
        type=float,
        default=30.0,
        metavar="N",
        help="time limit for fastai to reach our accuracy",
    )
    return parser


def _rows(text: str) -> tuple[str, ...]:
    return _chosen(text, tuple(ROWS))


def _sets(text: str) -> tuple[str, ...]:
    return _chosen(text, SETS)


def _chosen(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    wrong = [name for name in names if name not in known]
    if wrong:
        raise argparse.ArgumentTypeError(f"there is no {wrong[0]!r}; choose of {', '.join(known)}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

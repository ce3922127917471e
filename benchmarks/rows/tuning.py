"""Settings of the other programs: several are tried on coffee_leaf, and the fastest is used."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import words
from benchmarks.bench import PASSIVE, Bench
from benchmarks.kept import Kept
from benchmarks.places import DATA, WEIGHTS

TITLE = "How the other programs were tuned"
REPEATS = False
_ROW = "tuning"
_SET = "coffee_leaf"
_BATCH = 32


@dataclass(frozen=True)
class Way:
    """Loading workers, and OMP_WAIT_POLICY."""

    workers: int
    passive: bool

    @property
    def name(self) -> str:
        """The name of its results."""
        return f"workers{self.workers}-{'passive' if self.passive else 'active'}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its program."""
        return PASSIVE if self.passive else {}


_USUAL = Way(2, passive=True)
_WAYS = (_USUAL, Way(2, passive=False), Way(0, passive=True))
_THREADS = (_USUAL, Way(2, passive=False), Way(1, passive=True))
_PROGRAMS = {"plain": _THREADS, "fastai": _WAYS, "torch": _WAYS}


def best_way(kept: Kept, program: str) -> Way:
    """Return the fastest measured setting of a program; two workers if none was measured."""
    found = {way: kept.median(_ROW, program, way.name, "without_imports") for way in _PROGRAMS[program]}
    measured = {way: record["without_imports"] for way, record in found.items() if record is not None}
    return min(measured, key=lambda way: measured[way]) if measured else _USUAL


def measure(bench: Bench) -> None:
    """Measure each setting of each program."""
    images = DATA / _SET
    for program, ways in _PROGRAMS.items():
        for way in ways:
            module, arguments = _command(program, way)
            bench.run(
                _ROW, program, way.name, module, images, WEIGHTS, *arguments, environment=way.environment
            )


def lines(kept: Kept) -> list[str]:
    """Return one line per program and setting."""
    work = {
        "plain": "plain script: all features and head",
        "fastai": "fastai: one epoch, last stage",
        "torch": "plain torch loop: one epoch, last stage",
    }
    found = []
    for program, ways in _PROGRAMS.items():
        best = best_way(kept, program)
        for way in ways:
            record = kept.median(_ROW, program, way.name)
            if record is None:
                continue
            policy = "PASSIVE" if way.passive else "not set"
            mark = "used" if way == best else ""
            took = words.seconds(record["without_imports"])
            found.append((work[program], str(way.workers), policy, took, mark))
    return [
        f"On {_SET}, batch {_BATCH}. Workers are loading threads of the plain script and worker processes "
        "of the others (0: none). torch uses one thread per core, its default. fastai also trains the batch "
        "norms of frozen layers, its default. Times are without imports.",
        "",
        *words.table(("work", "workers", "OMP_WAIT_POLICY", "time", ""), found),
    ]


def _command(program: str, way: Way) -> tuple[str, tuple[object, ...]]:
    if program == "plain":
        return "peers.plain_features", ("test", way.workers)
    if program == "fastai":
        return "peers.fastai_epoch", ("last", _BATCH, way.workers, 1, "yes")
    return "peers.torch_epoch", ("last", _BATCH, way.workers, 1)

"""``python -m benchmarks``: prints the table and writes docs/benchmarks.md. Run nothing else meanwhile."""

from __future__ import annotations

from pathlib import Path

from benchmarks import event_loop, frozen, machine

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    """Measure everything and write the page."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`: ratios of one run on one machine. It is shared: seconds are a hint.",
        "",
        *(f"- {name}: {value}" for name, value in machine.facts().items()),
        "",
        "## A folder of photos to an evaluated model, everything frozen",
        "",
        "Against a plain script: torchvision features in eager fp32, scikit-learn's logistic regression.",
        "",
        "| work | tldesk | accuracy | plain script | accuracy | ratio |",
        "|---|---|---|---|---|---|",
        *(_frozen_line(row) for row in frozen.measure()),
        "",
        "## The window's event loop while training",
        "",
        "| training | beats | median gap | p99 stall | worst stall |",
        "|---|---|---|---|---|",
        *(_loop_line(row) for row in event_loop.measure()),
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _frozen_line(row: frozen.Row) -> str:
    return (
        f"| {row.work} | {row.tldesk_seconds:.1f} s | {row.tldesk_accuracy:.3f} "
        f"| {row.peer_seconds:.1f} s | {row.peer_accuracy:.3f} | {row.ratio:.2f} |"
    )


def _loop_line(row: event_loop.Row) -> str:
    return (
        f"| {row.work} | {row.beats} | {row.median_ms:.1f} ms | {row.p99_ms:.0f} ms | {row.worst_ms:.0f} ms |"
    )


if __name__ == "__main__":
    main()

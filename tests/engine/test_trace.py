from __future__ import annotations

import threading

import torch
from torch import Tensor, fx, nn

from tldesk.engine.trace import traced


class Doubled(nn.Module):
    """Has a submodule, an attribute and a step of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.factor = nn.Parameter(torch.full((2,), 2.0))

    def forward(self, values: Tensor) -> Tensor:
        scaled: Tensor = self.layer(values) * self.factor
        return scaled


class Interrupted(nn.Module):
    """Lets something happen in another thread in the midst of its own forward."""

    def __init__(self, thread: threading.Thread, seconds: float | None) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.thread, self.seconds = thread, seconds
        self.waited = False

    def forward(self, values: Tensor) -> Tensor:
        self.thread.start()
        self.thread.join(self.seconds)
        self.waited = self.thread.is_alive()
        mapped: Tensor = self.layer(values)
        return mapped


def _calls(graph: fx.Graph) -> list[str]:
    return [str(node.target) for node in graph.nodes if node.op == "call_module"]


def test_a_network_computes_in_one_thread_while_another_is_recorded() -> None:
    network, values, found = Doubled(), torch.ones(1, 2), []
    expected = network(values)
    other = threading.Thread(target=lambda: found.append(network(values)))
    graph = traced(Interrupted(other, None))
    assert len(found) == 1
    assert torch.equal(found[0], expected)
    assert _calls(graph) == ["layer"]


def test_networks_are_recorded_one_after_the_other() -> None:
    found: list[fx.Graph] = []
    other = threading.Thread(target=lambda: found.append(traced(Doubled())))
    # The other one waits for this one, so this one only gives it time to do wrong.
    first = Interrupted(other, 0.2)
    graph = traced(first)
    other.join(60)
    assert first.waited
    assert _calls(graph) == ["layer"]
    assert _calls(found[0]) == ["layer"]

"""Records which modules a network calls, while other threads go on computing with theirs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from torch import fx, nn
from torch.fx.proxy import TraceError

UNTRACEABLE = (TraceError, NotImplementedError, RuntimeError, TypeError, ValueError)
"""What ``traced`` raises for a network whose steps depend on the values that it computes."""

_ONE_AT_A_TIME = threading.Lock()


def traced(network: nn.Module) -> fx.Graph:
    """Return the calls of the network's forward as a graph, without computing anything.

    Modules of torch's own and modules without submodules are called as units. May be used by several threads.

    Raises:
        One of UNTRACEABLE: the network cannot be recorded.
    """
    with _ONE_AT_A_TIME:
        return _Tracer().trace(network)


class _Tracer(fx.Tracer):
    """A tracer that leaves the modules of other threads alone.

    While it runs, torch calls it for every module of the process, whichever thread uses the module: what
    another thread computes would land in this graph and be missing there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Return whether the module is called as a unit (hook documented by torch)."""
        return super().is_leaf_module(m, module_qualified_name) or next(m.children(), None) is None

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object:
        """Record the call, or make it if it belongs to another thread (hook documented by torch)."""
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: object, parameter_proxy_cache: dict[str, fx.Proxy]) -> object:
        """Return the attribute as it is recorded, in another thread as it is (hook documented by torch)."""
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

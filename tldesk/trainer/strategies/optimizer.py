"""AdamW and SGD with momentum, without torch's compiler.

The first object of a class of ``torch.optim`` imports the compiler (``torch._dynamo``), which takes two to
three seconds in every process that trains. The functions that do those classes' arithmetic do not, so a step
here gives the same numbers to the last digit. The state has the form of theirs as well: checkpoints that
older versions of tldesk wrote can be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw as adamw_step
from torch.optim.sgd import sgd as sgd_step

_State = dict[str, Tensor]
_Update = Callable[[list[Tensor], list[Tensor], list[_State], Mapping[str, Any]], None]
_RATE = 1.0
"""Until a group's "lr" is set."""


class Optimizer:
    """Changes parameters by their gradients.

    Attributes:
        param_groups: each with "params", "lr", "weight_decay" and whatever else it was given.
    """

    def __init__(self, groups: Iterable[Mapping[str, Any]], update: _Update) -> None:
        self.param_groups: list[dict[str, Any]] = [{"lr": _RATE, **group} for group in groups]
        self._update = update
        self._states: dict[nn.Parameter, _State] = {}

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters():
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change every parameter that has a gradient."""
        for group in self.param_groups:
            parameters = [one for one in group["params"] if one.grad is not None]
            gradients = [one.grad for one in parameters]
            states = [self._states.setdefault(one, {}) for one in parameters]
            self._update(parameters, gradients, states, group)

    def state_dict(self) -> dict[str, Any]:
        """Return the state by the parameters' numbers, and the groups without their parameters; no copies."""
        numbers = {one: number for number, one in enumerate(self._parameters())}
        return {
            "state": {numbers[one]: state for one, state in self._states.items()},
            "param_groups": [
                {**group, "params": [numbers[one] for one in group["params"]]} for group in self.param_groups
            ],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what ``state_dict`` returned, here or in ``torch.optim``.

        Raises:
            ValueError: it is of groups of other sizes.
        """
        groups = state["param_groups"]
        if _sizes(groups) != _sizes(self.param_groups):
            raise ValueError("the state is of other groups of parameters")
        self.param_groups = [
            {**group, "params": own["params"]} for group, own in zip(groups, self.param_groups, strict=True)
        ]
        parameters = dict(
            zip((number for group in groups for number in group["params"]), self._parameters(), strict=True)
        )
        self._states = {
            parameters[number]: _beside(parameters[number], values)
            for number, values in state["state"].items()
        }

    def _parameters(self) -> list[nn.Parameter]:
        return [parameter for group in self.param_groups for parameter in group["params"]]


def adamw(groups: Iterable[Mapping[str, Any]]) -> Optimizer:
    """AdamW (Loshchilov and Hutter 2019) with torch's settings: moments of 0.9 and 0.999, eps 1e-8."""
    return Optimizer(groups, _adamw)


def sgd(groups: Iterable[Mapping[str, Any]]) -> Optimizer:
    """SGD with Nesterov's momentum of 0.9."""
    return Optimizer(groups, _sgd)


def _adamw(
    parameters: list[Tensor], gradients: list[Tensor], states: list[_State], group: Mapping[str, Any]
) -> None:
    for parameter, state in zip(parameters, states, strict=True):
        if not state:
            state["step"] = torch.tensor(0.0)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
    adamw_step(
        parameters,
        gradients,
        [state["exp_avg"] for state in states],
        [state["exp_avg_sq"] for state in states],
        [],
        [state["step"] for state in states],
        amsgrad=False,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        maximize=False,
        lr=group["lr"],
        weight_decay=group["weight_decay"],
    )


def _sgd(
    parameters: list[Tensor], gradients: list[Tensor], states: list[_State], group: Mapping[str, Any]
) -> None:
    momentum = [state.get("momentum_buffer") for state in states]
    sgd_step(
        parameters,
        gradients,
        momentum,  # the function fills what is None
        momentum=0.9,
        dampening=0.0,
        nesterov=True,
        maximize=False,
        lr=group["lr"],
        weight_decay=group["weight_decay"],
    )
    for state, found in zip(states, momentum, strict=True):
        assert found is not None
        state["momentum_buffer"] = found


def _beside(parameter: Tensor, values: Mapping[str, Tensor]) -> _State:
    """The values with the parameter's type and device; AdamW's count of steps stays on the CPU."""
    return {name: one if name == "step" else one.to(parameter) for name, one in values.items()}


def _sizes(groups: Sequence[Mapping[str, Any]]) -> list[int]:
    return [len(group["params"]) for group in groups]

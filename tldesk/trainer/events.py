"""The events of a training: one stream for the run folder, the curves and the progress bar.

Torch-free: the window and the run folder read these without loading torch. Epochs are counted from 1 over all
phases; phases are indices from 0 into ``recipe.phases``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """Training begins, or resumes after an interruption.

    Attributes:
        phases: number of phases.
        epochs: total number of epochs of all phases.
        classes: class names in their fixed order.
        device: title of the device used.
        backbone: name of the backbone's card.
        first_epoch: 1, or the first epoch of a resumed run.
    """

    phases: int
    epochs: int
    classes: tuple[str, ...]
    device: str = ""
    backbone: str = ""
    first_epoch: int = 1


@dataclass(frozen=True, slots=True)
class Preparing:
    """Preparation before the epochs of a phase: reading pictures, computing features.

    Attributes:
        what: description in words ("Reading pictures").
        done: images done, 0 to ``total``.
        total: number of images.
        seconds_left: estimate; None if there is none yet.
    """

    what: str
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase begins.

    Attributes:
        index: index into ``recipe.phases``.
        freeze: the phase's freeze line.
        epochs: number of epochs of the phase.
        trainable: number of trainable parameters.
        first_epoch: the phase's first epoch, counted over all phases.
        batch_size: initial number of images per batch; None if the phase is not trained in batches.
    """

    index: int
    freeze: str
    epochs: int
    trainable: int
    first_epoch: int
    batch_size: int | None = None


@dataclass(frozen=True, slots=True)
class BatchFinished:
    """A batch was processed. At most about ten of these events are sent per second.

    Attributes:
        epoch: over all phases, from 1.
        step: batches finished in this epoch.
        steps: batches per epoch.
        loss: mean training loss of the epoch so far.
        seconds_left: estimate for the whole training; None if there is none yet.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class EpochFinished:
    """An epoch was trained and validated.

    Attributes:
        epoch: over all phases, from 1.
        phase: index into ``recipe.phases``.
        train_loss: mean over the epoch's batches (with class weights and label smoothing).
        train_accuracy: share in [0, 1] of training images predicted correctly: during the epoch's steps (with
            mixup, weighted by the shares), by the solved head, or by the neighbours without the image's own
            group.
        validation_loss: plain mean cross-entropy; None without validation images, like the next two.
        validation_accuracy: share in [0, 1].
        validation_balanced_accuracy: mean recall of the classes, [0, 1].
        learning_rate: rate of the epoch's last batch; 0 if the phase is not trained in steps.
        seconds: duration of the epoch.
        seconds_left: estimate for the whole training.
        best: whether the weights after this epoch are the best so far.
        strength: regularisation strength of a solved head, as scikit-learn's C; None if trained in steps.
    """

    epoch: int
    phase: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    validation_balanced_accuracy: float | None
    learning_rate: float
    seconds: float
    seconds_left: float | None
    best: bool
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for the user; the training continues.

    Attributes:
        text: one or two plain sentences.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped the training; the best weights so far are kept.

    Attributes:
        epoch: number of epochs finished, 0 if none.
    """

    epoch: int


@dataclass(frozen=True, slots=True)
class Finished:
    """All phases are finished.

    Attributes:
        best_epoch: the epoch whose weights are kept, from 1.
        seconds: duration of the training.
    """

    best_epoch: int
    seconds: float


Event = Started | Preparing | PhaseStarted | BatchFinished | EpochFinished | Notice | Stopped | Finished

"""The events of a training: one stream for the run folder, the curves and the progress bar.

Torch-free: the window and the run folder read these without loading torch. Epochs and phases as people count
them: epochs from 1 over all phases, phase indices from 0 (the index into ``recipe.phases``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """Training begins (or goes on after an interruption).

    Attributes:
        phases: number of phases.
        epochs: epochs of all phases together.
        classes: names in their fixed order.
        device: title of the device that computes.
        backbone: name of the backbone's card.
        first_epoch: 1, or the epoch with which a resumed run goes on.
    """

    phases: int
    epochs: int
    classes: tuple[str, ...]
    device: str = ""
    backbone: str = ""
    first_epoch: int = 1


@dataclass(frozen=True, slots=True)
class Preparing:
    """Something that must be done before the epochs of a phase: reading pictures, computing features.

    Attributes:
        what: in words ("Reading pictures").
        done: images done, 0 to ``total``.
        total: images in all.
        seconds_left: estimate, None while there is none.
    """

    what: str
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase begins.

    Attributes:
        index: place in ``recipe.phases``.
        freeze: the phase's freeze line.
        epochs: the phase's epochs.
        trainable: parameters that are trained.
        first_epoch: number of the phase's first epoch over all phases.
        batch_size: images at a time at its beginning; None where it does not go in batches.
    """

    index: int
    freeze: str
    epochs: int
    trainable: int
    first_epoch: int
    batch_size: int | None = None


@dataclass(frozen=True, slots=True)
class BatchFinished:
    """A batch was learnt. At most about ten a second are told.

    Attributes:
        epoch: over all phases, from 1.
        step: batches done in this epoch.
        steps: batches of this epoch.
        loss: mean training loss of the epoch so far.
        seconds_left: estimate for the whole training, None while there is none.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class EpochFinished:
    """An epoch was learnt and checked.

    Attributes:
        epoch: over all phases, from 1.
        phase: place in ``recipe.phases``.
        train_loss: mean over the epoch's batches (class weights and smoothing included).
        train_accuracy: share in [0, 1] of training images that were right while they were learnt, of mixed
            ones by their shares; of a solved head, that are right; of neighbours, by all but the image's own.
        validation_loss: plain mean cross-entropy; None without validation images, as the next two.
        validation_accuracy: share in [0, 1].
        validation_balanced_accuracy: mean recall of the classes, [0, 1].
        learning_rate: of the epoch's last batch; 0 where a head was solved and nothing learned in steps.
        seconds: the epoch took.
        seconds_left: estimate for the whole training.
        best: the weights after this epoch are the best so far.
        strength: of the regularisation with which a head was solved, as scikit-learn's C; None for steps.
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
    """Something the user should know; the training goes on.

    Attributes:
        text: one or two plain sentences.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped the training; the best weights so far are kept.

    Attributes:
        epoch: epochs finished, 0 if none.
    """

    epoch: int


@dataclass(frozen=True, slots=True)
class Finished:
    """All phases are done.

    Attributes:
        best_epoch: whose weights are kept, from 1.
        seconds: the training took.
    """

    best_epoch: int
    seconds: float


Event = Started | Preparing | PhaseStarted | BatchFinished | EpochFinished | Notice | Stopped | Finished

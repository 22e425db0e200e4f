"""What a mistake of the catalogue is: its story, its code, and what each check says of it."""

import functools
from collections.abc import Callable
from typing import NamedTuple

from lstm_src.listing import listing
from lstm_src.lstm import forward
from lstm_src.mistakes.problem import NAMES, claimed_loss, pull, times
from lstm_src.rewriting import Rewritten, diff, rewritten
from lstm_src.structures import Gradients

SCALE = 1 / 4
"""Where the gradient checks are made: at 1 a forgotten factor would not show."""


class Shows(NamedTuple):
    """What the checks say of one gradient code.

    ``audit`` is the verdict of `audit_scaling`, or several of them joined by commas. The others
    are true where the check accepts the code: ``gradient``, `check_gradients` over all steps and
    all that the code returns; ``one_step``, the same for the parameters at T = 1; ``certificate``,
    `lstm_src.exact.certificate`, None where the code is no polynomial, or no backward pass.
    """

    audit: str
    gradient: bool
    one_step: bool
    certificate: bool | None = None

    @property
    def caught(self):
        """Whether any check rejects the code."""
        return self.audit != "once" or False in self[1:]


class Mistake(NamedTuple):
    """An entry: ``code(problem, scale)`` claims to return the gradients of `claimed_loss`.

    ``kind`` is a key of `lstm_src.mistakes.KINDS`; ``title``, ``story`` and ``symptom`` are for
    readers; ``source`` is a key of the bibliography, several with commas between, or None;
    ``shows`` is what the checks say. ``final_term`` and ``decay`` tell what the loss holds, and
    ``scale`` is where its gradient is checked.
    If ``remembers`` is true, the code has a third argument, a dict that it keeps between calls.
    """

    kind: str
    title: str
    story: str
    symptom: str
    code: Callable
    shows: Shows | None = None
    source: str | None = None
    final_term: bool = False
    decay: bool = False
    scale: float = SCALE
    remembers: bool = False

    @property
    def name(self):
        """The name of the code."""
        return getattr(self.code, "name", None) or self.code.__name__

    def gradients(self, problem, scale):
        """Return what the mistaken code yields, as a dict of arrays by their `problem.NAMES`."""
        return self.begin(problem)(scale)

    def begin(self, problem):
        """Return ``gradients(scale)`` as a training loop has it, with a memory of its own."""
        memory = [{}] if self.remembers else []
        return lambda scale: _named(self.code(problem, scale, *memory))

    def loss(self, problem, values, scale):
        """Return the loss whose gradient the code claims to be: see `claimed_loss`."""
        extras = {"final_term": self.final_term, "decay": self.decay}
        return claimed_loss(problem, values, scale, **extras)

    def show(self):
        """Show the lines that the mistake changes, or its few lines of code."""
        return self.code.show() if hasattr(self.code, "show") else listing(self.code)


class BackwardLines(NamedTuple):
    """Code of an entry: gradients by a `Rewritten` backward pass."""

    rewritten: Rewritten

    @property
    def name(self):
        """The name of the backward pass."""
        return self.rewritten.name

    def __call__(self, problem, scale):
        """Return the gradients of all that enters."""
        back_by = functools.partial(self.rewritten, scale=scale)
        final_term = self.rewritten.final_state
        return pull(problem, problem.weights, final_term=final_term, back_by=back_by)

    def show(self):
        """Show the changed lines."""
        return self.rewritten.diff()


class ForwardLines(NamedTuple):
    """Code of an entry: the shipped backward pass on slopes that a rewritten `forward` stored."""

    name: str
    changes: tuple

    def __call__(self, problem, scale):
        """Return the gradients of all that enters."""
        run_by = rewritten(forward, self.changes)
        return times(scale, pull(problem, problem.weights, run_by=run_by))

    def show(self):
        """Show the changed lines."""
        return diff(forward, self.changes)


def from_rewritten(kind, entry):
    """Return the `Mistake` of a `Rewritten` backward pass."""
    texts = entry.title, entry.story, entry.symptom
    code = BackwardLines(entry)
    return Mistake(kind, *texts, code, entry.shows, entry.source, entry.final_state)


def _named(found):
    if isinstance(found, Gradients):
        return dict(zip(NAMES, (*found.params, found.x, *found.state), strict=True))
    return found if isinstance(found, dict) else found._asdict()

"""What a mistake of the catalogue is: its story, its code, and what each check says of it."""

import ast
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lstm_src.checks.trees import times, tree_map
from lstm_src.lstm import backward
from lstm_src.placements.mistakes.problem import NAMES, Problem, claimed_loss, pull
from lstm_src.placements.rewriting import Variant
from lstm_src.structures import Gradients
from lstm_src.validation import check_like

SCALE = 1 / 4
"""Where the gradient checks are made: at 1 a forgotten factor would not show."""


class Shows(NamedTuple):
    """What the checks say of one gradient code.

    ``audit`` is the verdict of `audit_scaling`, or several of them joined by commas; ``weights`` is
    what `audit_weights` reads, in the words of `weighing.reading`. The others are true where the
    check accepts the code: ``gradient``, `check_gradients` over all steps and all that the code
    returns; ``one_step``, the same for the parameters at T = 1; ``certificate``,
    `lstm_src.proof.certificate`, None where the code is no polynomial, or no backward pass.
    """

    audit: str
    gradient: bool
    one_step: bool
    weights: str
    certificate: bool | None = None

    @property
    def caught(self):
        """Whether any check rejects the code."""
        return self.audit != "once" or self.weights != "as meant" or False in self


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """An entry: code that claims to return the gradients of `claimed_loss`.

    Parameters
    ----------
    name : str
        Its key in `MISTAKES`.
    kind : str
        A key of `KINDS`.
    title, story, symptom : str
        For readers.
    code : Variant or callable
        A `Variant` of the shipped `backward` or `forward`, or ``code(problem, scale)``.
    shows : Shows, optional
        What the checks say.
    source : str, optional
        A key of the bibliography, several with commas between.
    degrees : callable, optional
        For a backward pass that applies the factor itself: ``degrees(T)`` gives for each gradient,
        by its path, the set of its degrees in the scale after T steps. Without it, the factor goes
        on every cotangent that enters, which is right, and something else is wrong.
    final_term, decay : bool, optional
        What the loss holds beside the steps' terms. The degrees are for a loss with the final term
        where it is true, and for one that reads the hidden states alone where it is not.
    scale : float, optional
        Where the gradient is checked.
    remembers : bool, optional
        Whether the code has a third argument, a dict that it keeps between calls.
    claims : callable, optional
        The loss in the place of `claimed_loss`: ``claims(problem, values, scale)``.
    pulls : callable, optional
        What pulls weighted terms of that loss back: ``pulls(problem, weights)``.
    groups : tuple of str, optional
        What the loss terms are labelled by when their weights are read, beside the step: what a
        sequence of the batch is, "sequence", "micro_batch" or "worker"; then "window", or
        "padding" where its terms are passed, too.
    """

    name: str
    kind: str
    title: str = ""
    story: str = ""
    symptom: str = ""
    code: Callable
    shows: Shows | None = None
    source: str | None = None
    degrees: Callable | None = None
    final_term: bool = False
    decay: bool = False
    scale: float = SCALE
    remembers: bool = False
    claims: Callable | None = None
    pulls: Callable = pull
    groups: tuple = ("sequence",)

    @property
    def rewritten(self):
        """The function that is rewritten, `backward` or `forward`; None for other code."""
        return self.code.function if isinstance(self.code, Variant) else None

    def __call__(self, params, tape, dh, dstate=None, scale=1):
        """Return what should be ``scale`` times the gradients of ``dh`` and ``dstate``.

        Parameters
        ----------
        params, tape, dh, dstate
            As for `lstm_src.lstm.backward`.
        scale : number, symbol or ring element, optional
            The factor.

        Returns
        -------
        Gradients

        Raises
        ------
        TypeError
            If the mistake is no rewritten backward pass, and as `lstm_src.lstm.backward`.
        ValueError
            As `lstm_src.lstm.backward`.
        """
        if self.rewritten is not backward:
            raise TypeError(f"{self.name}: expected a rewritten backward pass, got other code")
        if self.degrees is None:
            dh, dstate = tree_map(lambda u: u * scale, (dh, dstate))
        return self.code(params, tape, dh, dstate, scale=scale)

    def gradients(self, problem, scale):
        """Return what the mistaken code yields, as a dict of arrays by their `problem.NAMES`."""
        return self.begin(problem)(scale)

    def begin(self, problem):
        """Return ``gradients(scale)`` as a training loop has it, with a memory of its own."""
        check_like("problem", problem, Problem)
        memory = [{}] if self.remembers else []
        return lambda scale: by_name(self._run(problem, scale, *memory))

    def loss(self, problem, values, scale):
        """Return the loss whose gradient the code claims to be: see `claimed_loss`."""
        if self.claims is not None:
            return self.claims(problem, values, scale)
        extras = {"final_term": self.final_term, "decay": self.decay}
        return claimed_loss(problem, values, scale, **extras)

    def through(self, problem, weights, scale, *, final_term=False):
        """Return ``scale`` times the gradients of weighted terms, by the rewritten pass."""
        if self.rewritten is backward:
            back_by = functools.partial(self, scale=scale)
            return pull(problem, weights, final_term=final_term, back_by=back_by)
        return times(scale, pull(problem, weights, run_by=self.code))

    def show(self):
        """Return the lines that the mistake changes as text, or its few lines of code."""
        return self.code.diff() if self.rewritten else without_docstring(self.code)

    def _run(self, problem, scale, *memory):
        if self.rewritten:
            return self.through(problem, problem.weights, scale, final_term=self.final_term)
        return self.code(problem, scale, *memory)


def without_docstring(function):
    """Return the source of a function, but for its docstring."""
    source = inspect.cleandoc("\n" + inspect.getsource(function))
    lines = source.splitlines()
    docstring = ast.parse(source).body[0].body[0]
    return "\n".join(lines[: docstring.lineno - 1] + lines[docstring.end_lineno :])


def by_name(found):
    """Return gradients of any kind as a dict of arrays by their `problem.NAMES`."""
    if isinstance(found, Gradients):
        return dict(zip(NAMES, (*found.params, found.x, *found.state), strict=True))
    return found if isinstance(found, dict) else found._asdict()

"""How much does each loss term weigh in a gradient, and which mean is that? For any code.

By the theorem of ways a gradient is a weighted sum of the gradients of its loss terms. So the
weights can be read off: least squares against the gradients of the single terms.
"""

import numpy as np

from lstm_src.checks.gradients.arguments import take_counts
from lstm_src.checks.weights.arguments import take_gradient, take_terms
from lstm_src.checks.weights.aside import explained_by, set_aside
from lstm_src.checks.weights.asked import take_mean
from lstm_src.checks.weights.columns import check_count, columns_of
from lstm_src.checks.weights.judging import report_of
from lstm_src.checks.weights.labels import check_groups, take_groups
from lstm_src.checks.weights.means import TOKEN_MEAN
from lstm_src.checks.weights.seen import Read, Whole
from lstm_src.checks.weights.solve import fit_all
from lstm_src.validation import check_generator


def audit_weights(gradient, terms, groups=None, mean=None, *, counts=None, rng=None):
    """Read off how much each loss term weighs in a gradient, and name the mean that is.

    Parameters
    ----------
    gradient : tree
        What a training step left behind: arrays of any framework, after accumulation, workers and
        clipping. What is ``None`` here and in every term is left out, and named.
    terms : list of trees, tree, callable or (callable, K)
        The gradients of the K single loss terms at the same parameters, each of a loss term with
        the weight 1: a list of trees like ``gradient``; or one whose arrays have an axis of
        length K in front; or a function of k, with K where no ``groups`` say it, which must return
        the same each time: it is asked for term 0 three times.
    groups : dict of str to sequence, optional
        Labels of the terms, each (K,): "sequence", "micro_batch", "worker", "step", "window",
        "loss" and "class" hold numbers or names; "padding" holds 1 for what is padding. "tokens"
        holds how many tokens a term adds up, "class_weight" what its class should weigh.
    mean : str or array of shape (K,), optional
        What was meant: a name, such as "token mean", "sum" or "mean of worker means of micro-batch
        means", "DAPO", "GRPO" or, with ``max_length`` among the counts, "Dr. GRPO"; or the weights,
        which may be rounded to their type.
    counts : dict of str to number, optional
        More numbers of the training code, as for `check_gradients`: a common factor is compared
        with them, the gradient's norm with those whose name holds the word clip or limit, or
        ends in norm.
    rng : numpy.random.Generator, optional
        Source of the signs by which parameters are projected, where there are too many; seeded with
        0 if omitted.

    Returns
    -------
    WeightReport

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here, or a gradient is not finite.

    Notes
    -----
    A mean of means passes `audit_scaling`, for every term is scaled once, and `check_gradients`,
    for the gradient is that of the loss in the code. Here it shows.

    The weights are found by least squares in float64, arrays and terms scaled to one size. Up to
    1,500 terms singular values are computed, beyond them the normal equations. Where the terms'
    gradients hold more than 20 million numbers, the parameters are added up in random groups with
    random signs, to at least twice as many sums as there are terms.

    A mean is named only if all weights are its weights, up to one factor, to within five standard
    deviations of the measured noise, and if that is sharp: the weights of at least half of the
    terms, and of one in each group, must be known to a tenth. The verdict says how many are, and
    the advice which are not. Padding whose gradient is zero need not be known. Otherwise the
    verdict is "not known" or, where the weights are known and no mean has them, none. If other
    means over one kind of group have the same weights here, they are named as well; what leaves two
    different ones open is not known.

    Beside none, a mean is called the nearest if all other terms that are told have exactly its
    weights, and the exceptions are few, or whole groups, or weigh nothing.

    What it cannot see: a term that was not passed and whose gradient is a weighted sum of the
    others'; a term whose gradient is wrong in the same way alone and in the whole.
    """
    arrays, kind, absent = take_gradient(gradient)
    groups = check_groups(groups)
    count, term = take_terms(terms, arrays, groups)
    check_count(arrays, count)
    labels = take_groups(groups, count)
    counts = take_counts(counts)
    rng = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    means, meant = take_mean(mean, labels, counts)
    columns = columns_of(arrays, kind, count, term, rng)
    first = fit_all(columns)
    aside, fitting = None, ()
    if first.unexplained:
        fitting = () if meant is None else explained_by(columns, meant.weights)
        aside = set_aside(columns, first, fitting)
        if aside is not None and not aside.factors.keys().isdisjoint(fitting):
            aside = None  # what it would set aside is as meant
    sums = len(columns.target) if columns.projected else 0
    whole = Whole(columns.kind, columns.length, columns.parameters, sums, absent=absent)
    return report_of(Read(first, aside, whole, labels, means, meant, counts, fitting))


def assert_mean(gradient, terms, groups=None, mean=TOKEN_MEAN, **options):
    """Raise unless `audit_weights` finds the weights of this mean, with the factor 1: for a test.

    All weights must be those of the mean, to within the noise; and at least half of them, and one
    of each group, known to a tenth. `WeightReport.margins` says how far each may be off.

    Parameters
    ----------
    gradient, terms, groups, mean, **options
        As for `audit_weights`.

    Raises
    ------
    AssertionError
        With the whole report; also if the data do not tell, or a part is left over.
    TypeError, ValueError
        As `audit_weights`.
    """
    report = audit_weights(gradient, terms, groups, mean, **options)
    if not report.as_meant:
        raise AssertionError(str(report))

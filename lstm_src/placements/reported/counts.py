"""Reports of a wrong count, or of an all-reduce that adds or averages the wrong ranks."""

from functools import partial

import numpy as np

from lstm_src.placements.reported.reported import Reported


def mean_over(*axes):
    """Return code that adds up tokens and gradients over the axes that split the data, once."""

    def token_mean(problem):
        N = problem.ranks.all_reduce(problem.counts, *axes)
        return problem.ranks.all_reduce(problem.step(1 / N), *axes)

    return token_mean


def own_count(problem):
    """Divide by the rank's own count, and average."""
    own = problem.step(1 / np.maximum(problem.counts, 1))
    return problem.ranks.all_reduce(own, "context", op="mean")


def averaged_shares(problem):
    """Divide by the count of all, and average what are parts of a sum."""
    N = problem.ranks.all_reduce(problem.counts, "context")
    return problem.ranks.all_reduce(problem.step(1 / N), "context", op="mean")


def counted_without_context(problem):
    """Count over the replicas alone, where each of their ranks holds a share of the sequence."""
    N = problem.ranks.all_reduce(problem.counts, "data")
    return problem.ranks.all_reduce(problem.step(1 / N), "data", "context")


def times_all_ranks(problem, ranks=("data", "tensor")):
    """Multiply by the number of ranks, to undo the average that follows over the replicas."""
    N = problem.ranks.all_reduce(problem.counts, "data")
    own = problem.step(problem.ranks.size(*ranks) / N)
    return problem.ranks.all_reduce(own, "data", op="mean")


def divided_in_the_log(problem):
    """Go back from the sum; the losses are divided when the schedule returns them."""
    return problem.ranks.all_reduce(problem.step(1), "rounds")


def averaged_over_ranks_alone(problem):
    """Add up within a process, and average between processes."""
    summed = problem.ranks.all_reduce(problem.step(1 / problem.N), "rounds")
    return problem.ranks.all_reduce(summed, "data", op="mean")


def by_the_generation(problem, generated):
    """Divide by the tokens of the generated batch, so many rounds, not by those of the update."""
    N = generated * problem.counts  # rounds of one size
    return problem.ranks.all_reduce(problem.step(1 / N), "rounds")


def at_least_one(problem):
    """Count a sequence in which all is masked as one token."""
    N = problem.ranks.all_reduce(np.maximum(problem.counts, 1), "data")
    return problem.ranks.all_reduce(problem.step(1 / N), "data")


FULL = (8, 8, 8, 8)
"""Lengths of sequences without padding."""

COUNTS = (
    Reported(
        name="own_count",
        axis="context",
        did="divides by the rank's own count, then averages",
        says="¼ with one valid token on four ranks",
        source="megatron7513",
        number=1 / 4,
        sizes={"context": 4},
        lengths=(1,),
        code=own_count,
        mended=mean_over("context"),
    ),
    Reported(
        name="averaged_shares",
        axis="context",
        did="divides by all tokens, then averages",
        says="norm 3.956 for 15.825 on four ranks",
        source="deepspeed5555",
        number=1 / 4,
        sizes={"context": 4},
        code=averaged_shares,
        mended=mean_over("context"),
    ),
    Reported(
        name="counted_without_context",
        axis="context",
        did="counts over the replicas alone",
        says="N too small by the size of the axis",
        source="verl5983",
        number=2,
        sizes={"data": 2, "context": 2},
        lengths=FULL,
        code=counted_without_context,
        mended=mean_over("data", "context"),
    ),
    Reported(
        name="times_all_ranks",
        axis="tensor",
        did="multiplies by all 2 × 4 ranks, then averages over 2",
        says="loss 47.88 for 11.97",
        source="transformers45994,transformers39648",
        number=4,
        sizes={"data": 2, "tensor": 4},
        code=times_all_ranks,
        mended=partial(times_all_ranks, ranks=("data",)),
    ),
    Reported(
        name="divided_in_the_log",
        axis="pipeline",
        did="divides the losses that the schedule returns",
        says="N times too large",
        source="torchtitan2972,torchtitan4194",
        number=17,
        sizes={"rounds": 2},
        code=divided_in_the_log,
        mended=mean_over("rounds"),
    ),
    Reported(
        name="averaged_over_ranks_alone",
        axis="data",
        did="adds up within a rank, averages between ranks",
        says="a question: does the same batch give another result?",
        source="horovod2298",
        number=1 / 2,
        sizes={"data": 2, "rounds": 2},
        code=averaged_over_ranks_alone,
        mended=mean_over("data", "rounds"),
    ),
    Reported(
        name="by_the_generation_halved",
        axis="rounds",
        did="divides 2 rounds by the tokens of 4",
        says="0.5×",
        source="trl6024",
        number=1 / 2,
        sizes={"rounds": 2},
        lengths=(8, 8),
        code=partial(by_the_generation, generated=4),
        mended=mean_over("rounds"),
    ),
    Reported(
        name="by_the_generation_quadrupled",
        axis="rounds",
        did="divides 32 rounds by the tokens of 8",
        says="4×",
        source="trl6024",
        number=4,
        sizes={"rounds": 32},
        lengths=(1,) * 32,
        code=partial(by_the_generation, generated=8),
        mended=mean_over("rounds"),
    ),
    Reported(
        name="at_least_one",
        axis="data",
        did="counts a masked sequence as one token",
        says="5 for 4: gradients 20 % smaller",
        source="miles2796",
        number=4 / 5,
        sizes={"data": 2},
        lengths=(4, 0),
        code=at_least_one,
        mended=mean_over("data"),
    ),
)
"""The reports of this kind."""

"""Reports of a second loss, or a penalty, whose weight follows the number of ranks or rounds."""

from lstm_src.checks.trees import times
from lstm_src.placements.reported.counts import FULL, mean_over
from lstm_src.placements.reported.problem import plus, rolled
from lstm_src.placements.reported.reported import Reported


def main_averaged(problem):
    """Return the token mean of the main loss: times W, since the library averages."""
    ranks, W = problem.ranks, problem.ranks.size("data")
    return ranks.all_reduce(problem.step(W / problem.N), "data", op="mean")


def local_sum_global_count(problem, factor=1):
    """Divide the rank's own sum by the count of all, and let it be averaged."""
    extra = problem.step(factor / problem.N, "states")
    return plus(main_averaged(problem), problem.ranks.all_reduce(extra, "data", op="mean"))


def times_the_ranks(problem):
    """Multiply the share of a sum by W, as the main loss."""
    return local_sum_global_count(problem, problem.ranks.size("data"))


def thrown_away(problem):
    """Compute the second loss, and lose what would have led to its gradient."""
    times_the_ranks(problem)  # as an autograd node that nobody reads
    return main_averaged(problem)


def every_round(problem, factor=1):
    """Add the second loss to each round as its own mean."""
    extra = problem.step(factor / problem.counts, "states")
    main = mean_over("rounds")(problem)
    return plus(main, problem.ranks.all_reduce(extra, "rounds"))


def over_the_rounds(problem):
    """Divide it by the rounds."""
    return every_round(problem, 1 / problem.ranks.size("rounds"))


def by_the_main_count(problem, factor=1):
    """Divide all gradients by the N of the main loss, though the second has M tokens."""
    extra = problem.step(factor / problem.N, "later")
    return plus(mean_over("data")(problem), problem.ranks.all_reduce(extra, "data"))


def by_its_own_count(problem):
    """Multiply it by N/M before all is divided by N."""
    M = rolled(problem.batch[3]).sum()
    return by_the_main_count(problem, problem.N / M)


def penalty_on_each(problem, factor=1):
    """Add the penalty to the loss of each rank, and add the gradients up."""
    own = plus(problem.step(1 / problem.N), times(factor, problem.penalty()))
    return problem.ranks.all_reduce(own, "data")


def penalty_shared(problem):
    """Divide the penalty by the number of ranks whose gradients are added up."""
    return penalty_on_each(problem, 1 / problem.ranks.size("data"))


TWO, FOUR = (7, 4), (7, 4, 5, 1)

PARTS = (
    Reported(
        name="local_sum_global_count",
        axis="data",
        did="divides its own sum of a second loss by all tokens, then averages",
        says="1/W of its coefficient",
        source="megatron3672,megatron3769",
        number=1 / 4,
        sizes={"data": 4},
        lengths=FOUR,
        code=local_sum_global_count,
        mended=times_the_ranks,
        part="states",
        losses=("main", "states"),
    ),
    Reported(
        name="thrown_away",
        axis="data",
        did="computes a second loss and loses its way back",
        says="the gradient never flows",
        source="automodel1408",
        number=0,
        sizes={"data": 2},
        lengths=TWO,
        code=thrown_away,
        mended=times_the_ranks,
        part="states",
        losses=("main", "states"),
    ),
    Reported(
        name="every_round",
        axis="rounds",
        did="adds a second loss whole in each round",
        says="too heavy by the number of rounds",
        source="automodel3359",
        number=4,
        sizes={"rounds": 4},
        lengths=FULL,
        code=every_round,
        mended=over_the_rounds,
        part="states",
        losses=("main", "states"),
    ),
    Reported(
        name="by_the_main_count",
        axis="data",
        did="divides a second loss of M tokens by N",
        says="M/N",
        source="megatron2417,megatron3159",
        number=7 / 8,
        sizes={"data": 2},
        lengths=(8, 8),
        code=by_the_main_count,
        mended=by_its_own_count,
        part="later",
        losses=("main", "later"),
    ),
    Reported(
        name="penalty_on_each",
        axis="data",
        did="adds a penalty on each rank, then adds up",
        says="to be divided by the replicas",
        source="keras20609,tensorflow48875",
        number=4,
        sizes={"data": 4},
        lengths=FOUR,
        code=penalty_on_each,
        mended=penalty_shared,
        part="penalty",
        losses=("main", "penalty"),
    ),
)
"""The reports of this kind."""

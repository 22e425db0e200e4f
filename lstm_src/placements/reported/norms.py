"""Reports of the norm of a gradient that lies in shards, or in copies, on several ranks."""

from functools import partial

import numpy as np

from lstm_src.placements.reported.reported import Reported
from lstm_src.training.ranks import norm_on_ranks


def ones(ranks, *length):
    """Return a gradient of ones in each rank's hands."""
    return np.ones((*ranks.shape, *length))


def shards(problem):
    """Return a gradient whose entries lie on all ranks, four on each."""
    return {"W": ones(problem.ranks, 4)}


def one_norm(problem, gradients, split):
    """Return the norm over all ranks, of each parameter once."""
    return norm_on_ranks(problem.ranks, gradients(problem), split)


def norm_of_a_shard(problem):
    """Return what a rank finds in its own shard."""
    return np.linalg.norm(shards(problem)["W"], axis=-1)


def shard_and_copy(problem):
    """Return a layer of which each rank holds half, and a weight of which each holds a copy."""
    return {"W": ones(problem.ranks, 1), "copy": ones(problem.ranks, 1)}


def copies_counted(problem):
    """Add up the squares of everything over the ranks of the layer."""
    squares = sum(np.square(array).sum(axis=-1) for array in shard_and_copy(problem).values())
    return np.sqrt(problem.ranks.all_reduce(squares, "tensor"))


def whole(problem):
    """Return a gradient of the norm 0.8, of which each rank holds a copy."""
    return {"W": 0.8 * ones(problem.ranks)}


def reduced_again(problem):
    """Add up the squares over ranks that hold the same, already reduced."""
    return np.sqrt(problem.ranks.all_reduce(np.square(whole(problem)["W"]), "data"))


def dense_and_expert(problem):
    """Return a weight that all ranks share, and one expert on each."""
    return {"dense": ones(problem.ranks), "expert": ones(problem.ranks)}


def first_expert_alone(problem):
    """Take experts for copies, and count that of the first rank alone."""
    found = dense_and_expert(problem)
    return np.sqrt(np.square(found["dense"]) + np.square(found["expert"][0]))


NORMS = (
    Reported(
        name="norm_of_a_shard",
        axis="shards",
        did="logs the norm of its own shard",
        says="½ on four ranks",
        source="milesdiffusion35,pytorch170862",
        number=1 / 2,
        sizes={"shards": 4},
        code=norm_of_a_shard,
        mended=partial(one_norm, gradients=shards, split={"W": ("shards",)}),
        part="norm",
    ),
    Reported(
        name="copies_counted",
        axis="tensor",
        did="adds up squares of copies, too",
        says="a copied weight counts once a rank",
        source="nemorl3788",
        number=np.sqrt(4 / 3),
        sizes={"tensor": 2},
        code=copies_counted,
        mended=partial(one_norm, gradients=shard_and_copy, split={"W": ("tensor",), "copy": ()}),
        part="norm",
    ),
    Reported(
        name="reduced_again",
        axis="data",
        did="reduces the norm of a gradient that is already whole",
        says="1.131371 for 0.8",
        source="twinkle290",
        number=1.131371 / 0.8,
        sizes={"data": 2},
        code=reduced_again,
        mended=partial(one_norm, gradients=whole, split={"W": ()}),
        part="norm",
    ),
    Reported(
        name="first_expert_alone",
        axis="expert",
        did="takes the other experts for copies",
        says="√2 for √3",
        source="megatron6470",
        number=np.sqrt(2 / 3),
        sizes={"expert": 2},
        code=first_expert_alone,
        mended=partial(
            one_norm, gradients=dense_and_expert, split={"dense": (), "expert": ("expert",)}
        ),
        part="norm",
    ),
)
"""The reports of this kind."""

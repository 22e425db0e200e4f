"""Nothing is written into, and a state that is stored and read back continues to the same bits."""

import io
import pickle

import numpy as np
import pytest
from optimizers import MODEL, OPTIMIZERS, flat, gradients_at, planted, trained

from lstm_src.checks.trees import named_leaves, tree_leaves, tree_map
from lstm_src.training import Adagrad, Adam

# Nothing is written into


def untouched(optimizer):
    """Take three steps with arrays that nothing can be written into, and return what is shared."""
    params, shared = tree_map(np.copy, MODEL), []
    state = optimizer.begin(params)
    for _ in range(3):
        gradients = gradients_at(params)
        given = tree_leaves([params, gradients, *state[1:]])
        for array in given:
            array.flags.writeable = False
        params, state = optimizer.step(params, gradients, state)
        found = tree_leaves([params, *state[1:]])
        shared += [a for a in found for b in given if np.shares_memory(a, b)]
        params, state = tree_map(np.copy, [params, state])
    return shared


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_nothing_is_written_into_or_shared(optimizer):
    assert untouched(optimizer) == []


def test_a_rule_that_writes_or_shares_is_noticed():
    writes = planted(Adam(), "mean = beta * mean +", "mean *= beta; mean = mean +")
    with pytest.raises(ValueError, match="read-only"):
        untouched(writes)
    assert untouched(planted(Adagrad(), "squares = squares + gradient**2", "squares[...]")) != []


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_the_same_arguments_give_the_same_bits(optimizer):
    params, state = trained(optimizer, MODEL, optimizer.begin(MODEL), 3)
    once = trained(optimizer, params, state, 2)
    trained(optimizer, MODEL, optimizer.begin(MODEL), 4)
    again = trained(optimizer, params, state, 2)
    assert pickle.dumps(once) == pickle.dumps(again)


# Checkpoints


def pickled(params, state):
    return pickle.loads(pickle.dumps((params, state)))


def in_npz(params, state):
    """Return both after a way through a file of arrays."""
    leaves = {k: a for k, a in named_leaves("all", [params, state]).items() if a is not None}
    file = io.BytesIO()
    np.savez(file, **leaves)
    file.seek(0)
    read = iter(np.load(file).values())
    return tree_map(lambda _: next(read), [params, state])


@pytest.mark.parametrize("way", [pickled, in_npz])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_a_checkpoint_continues_to_the_same_bits(optimizer, way):
    half = trained(optimizer, MODEL, optimizer.begin(MODEL), 4)
    through, state = trained(optimizer, *half, 3)
    resumed, state_2 = trained(optimizer, *way(*half), 3)
    assert np.array_equal(flat(through), flat(resumed))
    assert state.steps == state_2.steps == 7
    assert all(map(np.array_equal, tree_leaves(state), tree_leaves(state_2)))


@pytest.mark.parametrize(
    "forget",
    [
        lambda state: state._replace(steps=0),
        lambda state: state._replace(mean=tree_map(np.zeros_like, state.mean)),
        lambda state: state._replace(mean_square=tree_map(lambda a: a / 2, state.mean_square)),
    ],
)
def test_a_checkpoint_that_lost_something_is_noticed(forget):
    params, state = trained(Adam(), MODEL, Adam().begin(MODEL), 4)
    through, _ = trained(Adam(), params, state, 1)
    resumed, _ = trained(Adam(), params, forget(state), 1)
    assert not np.array_equal(flat(through), flat(resumed))

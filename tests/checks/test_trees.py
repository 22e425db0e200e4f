"""Trees of arrays: leaves by path, a function of every leaf, and containers built anew."""

import operator
from collections import OrderedDict, UserDict, defaultdict, deque, namedtuple

import numpy as np
import pytest

from lstm_src.checks.trees import (
    named_arrays,
    named_leaves,
    rebuild_like,
    times,
    tree_leaves,
    tree_map,
    tree_vector,
)

Pair = namedtuple("Pair", "one other")
TREE = {"a": [1, (2, None)], "b": Pair(3, {"c": 4})}


def test_a_path_names_every_step():
    assert named_leaves("tree", TREE) == {
        "a[0]": 1,
        "a[1][0]": 2,
        "a[1][1]": None,
        "b.one": 3,
        "b.other.c": 4,
    }
    assert named_leaves("tree", 7) == {"array": 7}
    assert named_leaves("tree", {7: "text"}) == {"7": "text"}
    assert named_leaves("tree", (k for k in "ab")) == {"[0]": "a", "[1]": "b"}


@pytest.mark.parametrize("empty", [{}, [], (), [{}]])
def test_an_empty_tree_is_refused(empty):
    with pytest.raises(ValueError, match="tree: expected at least one array, got an empty tree"):
        named_leaves("tree", empty)


def test_two_leaves_of_one_path_are_refused():
    with pytest.raises(ValueError, match="expected one array for each path, got two"):
        named_leaves("tree", {"a": {"b": 1}, "a.b": 2})


def test_none_is_no_leaf_of_a_map_and_an_error_where_an_array_is_asked_for():
    assert tree_leaves(TREE) == [1, 2, 3, 4]
    assert tree_map(lambda leaf: -leaf, TREE) == {"a": [-1, (-2, None)], "b": Pair(-3, {"c": -4})}
    with pytest.raises(TypeError, match=r"tree: a\[1\]: expected an array, got None"):
        named_arrays("tree", {"a": [np.ones(1), None]})


@pytest.mark.parametrize(
    "tree",
    [
        [1, 2],
        (1, 2),
        Pair(1, 2),
        deque([1, 2]),
        {"a": 1},
        OrderedDict(b=1, a=2),
        defaultdict(int, a=1),
        UserDict(a=1),
        {"a": ()},
        3,
    ],
    ids=lambda tree: type(tree).__name__,
)
def test_every_container_is_built_anew_as_it_was(tree):
    found = tree_map(lambda leaf: leaf, tree)
    assert type(found) is type(tree)
    assert found == tree
    assert found is not tree or not hasattr(tree, "__len__")
    if isinstance(tree, defaultdict):
        assert found["new"] == 0


def test_several_trees_are_walked_together():
    assert tree_map(operator.add, {"a": [1, 2]}, {"a": (10, 20)}) == {"a": [11, 22]}
    for other in ({"b": [1, 2]}, {"a": [1]}, {"a": 1}, 3):
        with pytest.raises(ValueError, match="others: expected a tree with"):
            tree_map(operator.add, {"a": [1, 2]}, other)


def test_the_numbers_of_a_tree_are_joined_in_order_without_none():
    tree = {"a": [np.arange(4).reshape(2, 2), None], "b": Pair(4, np.full((1, 1), 5))}
    assert np.array_equal(tree_vector(tree), range(6))


def test_trees_are_added_and_multiplied_leaf_by_leaf():
    assert times(3, {"a": [1, None]}) == {"a": [3, None]}
    assert times(2, {"a": [1, 2]}, {"a": (10, 20)}) == {"a": [22, 44]}
    with pytest.raises(ValueError, match="others: expected a tree with"):
        times(1, [1], [1, 2])


def test_arrays_take_their_places_by_path():
    given = {"b.other.c": 40, "b.one": 30, "a[1]": 20, "a[0]": 10}
    tree = {"a": [1, 2], "b": Pair(3, {"c": 4})}
    rebuild = rebuild_like("tree", tree, named_leaves("tree", tree))
    assert rebuild(given) == {"a": [10, 20], "b": Pair(30, {"c": 40})}


@pytest.mark.parametrize("tree", [(k for k in (1.0, 2.0)), {"a": 1.0}.values(), map(abs, (1.0,))])
def test_what_cannot_be_built_anew_is_refused(tree):
    with pytest.raises(TypeError, match=r"tree: .* got a container that cannot be rebuilt in "):
        rebuild_like("tree", tree, ["[0]"])


@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: {"w": a}, lambda a: [a, a]])
def test_a_masked_array_is_refused(wrap):
    masked = np.ma.masked_array(np.ones(3), mask=[True, False, False])
    with pytest.raises(TypeError, match=r"g: .*: expected an array, got a masked array"):
        named_arrays("g", wrap(masked))


def test_a_sparse_tensor_is_filled_up():
    class Sparse:
        layout, dtype = "torch.sparse_coo", "torch.float64"

        def detach(self):
            return self

        cpu = detach

        def to_dense(self):
            return np.array([0.0, 2.0])

    assert named_arrays("g", Sparse())["array"].tolist() == [0, 2]


@pytest.mark.parametrize("empty", [{}, None, [(), None]])
def test_a_vector_of_nothing_is_refused_by_name(empty):
    with pytest.raises(ValueError, match=r"^tree: expected at least one array, got none"):
        tree_vector(empty)


@pytest.mark.parametrize("tree", [TREE, {}, 1])
def test_what_is_mapped_has_to_be_callable(tree):
    with pytest.raises(TypeError, match=r"^function: expected a callable, got int"):
        tree_map(3, tree)


def test_a_sum_of_no_trees_is_refused():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'tree'"):
        times(2)

"""The LSTM over five kinds of axes: well reduced it is one process, with a fault it is not."""

import numpy as np
import pytest

from lstm_src.checks import audit_weights, check_gradients, tree_leaves, tree_map
from lstm_src.lstm import backward, forward, init_params
from lstm_src.structures import Params
from lstm_src.training import StepLoss, clip_by_norm, length_mask, running_minimum, squared_error
from lstm_src.training.ranks import (
    Experts,
    Ranks,
    clip_on_ranks,
    joined_units,
    norm_on_ranks,
    sums_on_ranks,
    sums_over_experts,
    sums_over_stages,
    sums_over_units,
)

T, B, D = 12, 4, 4
RNG = np.random.default_rng(7)
X, TARGET = running_minimum(T, B, D, RNG)
PARAMS, SECOND = init_params(D, D, RNG), init_params(D, D, RNG)
MASK = length_mask(np.array([12, 5, 9, 0]), T).astype(float)
N = int(MASK.sum())
ROUTE = RNG.integers(0, 2, (T, B))
MATRICES = RNG.standard_normal((2, D, D))


def whole(params=PARAMS, scale=1):
    run = forward(params, X)
    cotangent = squared_error(run.h, TARGET, MASK).cotangent
    return backward(params, run.tape, scale * cotangent).params


def near(found, expected, rtol=1e-12):
    pairs = zip(tree_leaves(found), tree_leaves(expected), strict=True)
    return all(abs(a - b).max() <= rtol * abs(b).max() for a, b in pairs)


@pytest.mark.parametrize(
    ("sizes", "axes"),
    [
        ({"data": 2}, ("data",)),
        ({"context": 3}, ("context",)),
        ({"context": 3, "data": 2, "tensor": 2}, ("data", "context")),
        ({"rounds": 2, "context": 2, "data": 2}, ("data", "context", "rounds")),
    ],
)
def test_sums_over_the_axes_that_count_are_those_of_one_process(sizes, axes):
    ranks = Ranks(**sizes)
    found = ranks.all_reduce(sums_on_ranks(ranks, PARAMS, X, TARGET, MASK), *axes)
    loss, gradients, count = ranks.join(found)
    assert near(gradients, whole())
    assert count == N
    assert loss == pytest.approx(squared_error(forward(PARAMS, X).h, TARGET, MASK).terms.sum())
    for fewer in [axes[:-1]] * (len(axes) > 1):
        part = ranks.all_reduce(found, *fewer)
        assert not near(tree_map(lambda a: a[(0,) * len(ranks.shape)], part.gradients), whole())


def test_a_missing_all_reduce_is_found():
    ranks = Ranks(context=3)
    with pytest.raises(ValueError, match="is an all-reduce missing"):
        ranks.join(sums_on_ranks(ranks, PARAMS, X, TARGET, MASK).gradients)


def test_each_rank_scales_its_own_terms_before_the_backward_pass():
    ranks = Ranks(context=3, data=2)
    scale = RNG.uniform(1, 2, ranks.shape)
    found = ranks.join(
        ranks.all_reduce(
            sums_on_ranks(ranks, PARAMS, X, TARGET, MASK, scale=scale).gradients, "data", "context"
        )
    )
    by_term = np.repeat(np.repeat(scale, T // 3, axis=0), B // 2, axis=1)
    assert near(found, whole(scale=by_term[..., None]))


def test_a_state_and_its_cotangent_pass_the_border_of_two_context_ranks():
    ranks = Ranks(context=2)
    mask = MASK.copy()
    mask[: T // 2] = 0
    found = sums_on_ranks(ranks, PARAMS, X, TARGET, mask)
    assert list(found.count) == [0, mask.sum()]
    assert abs(found.gradients.b[0]).max() > 0.01  # of the first rank's steps for the later terms


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_units_on_ranks_are_the_layer(shards):
    ranks = Ranks(tensor=shards)
    found = sums_over_units(ranks, PARAMS, X, TARGET, MASK, scale=1 / N)
    assert near(joined_units(ranks, found.gradients), whole(scale=1 / N))
    assert found.count.tolist() == [N] * shards


@pytest.mark.parametrize("op", ["mean", None])
def test_parts_of_a_cotangent_that_are_not_added_up_are_noticed(op):
    ranks = Ranks(tensor=2)

    def loss(params):
        h = forward(params, X.astype(params.b.dtype)).h
        return squared_error(h, TARGET.astype(h.dtype), MASK).terms.sum()

    found = [sums_over_units(ranks, PARAMS, X, TARGET, MASK, op=o) for o in ("sum", op)]
    right, wrong = (
        check_gradients(loss, PARAMS, joined_units(ranks, f.gradients), steps=T) for f in found
    )
    assert right.right
    assert not wrong.right


def test_layers_on_ranks_are_the_stack():
    ranks, runs, values = Ranks(pipeline=2), [], X
    for layer in (PARAMS, SECOND):
        runs.append(forward(layer, values))
        values = runs[-1].h
    terms, cotangent = squared_error(values, TARGET, MASK)
    last = backward(SECOND, runs[1].tape, cotangent / N)
    first = backward(PARAMS, runs[0].tape, last.x)
    for micro_batches in (1, 2, 4):
        found = sums_over_stages(
            ranks, [PARAMS, SECOND], X, TARGET, MASK, micro_batches=micro_batches, scale=1 / N
        )
        stages = [tree_map(lambda a, k=k: a[k], found.gradients) for k in range(2)]
        assert near(stages, [first.params, last.params])
        assert found.loss == pytest.approx([0, terms.sum() / N])
        assert found.count.tolist() == [N, N]
    assert not near(stages[::-1], [first.params, last.params])


def test_experts_on_ranks_hold_the_tokens_of_all():
    ranks = Ranks(expert=2)
    found = sums_over_experts(ranks, Experts(PARAMS, MATRICES), X, TARGET, MASK, ROUTE, scale=1 / N)

    def loss(model):
        h = forward(model.shared, X.astype(model.shared.b.dtype)).h
        y = np.einsum("tbi,tbij->tbj", h, model.experts[ROUTE])
        return squared_error(y, TARGET.astype(y.dtype), MASK).terms.sum() / N

    shared = ranks.all_reduce(found.gradients.shared, "expert")
    right = Experts(ranks.join(shared), found.gradients.experts)
    assert check_gradients(loss, Experts(PARAMS, MATRICES), right, steps=T).right
    assert found.loss.sum() == pytest.approx(loss(Experts(PARAMS, MATRICES)))
    assert found.count.sum() == N
    halved = Experts(tree_map(lambda a: a / 2, right.shared), right.experts)
    report = check_gradients(loss, Experts(PARAMS, MATRICES), halved, steps=T)
    wrong = {path for path, verdict in report.verdicts.items() if verdict != "right"}
    assert wrong == {"shared.W_x", "shared.W_h", "shared.b"}


def test_own_counts_divide_something_else_after_the_backward_pass():
    ranks = Ranks(context=2)
    mask = length_mask(np.array([12, 7, 9, 7]), T).astype(float)
    run = forward(PARAMS, X)
    cotangent, terms = squared_error(run.h, TARGET, mask).cotangent, []
    for t, b in np.argwhere(mask):
        only = np.zeros_like(cotangent)
        only[t, b] = cotangent[t, b]
        terms.append(backward(PARAMS, run.tape, only).params)
    sums = sums_on_ranks(ranks, PARAMS, X, TARGET, mask)
    before = sums_on_ranks(ranks, PARAMS, X, TARGET, mask, scale=1 / sums.count).gradients
    after = ranks.on_each(lambda g, n: tree_map(lambda a: a / n, g), sums.gradients, sums.count)
    residuals = [
        audit_weights(ranks.join(ranks.all_reduce(g, "context")), terms).residual
        for g in (before, after)
    ]
    assert residuals[0] < 1e-12
    assert residuals[1] > 1e-3


# Norms


GRID = Ranks(data=2, tensor=2)
SPLIT = {"W_x": ("tensor",), "W_h": ("tensor",), "b": ()}


def held():
    found = whole()._asdict()
    return {
        name: GRID.split(array, **({"tensor": 1} if array.ndim == 2 else {}))
        for name, array in found.items()
    }


def test_the_norm_counts_each_parameter_once():
    expected = np.sqrt(sum(np.square(array).sum() for array in whole()))
    norm = norm_on_ranks(GRID, held(), SPLIT)
    np.testing.assert_allclose(norm, np.full((2, 2), expected))
    twice = norm_on_ranks(GRID, held(), SPLIT | {"b": ("tensor",)})
    assert twice[0, 0] > expected * 1.01


@pytest.mark.parametrize("share", [0.25, 2])
def test_the_clip_is_that_of_the_whole_gradient(share):
    limit = share * norm_on_ranks(GRID, held(), SPLIT)[0, 0]
    clipped = clip_on_ranks(GRID, held(), SPLIT, limit)
    found = {k: GRID.join(a, **({"tensor": 1} if a.ndim == 4 else {})) for k, a in clipped.items()}
    assert near(found, clip_by_norm(whole()._asdict(), limit))
    assert near(found, whole()._asdict()) == (share > 1)


def test_an_infinite_limit_clips_nothing():
    found = clip_on_ranks(GRID, held(), SPLIT, np.inf)
    assert all(np.array_equal(found[name], array) for name, array in held().items())


def test_ranks_that_would_clip_by_different_norms_are_refused():
    with pytest.raises(ValueError, match="is an all-reduce missing"):
        norm_on_ranks(GRID, held(), SPLIT | {"W_x": ()})


def test_no_gradient_is_no_division_by_zero():
    clipped = clip_on_ranks(GRID, {"b": np.zeros((2, 2, 3))}, {"b": ()}, 1.0)
    assert not clipped["b"].any()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: norm_on_ranks(GRID, held(), {"b": ()}), "split: expected W_x, W_h, b, got b"),
        (lambda: norm_on_ranks(GRID, held(), SPLIT | {"b": ("pipe",)}), "axes: .* got 'pipe'"),
        (lambda: clip_on_ranks(GRID, held(), SPLIT, 0), "limit: expected a number above 0, got 0"),
        (
            lambda: sums_over_units(Ranks(data=2), PARAMS, X, TARGET, MASK),
            "ranks: expected the axis tensor alone, got data",
        ),
        (
            lambda: sums_over_units(Ranks(tensor=2), PARAMS, X[:, :, :2], TARGET, MASK),
            r"x: expected shape \(T, B, 4\)",
        ),
        (
            lambda: sums_over_units(Ranks(tensor=3), PARAMS, X, TARGET, MASK),
            "multiple of 3",
        ),
        (
            lambda: sums_over_stages(Ranks(pipeline=2), [PARAMS], X, TARGET, MASK, micro_batches=1),
            "layers: expected one for each rank along pipeline alone, got 1",
        ),
        (
            lambda: sums_over_stages(Ranks(pipeline=1), [PARAMS], X, TARGET, MASK, micro_batches=3),
            "micro_batches: expected a divisor of 4 sequences, got 3",
        ),
        (
            lambda: sums_over_experts(
                Ranks(expert=4), Experts(PARAMS, MATRICES), X, TARGET, MASK, ROUTE
            ),
            "params.experts: expected one for each rank along expert alone, got 2",
        ),
        (
            lambda: sums_over_experts(
                Ranks(expert=2), Experts(PARAMS, MATRICES), X, TARGET, MASK, ROUTE + 1
            ),
            "route: expected an expert from 0 to 1 at every token, got 2",
        ),
        (
            lambda: sums_on_ranks(Ranks(context=5), PARAMS, X, TARGET, MASK),
            "a multiple of 5 .context. along axis 0, got 12",
        ),
    ],
)
def test_bad_input_is_named(make, said):
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize("size", [1e-250, 1e-200, 1.0, 1e200, 1e300])
@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
def test_the_clip_is_that_of_the_whole_whatever_its_size(size, dtype):
    whole = {"W": (size * np.arange(1.0, 5)).astype(dtype)}
    shards, pair = {"W": whole["W"].reshape(2, 2)}, Ranks(tensor=2)
    norm = norm_on_ranks(pair, shards, {"W": "tensor"})
    np.testing.assert_allclose(norm / size, np.sqrt(30), rtol=1e-14)
    for limit in (size, 100 * size, np.inf):
        found = clip_on_ranks(pair, shards, {"W": "tensor"}, limit)["W"].reshape(4)
        np.testing.assert_allclose(found, clip_by_norm(whole, limit)["W"], rtol=1e-14)


@pytest.mark.parametrize(
    ("size", "limit", "dtype"),
    [(60_000, 1e-3, np.float16), (1.5e308, 1.0, np.float64), (1e-310, 1.0, np.float64)],
)
def test_a_clip_on_ranks_is_right_at_the_ends_of_the_range(size, limit, dtype):
    shards = {"W": np.full((2, 2), size).astype(dtype)}
    found = clip_on_ranks(Ranks(tensor=2), shards, {"W": ("tensor",)}, limit)["W"]
    expected = clip_by_norm([shards["W"].reshape(4)], limit)[0]
    np.testing.assert_array_equal(found.reshape(4), expected)
    np.testing.assert_allclose(expected, min(limit / 2, size), rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_a_clip_on_ranks_keeps_the_type(dtype):
    shards = {"W": np.full((2, 3), 2, dtype), "none": None}
    found = clip_on_ranks(Ranks(tensor=2), shards, {"W": ("tensor",)}, 1.0)
    assert found["W"].dtype == dtype
    assert found["none"] is None


@pytest.mark.parametrize(
    ("held", "error", "text"),
    [
        (
            np.eye(2),
            ValueError,
            "array: expected copies on the ranks .* got entries 1 apart: is an",
        ),
        (np.full((2, 2), np.nan), ValueError, "array: expected finite numbers, got nan"),
        (np.full((2, 2), np.inf), ValueError, "array: expected finite numbers, got inf"),
        (np.ones((2, 2), complex), TypeError, "array: expected floating-point, got complex128"),
        (np.ones(3), ValueError, r"array: expected the first axes to be .*, got shape \(3,\)"),
    ],
)
def test_gradients_that_have_no_one_norm_are_named(held, error, text):
    with pytest.raises(error, match=f"gradients: {text}"):
        norm_on_ranks(Ranks(data=2), held, {"array": ()})


def on_ranks(**changes):
    given = {"params": PARAMS, "x": X, "target": TARGET, "mask": MASK} | changes
    return sums_on_ranks(Ranks(data=2, context=2), **given)


def on_stages(**changes):
    given = {"layers": [PARAMS] * 2, "x": X, "target": TARGET, "mask": MASK} | changes
    return sums_over_stages(Ranks(pipeline=2), **given, micro_batches=2)


def on_units(**changes):
    given = {"params": PARAMS, "x": X, "target": TARGET, "mask": MASK} | changes
    return sums_over_units(Ranks(tensor=2), **given)


def on_experts(**changes):
    given = {"params": Experts(PARAMS, MATRICES), "x": X, "target": TARGET, "mask": MASK}
    return sums_over_experts(Ranks(expert=2), **({"route": ROUTE} | given | changes))


EACH = [on_ranks, on_stages, on_units, on_experts]
TWICE = np.concatenate([TARGET, TARGET], axis=1)


@pytest.mark.parametrize("make", EACH)
@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"x": None}, TypeError, "x: expected a plain NumPy array, got NoneType"),
        ({"x": X[..., :2]}, ValueError, r"x: expected shape \(T, B, 4\)"),
        ({"target": TWICE}, ValueError, r"target: expected shape \(12, 4, \.\.\.\), got \(12, 8"),
        ({"target": None}, TypeError, "target: expected a NumPy array, got NoneType"),
        ({"mask": MASK[:, :2]}, ValueError, r"mask: expected shape \(12, 4\)"),
        ({"mask": None}, TypeError, "mask: expected a plain NumPy array, got NoneType"),
        ({"scale": np.ones(2)}, ValueError, r"scale: expected a number.*, got shape \(2,\)"),
        ({"scale": "1"}, TypeError, "scale: expected a real number, got str"),
        ({"scale": np.nan}, ValueError, "scale: expected a finite number, got nan"),
    ],
)
def test_what_no_ranks_can_read_is_named(make, change, error, text):
    with pytest.raises(error, match=text):
        make(**change)


@pytest.mark.parametrize(
    ("route", "error", "text"),
    [
        (ROUTE[0], ValueError, r"route: expected shape \(12, 4\)"),
        (ROUTE + 0.5, TypeError, "route: expected integers, got float64"),
        (ROUTE.tolist(), TypeError, "route: expected a plain NumPy array, got list"),
    ],
)
def test_a_route_that_leads_nowhere_is_named(route, error, text):
    with pytest.raises(error, match=text):
        on_experts(route=route)


@pytest.mark.parametrize("make", EACH)
def test_no_scale_widens_the_type(make):
    def narrow(tree):
        return tree_map(lambda a: a.astype(np.float32), tree)

    params = {
        on_stages: {"layers": [narrow(PARAMS)] * 2},
        on_experts: {"params": narrow(Experts(PARAMS, MATRICES))},
    }.get(make, {"params": narrow(PARAMS)})
    found = make(**params, x=narrow(X), target=narrow(TARGET), scale=np.float64(1 / 3))
    assert {a.dtype for a in tree_leaves(found.gradients)} == {np.dtype(np.float32)}


def test_a_loss_of_ones_own_on_ranks_returns_a_term_for_each_step():
    with pytest.raises(
        TypeError, match=r"loss: expected terms of shape \(6, 2\), got float64: a me"
    ):
        on_ranks(loss=lambda *given: StepLoss(squared_error(*given).terms.mean(), given[0]))


READ = (X, TARGET, MASK)


@pytest.mark.parametrize("ranks", [None, 2, np.ones(2), "data"])
def test_what_are_no_ranks_is_named(ranks):
    for make in (
        lambda: sums_on_ranks(ranks, PARAMS, *READ),
        lambda: sums_over_units(ranks, PARAMS, *READ),
        lambda: sums_over_stages(ranks, [PARAMS] * 2, *READ, micro_batches=1),
        lambda: sums_over_experts(ranks, Experts(PARAMS, MATRICES), *READ, ROUTE),
        lambda: joined_units(ranks, PARAMS),
        lambda: norm_on_ranks(ranks, held(), SPLIT),
        lambda: clip_on_ranks(ranks, held(), SPLIT, 1.0),
    ):
        with pytest.raises(TypeError, match=f"^ranks: expected Ranks, got {type(ranks).__name__}"):
            make()


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: norm_on_ranks(GRID, held(), None), TypeError, "split: expected a dict of axes"),
        (
            lambda: sums_over_stages(Ranks(pipeline=2), 2, *READ, micro_batches=1),
            TypeError,
            "layers: expected several, as in a list, got int",
        ),
        (
            lambda: sums_over_stages(Ranks(pipeline=2), [PARAMS, 2], *READ, micro_batches=1),
            TypeError,
            r"layers\[1\]: expected Params\(W_x, W_h, b\), got int",
        ),
        (
            lambda: joined_units(Ranks(tensor=2), {"b": np.ones((2, 4))}),
            TypeError,
            r"gradients: expected Params\(W_x, W_h, b\), got dict",
        ),
        (
            lambda: joined_units(Ranks(tensor=3), PARAMS),
            ValueError,
            r"gradients.W_x: expected the first axes to be those of the ranks \(tensor 3\)",
        ),
        (
            lambda: joined_units(Ranks(tensor=2), Params(*np.ones((3, 2, 2, 6)))),
            ValueError,
            r"gradients.W_x: expected the columns of 4 gates, got \(2, 2, 6\)",
        ),
        (lambda: GRID.on_each(3, np.ones((2, 2))), TypeError, "function: expected a callable"),
    ],
)
def test_what_ranks_cannot_hold_is_named(make, error, said):
    with pytest.raises(error, match=f"^{said}"):
        make()

"""Our clips beside those of PyTorch, optax and Keras: by value, by one norm, by each array's own.

Also what chapter 14 says of them: PyTorch adds 1e-6 to the norm, and returns it as it was.
"""

from functools import partial

import numpy as np
import optax
import pytest
import torch
from jax import numpy as jnp

from benchmarks.agreement.keras_layer import keras
from lstm_src.checks import compare_gradients
from lstm_src.training import clip_by_norm, clip_by_value

rng = np.random.default_rng(0)
GRADIENTS = [3 * rng.standard_normal((3, 4)), rng.standard_normal(5), np.array([2.0])]
NORM = float(np.sqrt(sum((g * g).sum() for g in GRADIENTS)))
LIMITS = NORM / 4, 2 * NORM  # at work, and idle
ADDED = 1e-6

each_limit = pytest.mark.parametrize("limit", LIMITS)


def of_torch(clip, limit, gradients=GRADIENTS):
    """Return what PyTorch's clip leaves, and what it returns."""
    leaves = [torch.from_numpy(0 * g).requires_grad_() for g in gradients]
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = torch.from_numpy(gradient.copy())
    returned = clip(leaves, limit)
    return [leaf.grad.numpy() for leaf in leaves], returned


def each_array(gradients, limit):
    return [clip_by_norm([g], limit)[0] for g in gradients]


def same(found, expected, rtol=1e-12):
    return all(np.allclose(a, b, rtol=rtol, atol=0) for a, b in zip(found, expected, strict=True))


@each_limit
def test_pytorch_takes_one_norm_and_adds_a_millionth_to_it(limit):
    found, norm = of_torch(torch.nn.utils.clip_grad_norm_, limit)
    assert norm.item() == pytest.approx(NORM, rel=1e-14)  # from before the clip
    fires = limit < NORM
    exact = clip_by_norm(GRADIENTS, limit)
    added = [g * NORM / (NORM + ADDED) for g in exact] if fires else exact
    assert same(found, added)
    assert same(found, exact, rtol=1e-6)
    assert same(found, exact) == (not fires)  # the millionth shows
    assert same(found, each_array(GRADIENTS, limit)) == (not fires)


def test_pytorchs_clip_by_norm_is_homogeneous_but_for_the_millionth():
    clip = torch.nn.utils.clip_grad_norm_
    once, _ = of_torch(clip, 1e-6, [1e-6 * g for g in GRADIENTS])
    large, _ = of_torch(clip, 1.0)
    assert not same([1e6 * g for g in once], large, rtol=1e-2)
    by_ours = clip_by_norm([1e-6 * g for g in GRADIENTS], 1e-6)
    assert same([1e6 * g for g in by_ours], clip_by_norm(GRADIENTS, 1.0))


@each_limit
def test_pytorch_clips_by_value(limit):
    found, _ = of_torch(torch.nn.utils.clip_grad_value_, limit / 4)
    assert same(found, clip_by_value(GRADIENTS, limit / 4), rtol=0)


@each_limit
def test_optax_takes_one_norm_or_the_values(limit):
    gradients = [jnp.asarray(g) for g in GRADIENTS]
    tolerance = 1e-5  # its arrays may be float32
    for clip, ours in ((optax.clip_by_global_norm, clip_by_norm), (optax.clip, clip_by_value)):
        transform = clip(limit)
        found, _ = transform.update(gradients, transform.init(gradients))
        assert same([np.asarray(g) for g in found], ours(GRADIENTS, limit), rtol=tolerance)
    assert same(each_array(GRADIENTS, limit), clip_by_norm(GRADIENTS, limit)) == (limit > NORM)


@pytest.mark.parametrize("limit", [NORM / 16, NORM / 3])
@pytest.mark.parametrize(
    ("name", "ours"),
    [("clipnorm", each_array), ("global_clipnorm", clip_by_norm), ("clipvalue", clip_by_value)],
)
def test_kerass_clipnorm_is_each_arrays_own_and_global_clipnorm_one(name, ours, limit):
    variables = [keras.Variable(np.zeros(g.shape, np.float32)) for g in GRADIENTS]
    optimizer = keras.optimizers.SGD(learning_rate=1.0, **{name: limit})
    optimizer.apply(
        [keras.ops.convert_to_tensor(g.astype(np.float32)) for g in GRADIENTS], variables
    )
    found = [-np.asarray(variable.value) for variable in variables]
    assert same(found, ours(GRADIENTS, limit), rtol=1e-5)
    others = {each_array, clip_by_norm, clip_by_value} - {ours}
    assert not any(same(found, other(GRADIENTS, limit), rtol=1e-3) for other in others)


def test_a_gradient_clipped_while_pytorchs_first_scale_is_on_is_that_much_shorter():
    tensor = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    torch.amp.GradScaler("cpu").scale((tensor * tensor.detach()).sum()).backward()
    scale = 65536.0
    assert tensor.grad.tolist() == [3 * scale, 4 * scale]
    found, _ = of_torch(torch.nn.utils.clip_grad_norm_, 1.0, [tensor.grad.numpy()])
    assert np.linalg.norm(found[0] / scale) == pytest.approx(1 / scale, rel=1e-9)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_twice_the_factor_and_the_bound_compare_as_chapter_14_says(dtype):
    settings = {"s and C": 1.0, "2s and 2C": 2.0}

    def by_half(a, *, divided_first=True, limit=NORM / 4):
        clip = torch.nn.utils.clip_grad_norm_
        given = [(g * a if divided_first else g).astype(dtype) for g in GRADIENTS]
        found, _ = of_torch(clip, a * limit, given)
        return [(g if divided_first else g * a) / a for g in found]

    default = compare_gradients(by_half, settings)
    assert default.same == (dtype == np.float32)  # in float64 the millionth shows
    assert compare_gradients(by_half, settings, tolerance=1e-5).same
    wrong = partial(by_half, divided_first=False)
    assert not compare_gradients(wrong, settings, tolerance=1e-5).same
    assert compare_gradients(partial(wrong, limit=2 * NORM), settings).same  # idle

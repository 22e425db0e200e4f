"""The complete step in JAX and optax: its updates are those of NumPy, and mistakes show."""

import os
import subprocess
import sys
from pathlib import Path

import complete
import numpy as np
import pytest
from test_complete_step import arrays_of, no_terms, numpy_steps

from benchmarks.agreement.keras_layer import jax, jnp
from lstm_src import audit_scaling
from lstm_src.checks.trees import named_leaves
from lstm_src.structures import GATES

T, B, SCALE = 8, 2, 2.0**16
BOUND = 1e-11
PARAMS = arrays_of(complete.new_module())


def apply(params, x, state):
    """Run the model of the other tests on a window."""
    zeros = jnp.zeros((x.shape[1], len(params.W_y)))
    state = (zeros, zeros) if state is None else state

    def step(carried, inputs):
        h, c = carried
        z = inputs @ params.lstm.W_x + h @ params.lstm.W_h + params.lstm.b
        z = dict(zip(GATES, jnp.split(z, 4, axis=-1), strict=True))
        i, f, o = (jax.nn.sigmoid(z[gate]) for gate in "ifo")
        c = f * c + i * jnp.tanh(z["g"])
        h = o * jnp.tanh(c)
        return (h, c), h

    state, h = jax.lax.scan(step, state, params.embedding[x])
    return h @ params.W_y + params.b_y, state


def on_workers(world, batches=None):
    """Return the micro-batches, padded to one shape, with an axis of workers in front."""

    def padded(array, value):
        whole = np.full((T, B), value, array.numpy().dtype)
        whole[: array.shape[0], : array.shape[1]] = array.numpy()
        return whole

    batches = complete.all_batches() if batches is None else batches
    stacked = [
        np.stack([padded(batch[k], value) for batch in batches])
        for k, value in enumerate((0, -100, False))
    ]
    return tuple(a.reshape(world, len(batches) // world, T, B) for a in stacked)


def stepper(made, optimizer, world, batches=None, scale=SCALE):
    """Return a function of parameters and state: one step of all workers."""

    def worker(params, state, batches, *factors):
        length, alpha = complete.SETTINGS["length"], complete.SETTINGS["alpha"]
        return made["training_step"](
            apply, optimizer, params, state, batches, length, alpha, scale, factors or None
        )

    axes = (None, None, 0, None, None)

    def step(params, state, *factors):
        mapped = jax.vmap(worker, axes[: 3 + len(factors)], axis_name="workers")
        return mapped(params, state, on_workers(world, batches), *factors)

    return jax.jit(step)


def params_after(*changes, world=2, limit=complete.FIRES, **given):
    """Return the parameters of each worker after some steps of the code on the page."""
    made = complete.code("complete_step_jax", *changes)
    optimizer = made["prepare"](complete.LR, complete.DECAY, limit)
    step, params = stepper(made, optimizer, world, **given), PARAMS
    state = optimizer.init(params)
    for _ in range(complete.STEPS):
        on_each, state, _ = step(params, state)
        params, state = (jax.tree.map(lambda a: a[0], tree) for tree in (on_each, state))
    return on_each


def distance(found, limit=complete.FIRES):
    """Return the largest difference of any worker's parameters from those of NumPy."""
    expected = numpy_steps(1, limit, complete.all_batches(), eps=0.0)
    one, other = (named_leaves("params", tree) for tree in (found, expected))
    return max(abs(np.asarray(one[name]) - other[name]).max() for name in other)


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("limit", [complete.FIRES, complete.NOT_FIRES])
def test_jax_steps_as_numpy_does(world, limit):
    assert distance(params_after(world=world, limit=limit), limit) < BOUND


LEFT_OUT = {
    "no term": ({"batches": no_terms()}, "(N + M > 0) & "),
    "an overflow": ({"scale": float("inf")}, " & jnp.stack(finite).all()"),
}


@pytest.mark.parametrize("why", LEFT_OUT)
def test_an_update_is_left_out_on_all_workers(why):
    given, condition = LEFT_OUT[why]
    start, *found = (
        np.concatenate([np.ravel(a) for a in jax.tree.leaves(tree)])
        for tree in (
            jax.tree.map(lambda a: np.stack([a] * 2), PARAMS),
            params_after(**given),
            params_after((condition, ""), **given),
        )
    )
    assert [np.array_equal(one, start) for one in found] == [True, False]


COUNTS = "add_workers(((y != -100).sum(), real.sum()))"
MISTAKES = {
    "each worker keeps its own counts": (COUNTS, COUNTS.removeprefix("add_workers")),
    "gradients are averaged over workers": (
        "g / scale, add_workers(gradients)",
        'g / scale, jax.lax.pmean(gradients, "workers")',
    ),
    "the penalty is divided by N": ("alpha / jnp.maximum(M, 1)", "alpha / jnp.maximum(N, 1)"),
    "the penalty takes padding in": ("real[..., None], logits", "True, logits"),
    "the state is not held": ("jax.lax.stop_gradient(carried)", "carried"),
    "the state is not carried": ("apply(params, x, carried)", "apply(params, x, None)"),
    "clipped after Adam": (
        "optax.chain(clip, optax.adamw(lr, weight_decay=weight_decay))",
        "optax.chain(optax.adamw(lr, weight_decay=weight_decay), clip)",
    ),
    "the decay is in Adam's gradient": (
        "optax.adamw(lr, weight_decay=weight_decay)",
        "optax.add_decayed_weights(weight_decay), optax.adam(lr)",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_jax_shows(mistake):
    assert distance(params_after(MISTAKES[mistake])) > 1e-6


@pytest.mark.parametrize(("limit", "hidden"), [(complete.FIRES, True), (complete.NOT_FIRES, False)])
def test_a_clip_that_fires_hides_a_loss_scale_that_is_left_on(limit, hidden):
    """Then the norm is the limit, whatever the scale was."""
    change = "g / scale, add_workers", "g, add_workers"
    assert (distance(params_after(change, limit=limit), limit) < BOUND) == hidden


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (("lr", "lr"), "once"),
        (("a * main + b", "a * main + a * b"), "more than once"),
        (("total += a", "total += (logits**2).mean() + a"), "partly"),
    ],
)
def test_the_audit_reads_the_gradient_that_the_step_returns(change, verdict):
    text = (complete.CODE / "complete_step_jax.py").read_text(encoding="utf-8")
    changes = [change] if text.count(change[0]) == 1 else []
    made = complete.code("complete_step_jax", *changes)
    optimizer = made["prepare"](0.0, 0.0, 1.0)
    step = stepper(made, optimizer, 2)
    state = optimizer.init(PARAMS)
    report = audit_scaling(lambda s, s_2: step(PARAMS, state, s, s_2)[2])
    assert set(report.verdicts.values()) == {verdict}


SHARDED = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
import jax, jax.numpy as jnp
from jax.sharding import AxisType, PartitionSpec as P
jax.config.update("jax_platforms", "cpu")
mesh = jax.make_mesh((2,), ("workers",), axis_types=(AxisType.Auto,))
x = jnp.arange(6.0)

def worker(w, x):
    gradient = jax.grad(lambda w: (w * x).sum())(w)
    return jax.lax.psum(gradient, "workers")[None]

for checked in (False, True):
    run = jax.shard_map(worker, mesh=mesh, in_specs=(P(), P("workers")),
                        out_specs=P("workers"), check_vma=checked)
    print(*run(jnp.ones(()), x))
print(jax.pmap(lambda w, x: worker(w, x), in_axes=(None, 0), axis_name="workers")(
    jnp.ones(()), x.reshape(2, 3))[0, 0])
"""


def test_under_shard_map_the_workers_are_added_up_twice_unless_it_is_told_not_to():
    """Summed over two workers, 15 is right."""
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", SHARDED], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split() == ["15.0", "15.0", "30.0", "30.0", "15.0"]

"""A checkpoint goes on to the same bits, or is refused; a kill leaves the last one whole."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from runs import TINY, bits, tiny

from lstm_src.checks.trees import tree_map
from lstm_src.training.runs import (
    begin_run,
    load_checkpoint,
    run_settings,
    save_checkpoint,
    train,
)

ROOT = Path(__file__).parents[2]
OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop", "adagrad")


def halfway(settings):
    return train(dataclasses.replace(settings, steps=settings.steps // 2))


@pytest.fixture
def stored(tmp_path):
    settings = tiny("copy")
    run = halfway(settings)
    save_checkpoint(tmp_path / "run.npz", settings, run.state, run.losses)
    return tmp_path / "run.npz"


# The same bits


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("task", TINY)
def test_a_stored_run_goes_on_to_the_bits_of_an_unbroken_one(task, optimizer, tmp_path):
    settings = tiny(task, optimizer=optimizer)
    half = halfway(settings)
    save_checkpoint(tmp_path / "run", settings, half.state, half.losses)
    read, state, losses = load_checkpoint(tmp_path / "run")
    assert read == settings
    assert bits(state, losses) == bits(half.state, half.losses)
    rest, whole = train(read, state), train(settings)
    losses = np.concatenate([losses, rest.losses])
    assert bits(rest.state, losses) == bits(whole.state, whole.losses)


@pytest.mark.parametrize(
    "forget",
    [
        lambda state: state._replace(generator=begin_run(tiny("copy")).generator),
        lambda state: state._replace(
            optimizer=state.optimizer._replace(mean=tree_map(np.zeros_like, state.optimizer.mean))
        ),
        lambda state: state._replace(
            optimizer=state.optimizer._replace(
                mean_square=tree_map(np.zeros_like, state.optimizer.mean_square)
            )
        ),
        lambda state: state._replace(
            params=tree_map(lambda a: a.astype(np.float16).astype(a.dtype), state.params)
        ),
    ],
    ids=["generator", "mean", "mean_square", "precision"],
)
def test_what_a_checkpoint_forgets_shows_in_the_bits(forget, stored):
    settings, state, _ = load_checkpoint(stored)
    whole = train(settings)
    assert bits(train(settings, state).state) == bits(whole.state)
    assert bits(train(settings, forget(state)).state)[0] != bits(whole.state)[0]


def test_the_steps_count_in_adam(stored):
    settings, state, _ = load_checkpoint(stored)
    begun_anew = state._replace(optimizer=state.optimizer._replace(steps=0))
    four = dataclasses.replace(settings, steps=4)
    assert bits(train(four, begun_anew).state)[0] != bits(train(settings, state).state)[0]


# Bad files


def rewritten(path, change):
    """Rewrite a checkpoint's arrays and its text."""
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays["about"]))
    change(arrays, about)
    if "about" in arrays:
        arrays["about"] = np.array(json.dumps(about))
    np.savez(path, **arrays)


def resized(name):
    def change(arrays, about):
        arrays[name] = arrays[name][:-1]

    return change


def another_type(arrays, about):
    arrays["params.b_y"] = arrays["params.b_y"].astype(float)


CHANGES = {
    "no about": (lambda arrays, about: arrays.pop("about"), "no about"),
    "no losses": (lambda arrays, about: arrays.pop("losses"), "no losses"),
    "no moment": (lambda arrays, about: arrays.pop("mean_square.b_y"), "the arrays params"),
    "one more": (lambda arrays, about: arrays.update(more=np.ones(1)), "the arrays params"),
    "a shape": (resized("params.b_y"), r"params.b_y of shape \(8,\)"),
    "a type": (another_type, "params.b_y of shape .* float64"),
    "a loss less": (resized("losses"), r"\(3,\) losses"),
    "another format": (lambda arrays, about: about.update(format="2"), "not the format"),
    "no generator": (lambda arrays, about: about.pop("generator"), "generator"),
    "half a generator": (lambda arrays, about: about["generator"].pop("state"), "state"),
    "a negative generator": (
        lambda arrays, about: about["generator"]["state"].update(state=-1),
        "out of bounds",
    ),
    "no steps": (lambda arrays, about: about.pop("steps"), "steps"),
    "a bad setting": (lambda arrays, about: about["settings"].update(lr=-1), "lr: expected"),
    "an unknown setting": (lambda arrays, about: about["settings"].update(warm=1), "warm"),
    "a pickle": (
        lambda arrays, about: arrays.update(losses=np.array([{}], object)),
        "allow_pickle=False",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_refused_by_its_name(change, stored):
    load_checkpoint(stored)
    rewritten(stored, CHANGES[change][0])
    with pytest.raises(ValueError, match=rf"run\.npz: expected a checkpoint.*{CHANGES[change][1]}"):
        load_checkpoint(stored)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(share, stored):
    whole = stored.read_bytes()
    stored.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"run\.npz: expected a checkpoint of a run"):
        load_checkpoint(stored)


def test_a_flipped_bit_of_an_array_is_noticed(stored):
    whole = bytearray(stored.read_bytes())
    with np.load(stored) as file:
        at = whole.index(file["params.W_y"].tobytes())
    whole[at] ^= 1
    stored.write_bytes(whole)
    with pytest.raises(ValueError, match="CRC"):
        load_checkpoint(stored)


def in_directory(byte, bit, of="mean.embedding.npy"):
    """Return a change of what the zip file's directory says of one array."""

    def change(whole):
        at = whole.rindex(of.encode()) - 46  # where its entry begins
        whole[at + byte] ^= 1 << bit

    return change


def past_the_end(whole):
    whole[whole.rindex(b"PK\x05\x06") + 19] ^= 1 << 6  # where the directory is said to be


@pytest.mark.parametrize(
    "change",
    [
        in_directory(8, 0),  # encrypted
        in_directory(8, 5),  # patched
        in_directory(10, 2),  # another compression
        in_directory(6, 7),  # a later version
        in_directory(45, 7),  # somewhere else
        past_the_end,
    ],
)
def test_a_flipped_bit_of_the_directory_is_noticed(change, stored):
    whole = bytearray(stored.read_bytes())
    change(whole)
    stored.write_bytes(whole)
    with pytest.raises(ValueError, match=r"run\.npz: expected a checkpoint of a run"):
        load_checkpoint(stored)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04nothing"])
def test_another_file_is_refused(content, tmp_path):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(ValueError, match="other: expected a checkpoint of a run"):
        load_checkpoint(tmp_path / "other")
    np.save(tmp_path / "one.npy", np.ones(3))
    with pytest.raises(ValueError, match="one array alone"):
        load_checkpoint(tmp_path / "one.npy")
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none")


def test_losses_that_do_not_fit_the_steps_are_refused(tmp_path):
    settings = tiny("copy")
    with pytest.raises(ValueError, match="losses: expected one for each of 0 steps"):
        save_checkpoint(tmp_path / "run.npz", settings, begin_run(settings), [1.0])
    with pytest.raises(TypeError, match=r"^losses: expected numbers: could not convert string"):
        save_checkpoint(tmp_path / "run.npz", settings, begin_run(settings), ["none"])
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("path", [None, 3, ["run.npz"]])
def test_what_is_no_path_is_named(path):
    settings = tiny("copy")
    with pytest.raises(TypeError, match=r"^path: expected a text or a path, got "):
        save_checkpoint(path, settings, begin_run(settings), [])
    with pytest.raises(TypeError, match=r"^path: expected a text or a path, got "):
        load_checkpoint(path)


# Kills

WRITE_AND_DIE = """
import os, sys
from pathlib import Path
import numpy as np
from lstm_src.training.runs import checkpoint, load_checkpoint, run_step
{fault}
path = Path(sys.argv[1])
settings, state, losses = load_checkpoint(path)
state, loss = run_step(settings, state)
savez = np.savez

def cut_off(file, **arrays):
    savez(file, **arrays)
    file.flush()
    os.truncate(file.fileno() if hasattr(file, "fileno") else file, 3000)
    os._exit(9)

np.savez = cut_off
checkpoint.save_checkpoint(path, settings, state, [*losses, loss])
"""
IN_PLACE = "checkpoint.Path.with_name = lambda path, name: path"


def die_while_writing(path, fault=""):
    code = WRITE_AND_DIE.format(fault=fault)
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True)
    assert done.returncode == 9, done.stderr.decode()


def test_a_death_while_writing_leaves_the_last_checkpoint(stored):
    before = stored.read_bytes()
    die_while_writing(stored)
    assert stored.read_bytes() == before
    settings, state, losses = load_checkpoint(stored)
    save_checkpoint(stored, settings, state, losses)  # what lies beside it is in nobody's way
    assert [path.name for path in stored.parent.iterdir()] == ["run.npz"]


def test_a_file_written_in_place_would_be_lost(stored):
    die_while_writing(stored, IN_PLACE)
    with pytest.raises(ValueError, match=r"run\.npz: expected a checkpoint of a run"):
        load_checkpoint(stored)


KILLED = {"size": 20, "hidden": 8, "batch": 4}


def command(path, steps):
    options = [f"--{name}={value}" for name, value in KILLED.items()]
    files = ["--checkpoint", str(path), "--every", "10"]
    command = [sys.executable, "-m", "lstm_src.training", "adding"]
    return [*command, *options, *files, f"--steps={steps}"]


def test_a_run_that_is_killed_and_resumed_ends_in_the_bits_of_an_unbroken_one(tmp_path):
    path = tmp_path / "run.npz"
    process = subprocess.Popen(command(path, 10**7), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not path.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.05)  # somewhere in its work, or in the middle of writing
    finally:
        process.kill()
    assert process.wait() not in (0, 1)
    made = load_checkpoint(path).state.steps
    assert 0 < made < 10**7
    assert made % 10 == 0

    more = made + 25
    done = subprocess.run(command(path, more), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"goes on after {made:,} steps" in done.stdout
    unbroken = train(run_settings("adding", **KILLED, steps=more))
    resumed = load_checkpoint(path)
    assert bits(resumed.state, resumed.losses) == bits(unbroken.state, unbroken.losses)

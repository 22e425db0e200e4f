"""The command: what it prints, stores, draws and refuses, and its line of progress."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from runs import TINY, bits, tiny

from lstm_src.training.runs import load_checkpoint, train
from lstm_src.training.runs.command import main
from lstm_src.training.tasks import reber_baseline

ROOT = Path(__file__).parents[2]


def options(task, **changes):
    settings = {**TINY[task], **changes}
    return [task, *(f"--{name.replace('_', '-')}={value}" for name, value in settings.items())]


@pytest.mark.parametrize("task", TINY)
def test_it_prints_the_last_figures_beside_the_baseline(task, capsys):
    assert main(options(task)) == 0
    said = capsys.readouterr()
    first = said.out.splitlines()[0]
    baseline = {"adding": "always 1 0.1667", "copy": "without memory 0.9452"}
    baseline |= {"reber": "knows all 0.4411", "characters": "knows pairs 1.9740"}
    assert baseline[task] in first
    assert said.err == ""  # no terminal


def test_as_a_command_it_learns_reber_strings_to_the_closing_symbol():
    done = subprocess.run(
        [sys.executable, "-m", "lstm_src.training", "reber", "--steps=400"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    loss, *_ = re.findall(r"[\d.]+", done.stdout)
    assert float(loss) < reber_baseline()
    legal, closing = re.findall(r"(?:symbols|one): ([\d.]+)", done.stdout)
    assert float(legal) > 0.99
    assert float(closing) > 0.95


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ({"clip": "none"}, {"clip": None}),
        ({"forget_bias": 1.5}, {"forget_bias": 1.5}),
        ({"optimizer": "sgd", "lr": 0.1}, {"optimizer": "sgd", "lr": 0.1}),
        ({"divide": "micro-batches", "parts": 2}, {"divide": "micro-batches", "parts": 2}),
        ({"dtype": "float64", "seed": 4, "scale": 8}, {"dtype": "float64", "seed": 4, "scale": 8}),
    ],
)
def test_an_option_is_a_setting(change, read, tmp_path):
    path = tmp_path / "run.npz"
    assert main([*options("copy", **change), "--checkpoint", str(path)]) == 0
    settings = tiny("copy", **read)
    stored = load_checkpoint(path)
    assert stored.settings == settings
    run = train(settings)
    assert bits(stored.state, stored.losses) == bits(run.state, run.losses)


# Checkpoints


def test_it_goes_on_from_its_checkpoint_and_may_be_given_more_steps(tmp_path, capsys):
    path = ["--checkpoint", str(tmp_path / "run.npz")]
    assert main([*options("reber", steps=5), *path]) == 0
    assert main([*options("reber", steps=9), *path]) == 0
    assert "goes on after 5 steps" in capsys.readouterr().out
    run, stored = train(tiny("reber", steps=9)), load_checkpoint(path[1])
    assert bits(stored.state, stored.losses) == bits(run.state, run.losses)
    assert main([*options("reber", steps=7), *path]) == 1
    assert "expected at most 7 steps made, as --steps says, got 9" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change", [{"hidden": 5}, {"seed": 1}, {"lr": 0.02}, {"divide": "at-the-end"}, {"clip": 2}]
)
def test_other_settings_are_refused_and_the_file_is_left(change, tmp_path, capsys):
    path = tmp_path / "run.npz"
    assert main([*options("copy"), "--checkpoint", str(path)]) == 0
    before = path.read_bytes()
    assert main([*options("copy", **change), "--checkpoint", str(path)]) == 1
    (name,) = change
    said = capsys.readouterr().err
    assert "run.npz: expected a checkpoint of the same settings" in said
    assert f"got {name}: " in said
    assert path.read_bytes() == before


def nowhere(folder):
    return folder / "none" / "run.npz"


def in_the_way(folder):
    (folder / "run.npz.partial").mkdir()
    return folder / "run.npz"


def too_long(folder):
    return folder / ("a" * 250)


@pytest.mark.parametrize("place", [nowhere, in_the_way, too_long])
def test_a_checkpoint_that_cannot_be_written_is_refused_before_the_work(
    place, tmp_path, monkeypatch, capsys
):
    from lstm_src.training.runs import command

    monkeypatch.setattr(command, "run_step", None)
    path = place(tmp_path)
    assert main([*options("copy"), "--checkpoint", str(path)]) == 1
    assert f"{path.name}.partial" in capsys.readouterr().err


def test_a_run_that_is_done_is_read_where_nothing_can_be_written(tmp_path, capsys):
    path = tmp_path / "run.npz"
    assert main([*options("copy"), "--checkpoint", str(path)]) == 0
    in_the_way(tmp_path)
    assert main([*options("copy"), "--checkpoint", str(path)]) == 0
    assert "goes on after 8 steps" in capsys.readouterr().out


def test_sizes_that_no_memory_holds_are_told(monkeypatch, capsys):
    from lstm_src.training.runs import command

    def begin_run(settings):
        raise MemoryError("Unable to allocate 116. TiB")

    monkeypatch.setattr(command, "begin_run", begin_run)
    assert main(options("copy")) == 1
    assert "lstm_src.training: Unable to allocate" in capsys.readouterr().err


def test_a_bad_checkpoint_is_refused_and_left(tmp_path, capsys):
    path = tmp_path / "run.npz"
    path.write_text("notes of mine")
    assert main([*options("copy"), "--checkpoint", str(path)]) == 1
    assert "run.npz: expected a checkpoint of a run" in capsys.readouterr().err
    assert path.read_text() == "notes of mine"


def test_a_run_stopped_by_hand_is_stored(tmp_path, monkeypatch, capsys):
    from lstm_src.training.runs import command

    step, calls = command.run_step, []

    def stopped(*given):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(*given)

    monkeypatch.setattr(command, "run_step", stopped)
    path = tmp_path / "run.npz"
    assert main([*options("copy"), "--checkpoint", str(path)]) == 130
    assert load_checkpoint(path).state.steps == 3
    assert "stopped" in capsys.readouterr().err


# Plots


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_losses_are_drawn_into_a_file(ending, tmp_path, capsys):
    path = tmp_path / f"run.{ending}"
    assert main([*options("adding"), "--plot", str(path)]) == 0
    assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml"}[ending])
    assert f"drawn: {path}" in capsys.readouterr().out


def test_an_unknown_picture_is_refused_before_the_work(tmp_path, capsys):
    path = str(tmp_path / "run.doc")
    assert main([*options("adding", steps=10**9), "--plot", path]) == 1
    assert "--plot: expected a name that ends in" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["none/run.png", "folder.png", "run.pgf"])
def test_a_plot_that_cannot_be_drawn_is_refused_before_the_work(
    name, tmp_path, monkeypatch, capsys
):
    from lstm_src.training.runs import command

    monkeypatch.setattr(command, "run_step", None)
    (tmp_path / "folder.png").mkdir()
    assert main([*options("adding"), "--plot", str(tmp_path / name)]) == 1
    assert Path(name).name in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_a_plot_that_is_there_is_kept_until_the_new_one_is_drawn(tmp_path, monkeypatch):
    from lstm_src.training.runs import command

    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run_step", stopped)
    path = tmp_path / "run.png"
    path.write_bytes(b"of yesterday")
    assert main([*options("adding"), "--plot", str(path)]) == 130
    assert path.read_bytes() == b"of yesterday"


def test_the_plot_may_not_overwrite_the_checkpoint(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([*options("adding"), "--checkpoint", "run.png", "--plot", str(tmp_path / "run.png")])
    assert "plot: expected another file than --checkpoint, got" in capsys.readouterr().err


def test_without_matplotlib_the_plot_is_refused_before_the_work_and_the_rest_runs():
    code = f"""
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "matplotlib" else find(name)
sys.modules["matplotlib"] = None
from lstm_src.training.runs.command import main
assert main({options("copy")}) == 0
sys.exit(main({[*options("copy", steps=10**9), "--plot", "run.png"]}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    said = (
        "--plot needs matplotlib, which is not installed: pip install 'divide-now-or-later[book]'"
    )
    assert said in done.stderr


# Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_a_bar_that_leaves_no_trace(monkeypatch):
    from lstm_src.training.runs import command

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(command, "PATIENCE", 0.0)
    assert main(options("copy")) == 0
    shown = screen.getvalue()
    assert "copy [###....." in shown
    assert "1 of 8 steps, loss 2." in shown
    assert shown.endswith("\r" + " " * 79 + "\r")


# Bad options


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["sorting"], "invalid choice: 'sorting'"),
        ([], "required: task"),
        (["adding", "--hidden", "0"], "hidden: expected at least 1, got 0"),
        (["adding", "--hidden", "9" * 20], "hidden: expected at most"),
        (["adding", "--lr", "fast"], "--lr: invalid float value: 'fast'"),
        (["adding", "--hidden", "none"], "hidden: expected an integer"),
        (["adding", "--divide", "never"], "--divide: invalid choice"),
        (["reber", "--size", "3"], "size: expected None for reber, got 3"),
        (["adding", "--every", "0"], "every: expected at least 1, got 0"),
    ],
)
def test_a_bad_option_is_named(given, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(given)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err

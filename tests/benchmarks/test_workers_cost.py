"""What workers cost: ratios of one round each, agreement before times, what is stored."""

import json

import numpy as np
import pytest

from benchmarks import workers
from benchmarks.environment import machine
from lstm_src.training import Sums, init_model


def test_a_quick_run_stores_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(workers, "STORED", tmp_path / "workers.json")
    monkeypatch.setattr(workers, "QUICK", ((64,), (1,), 1))
    workers.main(["--quick"])
    printed = capsys.readouterr().out
    assert printed.startswith("sequences  workers  time / one process")
    assert "\n       64        1 " in printed
    assert "These times mean nothing" in printed
    assert list(tmp_path.iterdir()) == []


def test_a_ratio_compares_runs_of_one_round():
    """The machine is three times slower in the second round; the ratio does not move."""
    times = {
        (0, "step"): [1.0, 3.0, 1.0],
        (2, "step"): [0.6, 1.8, 0.6],
        (2, "nothing"): [0.15, 0.45, 0.15],
    }
    assert workers.ratios(times) == {2: {"ratio": 0.6, "moving": 0.25}}
    times[2, "nothing"] = [0.7, 2.0, 0.7]
    assert workers.ratios(times)[2]["moving"] == 1.0


def test_what_does_not_agree_is_not_timed(monkeypatch):
    """One client drops a part of the sum."""
    right = workers.add_up_here

    def fewer(step, params, parts, *, client):
        return right(step, params, parts[:-client])

    monkeypatch.setattr(workers, "add_up", fewer)
    monkeypatch.setattr(workers, "B", 2)
    monkeypatch.setattr(workers, "T", 3)
    params = init_model(2, 3, workers.V, np.random.default_rng(1), words=workers.V)
    parts = workers.parts_of(8)
    with pytest.raises(SystemExit, match="3 workers: the gradients differ by"):
        workers.check(params, parts, {3: 1})


def test_the_step_that_computes_nothing_returns_as_much():
    params = init_model(2, 3, workers.V, np.random.default_rng(1), words=workers.V)
    (part, *_) = workers.parts_of(64)
    found, empty = workers.step(params, part), workers.nothing(params, part)
    assert isinstance(empty, Sums)
    assert empty.count == found.count
    assert workers.apart(empty.gradients, found.gradients) == 1


def test_the_stored_result_is_whole_and_names_no_path():
    text = workers.STORED.read_text(encoding="utf-8")
    stored = json.loads(text)
    assert set(stored["machine"]) == set(machine())
    found = [(r["sequences"], r["workers"]) for r in stored["records"]]
    assert found == [(n, w) for n in workers.SEQUENCES for w in workers.WORKERS]
    assert all(0 < r["moving"] <= 1 and r["ratio"] > 0 for r in stored["records"])
    assert not any(path in text for path in ("/home", "/root", "/tmp", "site-packages"))

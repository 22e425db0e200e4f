"""The benchmarks, without their timers: contenders agree, faults are caught, nothing is hidden."""

import json
from pathlib import Path

import pytest

from benchmarks import contenders, report, results
from benchmarks.__main__ import main
from benchmarks.environment import child_environment, machine, overrides
from benchmarks.points import DTYPES, TOLERANCES
from benchmarks.problem import distances, draw
from scripts.lock import halves, name, pins

ROOT = Path(__file__).parents[2]
SHAPES = [(1, 1, 1, 1), (3, 2, 4, 5), (7, 3, 2, 4)]


def gradients(contender, problem):
    work = contenders.prepare(contender, problem)
    work.run()  # a second pass must not see the first
    return work.gradients(work.run())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_contenders_agree(shape, dtype):
    problem = draw(*shape, dtype)
    expected = gradients("plain", problem)
    for contender in contenders.present():
        if contender != "limit":
            apart = distances(gradients(contender, problem), expected)
            assert max(apart.values()) <= TOLERANCES[dtype], contender


def test_a_wrong_gradient_is_caught():
    problem = draw(3, 2, 4, 5, "float64")
    right = gradients("ours", problem)
    wrong = right._replace(x=right.x * (1 + 1e-10))
    apart = distances(wrong, right)
    assert apart["x"] > TOLERANCES["float64"] >= apart["W_x"]
    with pytest.raises(ValueError, match="x: "):
        distances(right._replace(x=right.x.astype("float32")), right)


def test_the_limit_runs():
    assert contenders.prepare("limit", draw(3, 2, 4, 5, "float32")).run() is None


@pytest.mark.parametrize("arguments", [[], ["--quick", "--complete"]])
def test_a_missing_peer_is_named_and_a_complete_run_refused(arguments, monkeypatch, capsys):
    monkeypatch.setitem(contenders.NEEDS, "JAX", "no_such_package")
    assert contenders.missing()["JAX"] == "no_such_package"
    assert "JAX" not in contenders.present()
    with pytest.raises(SystemExit):
        main(arguments)
    assert "no_such_package" in capsys.readouterr().err


def test_overrides_do_not_reach_the_timed_processes(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("PATH_OF_NO_LIBRARY", "kept")
    assert overrides()["OPENBLAS_CORETYPE"] == "Haswell"
    child = child_environment(2)
    assert "OPENBLAS_CORETYPE" not in child
    assert (child["PATH_OF_NO_LIBRARY"], child["OPENBLAS_NUM_THREADS"]) == ("kept", "2")
    assert child_environment(1, keep_overrides=True)["OPENBLAS_CORETYPE"] == "Haswell"


def record(contender, seconds, size="small", **more):
    common = {"threads": 1, "dtype": "float32", "cores_used": 1.0, "compiling": 0.0}
    return common | {"size": size, "contender": contender, "seconds": seconds} | more


RECORDS = [
    record("ours", [1.0, 3.0]),
    record("PyTorch", [4.0]),
    record("ours", [2.0], "large"),
    record("ours", [2.0]),
    record("PyTorch", [2.0], "large"),
]


def test_processes_are_merged_by_the_median():
    merged = results.merge(RECORDS)
    assert [(r["size"], r["contender"], r["median"], r["processes"]) for r in merged] == [
        ("small", "ours", 2.0, 2),
        ("small", "PyTorch", 4.0, 1),
        ("large", "ours", 2.0, 1),
        ("large", "PyTorch", 2.0, 1),
    ]
    assert merged[0]["q1"] == 1.5
    found = results.ratios(merged, 1, "ours", "PyTorch")
    assert found == {("small", "float32"): 0.5, ("large", "float32"): 1.0}
    assert results.geometric_mean(found.values()) == pytest.approx(0.5**0.5)
    assert results.ratios(merged, 1, "JAX", "PyTorch") == {}


def test_the_report_names_what_is_missing():
    probe = {"contender": "ours", "size": [2, 3, 4, 5], "dtype": "float64", "seconds": 1.0}
    result = {
        "speed": results.merge(RECORDS),
        "memory": [probe | {"peak": 2**20}],
        "growth": [probe | {"peak": None}],
        "imports": {"numpy": {"median": 0.1}},
        "as_left": [],
        "missing": {"JAX": "jax"},
    }
    text = report.text(result)
    assert "MISSING: JAX, because the package jax is not installed" in text
    assert "0.71" in text
    assert "1.0" in text
    assert "not measured here" in text


def test_the_stored_result_names_no_host_and_no_path():
    stored = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    assert set(machine()) == set(stored["machine"])
    assert not stored["missing"]
    texts = json.dumps({key: stored[key] for key in stored if key != "speed"})
    assert not any(path in texts for path in ("/home", "/root", "/tmp", "site-packages"))


def test_the_pins_are_those_of_the_book():
    book = {name(pin): pin for half in halves(ROOT / "requirements.txt") for pin in pins(half)}
    for file in ("requirements/bench.txt", "requirements/frameworks.txt"):
        for pin in [pin for half in halves(ROOT / file) for pin in pins(half)]:
            shared = book.get(name(pin), pin)
            assert pin.split(";")[0].strip() == shared.split(";")[0].strip()

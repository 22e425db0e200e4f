"""Broken LSTMs: every operator breaks something, and a run that notices too little fails."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_src import lstm
from tests.mutants import alone
from tests.mutants.judge import complaints, read_equivalents, report, summary
from tests.mutants.operators import OPERATORS
from tests.mutants.source import Mutant, mutants_of
from tests.mutants.trial import Outcome, put_in_place

HERE = Path(__file__).parent
SOURCE = Path(lstm.__file__).read_text(encoding="utf-8")
EXAMPLE = '''
def step(dc, dh_t, dh_dc, slopes, t, K):
    """Add 1."""
    np.add(dc, dh_t, out=dc)  # × and ·
    return State(slopes[1:4] - dh_dc, dc.copy())
'''


@pytest.fixture(scope="module")
def mutants():
    """Return all mutants of the fast layer; making them takes seconds."""
    return tuple(mutants_of(SOURCE))


def test_each_mutant_changes_the_program_in_one_place_and_none_comes_twice(mutants):
    assert len(mutants) >= 300
    programs = {ast.dump(ast.parse(source)) for source in (SOURCE, *(m.source for m in mutants))}
    assert len(programs) == len(mutants) + 1
    assert {m.function for m in mutants} == {"", "init_params", "forward", "backward"}
    for mutant in mutants:
        before, after = SOURCE.splitlines(), mutant.source.splitlines()
        assert before[: mutant.line - 1] == after[: mutant.line - 1]
        assert mutant.before != mutant.after


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_every_way_of_breaking_it_finds_a_place(operator):
    assert mutants_of(SOURCE, [operator])


def test_the_mutants_of_an_example_are_those_expected():
    after = {m.after for m in mutants_of(EXAMPLE)}
    assert {
        "np.subtract(dc, dh_t, out=dc)  # × and ·",
        "np.positive(dh_t, out=dc)  # × and ·",
        "np.add(dc, dh_t)  # × and ·",
        "np.add(dc, share, out=dc)  # × and ·",
        "pass  # × and ·",
        "return State(slopes[2:4] - dh_dc, dc.copy())",
        "return State(slopes[1:4][::-1] - dh_dc, dc.copy())",
        "return State((dh_dc - slopes[1:4]), dc.copy())",
        "return State(slopes[1:4] - dh_dz_o, dc.copy())",
        "return State(slopes[1:4] - dh_dc, dc)",
        "return State(dc.copy(), slopes[1:4] - dh_dc)",
    } <= after
    assert not any("Add 2" in line for line in after)


ONE, FOUR = "gradient at T = 1", "gradient at T = 4"


@pytest.fixture
def shipped():
    results = alone.results(lstm)
    yield results
    put_in_place(SOURCE)
    assert alone.noticed(lstm, results) is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("np.add(dc, share, out=dc)", "pass", {ONE, FOUR}),
        ("slopes, dz_t = tape.slopes[t]", "slopes, dz_t = tape.slopes[0]", {FOUR}),
        ("    return Gradients(", "    dx *= dx\n    return Gradients(", {ONE, FOUR, "scaling"}),
        ("inputs[:, :, -1] = x, 1", "inputs[:, :, -1] = x, 2", {"known values"}),
        ("W[1:] /= two", "W[1:] *= 0.5", None),  # the same numbers
        ("dx = np.empty(", "dx = np.inf * np.empty(", None),  # an error that nobody overlooks
        ("np.matmul(dz_rows, params.W_x.T", "np.multiply(dx, np.nan", None),
    ],
)
def test_single_checks_notice_what_they_can(shipped, old, new, expected):
    assert SOURCE.count(old) == 1
    put_in_place(SOURCE.replace(old, new))
    assert alone.noticed(lstm, shipped) == expected


def test_code_and_constants_are_put_in_place_and_back(monkeypatch):
    held = lstm.forward
    put_in_place(
        SOURCE.replace("ROWS = 512", "ROWS = 7")
        .replace("params = ", "")
        .replace("*, out=None, tanh=np.tanh", "*, out=5, tanh=np.tanh")
    )
    assert lstm.forward is held
    assert (lstm.ROWS, lstm.forward.__kwdefaults__["out"]) == (7, 5)
    put_in_place(SOURCE)
    assert (lstm.ROWS, lstm.forward.__kwdefaults__["out"]) == (512, None)


MUTANTS = [Mutant("", "sign flipped", "f", k, f"a{k}", f"-a{k}") for k in range(30)]
CAUGHT = [Outcome("assertion", "test_a[1]", frozenset({"scaling"}))] * 28
OUTCOMES = [*CAUGHT, Outcome("exception", "test_b"), Outcome("survived")]
LISTED = {MUTANTS[-1].key: "a reason"}


def test_a_run_in_which_everything_is_accounted_for_has_no_complaint():
    assert complaints(MUTANTS, OUTCOMES, LISTED) == []
    assert summary(MUTANTS, OUTCOMES, LISTED) == {
        "mutants": 30,
        "caught": {"assertion": 28, "exception": 1, "timeout": 0},
        "equivalent": 1,
        "silent": 28,
        "noticed": {"scaling": 28},
    }
    printed = report(MUTANTS, OUTCOMES, LISTED)
    assert "30 mutants" in printed
    assert "test_a " in printed


@pytest.mark.parametrize(
    ("mutants", "outcomes", "listed", "said"),
    [
        (MUTANTS, OUTCOMES, {}, "Survived: line 29, sign flipped\n    - a29\n    + -a29"),
        (MUTANTS, CAUGHT + CAUGHT[:2], LISTED, "no such mutant survives: f | a29 | -a29"),
        (MUTANTS, OUTCOMES, LISTED | {("g", "b", "c"): "old"}, "no such mutant survives: g | b"),
        (MUTANTS, OUTCOMES, {MUTANTS[-1].key: ""}, "without a reason: f | a29"),
        (MUTANTS[1:], OUTCOMES[1:], LISTED, "Expected at least 30 mutants, got 29."),
    ],
)
def test_what_is_not_accounted_for_is_named(mutants, outcomes, listed, said):
    (complaint,) = complaints(mutants, outcomes, listed)
    assert said in complaint


def test_every_listed_mutant_is_one_and_has_a_reason(mutants):
    listed = read_equivalents(HERE / "equivalents/fast.toml")
    assert listed.keys() <= {mutant.key for mutant in mutants}
    assert all(listed.values())


def test_the_stored_counts_are_those_of_this_source(mutants):
    stored = json.loads((HERE / "results/fast.json").read_text(encoding="utf-8"))
    assert stored["mutants"] == len(mutants), "make mutants STORE=1"
    assert stored["mutants"] == sum(stored["caught"].values()) + stored["equivalent"]
    assert stored["noticed"].keys() == alone.CHECKS.keys()
    assert max(stored["noticed"].values()) <= stored["silent"]


def run(tmp_path, test, *options):
    """Run the command with one test, and with no mutant listed as equivalent."""
    tests, listed = tmp_path / "test_given.py", tmp_path / "equivalents.toml"
    tests.write_text(test, encoding="utf-8")
    listed.write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "tests.mutants", "--tests", tests, "--equivalents", listed]
    return subprocess.run(
        [*command, *options], cwd=HERE.parent.parent, capture_output=True, text=True
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no os.fork")
def test_where_nothing_is_tested_everything_survives_and_the_command_fails(tmp_path):
    found = run(tmp_path, "def test_nothing(): pass", "--operators", "term left out")
    count = len(mutants_of(SOURCE, [o for o in OPERATORS if o.name == "term left out"]))
    assert found.returncode == 1, found.stderr
    assert found.stdout.count("Survived: ") == count


SEVERAL_ENDS = """
import time
from lstm_src import lstm

def size(function):
    return len(function.__code__.co_code)

SHIPPED = size(lstm.forward), size(lstm.backward)

def test_it():
    assert "reversed" in lstm.backward.__code__.co_names
    if size(lstm.forward) != SHIPPED[0]:
        raise ZeroDivisionError
    if size(lstm.backward) != SHIPPED[1]:
        time.sleep(100)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no os.fork")
def test_an_assertion_is_told_from_a_crash_and_a_shipped_source_that_fails_stops_it(tmp_path):
    found = run(tmp_path, SEVERAL_ENDS, "--operators", "loop changed", "--timeout", "10")
    assert found.returncode == 1, found.stderr
    printed = " ".join(found.stdout.split())
    for end in ("by an assertion 1", "by an exception 2", "out of time 2", "survived 0"):
        assert end in printed
    found = run(tmp_path, "def test_no(): assert 0", "--operators", "loop changed")
    assert found.returncode == 1
    assert "The shipped source itself fails: test_no (assertion)." in found.stderr
    found = run(tmp_path, "import nothing_of_this_name", "--operators", "loop changed")
    assert "pytest could not collect" in found.stderr

"""The rows of the cheat sheet, run: what each library divides by, what is left, what goes wrong.

The rows are in the files test_cheat_sheet_*.py. Each test is named by a row of
chapters/data/cheat_sheet.toml and bears its id. The comments that begin with "Row:" part the files
for the page that shows them. `tests/pages/test_cheat_sheet.py` holds both. Here stand the versions,
and what the probe cannot mistake.
"""

import tomllib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import probe
import pytest

from lstm_src import audit_weights

TABLE = Path(__file__).parents[2] / "chapters/data/cheat_sheet.toml"


def test_these_are_the_versions_that_the_page_names():
    named = tomllib.loads(TABLE.read_text(encoding="utf-8"))["versions"]
    assert named == {name: version(name).partition("+")[0] for name in named}


WEIGHTS = {
    "token mean": np.full(20, 1 / 20),
    "mean of means": np.repeat((1 / 6, 1 / 34), (3, 17)),
    "2 of the mean of means": np.repeat((1 / 3, 1 / 17), (3, 17)),
    "1/2 of the token mean": np.full(20, 1 / 40),
    "10/11 of the token mean": np.full(20, 1 / 22),
    "-1 of the token mean": np.full(20, -1 / 20),
}


PARTS = {"micro_batch": probe.PART}


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_probe_tells_means_apart(name):
    gradient = WEIGHTS[name][:, None] * probe.slopes()
    padded = np.concatenate([gradient, np.zeros((1, probe.CLASSES))])
    assert probe.named(probe.weights(padded)) == name


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_package_reads_the_same_off(name):
    terms = np.eye(probe.N)[..., None] * probe.slopes()
    report = audit_weights(WEIGHTS[name][:, None] * probe.slopes(), terms, PARTS)
    np.testing.assert_allclose(report.weights, WEIGHTS[name])
    mean = report.mean.replace("micro-batch means", "means")
    assert probe.named(report.factor * probe.MEANS[mean]) == name


def off(change):
    gradient = np.concatenate([probe.slopes() / 20, np.zeros((1, probe.CLASSES))])
    change(gradient)
    return gradient


@pytest.mark.parametrize(
    "gradient",
    [
        off(lambda g: g.__setitem__(4, 2 * g[4])),  # one token twice
        off(lambda g: g.__setitem__(4, 0)),  # one left out
        off(lambda g: g.__setitem__(-1, g[4])),  # padding counts
        off(lambda g: g.__setitem__(4, g[5])),  # of another token
        off(lambda g: g.__imul__(np.nan)),
        off(lambda g: g.__imul__(0)),
    ],
)
def test_the_probe_names_no_other_weights(gradient):
    with pytest.raises(ValueError, match="expected"):
        probe.named(probe.weights(gradient))

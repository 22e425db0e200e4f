"""The layouts of a matrix product: all give the same product, and the report compares them."""

import json

import numpy as np
import pytest

from benchmarks import layouts, products
from benchmarks.environment import machine


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_layout_is_the_same_product(dtype, monkeypatch):
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((3, 5)).astype(dtype), rng.standard_normal((5, 32))
    right = right.astype(dtype)

    def filled(shape, _, __):
        if shape == (3, 5):
            return left
        if shape == (5, 3):
            return left.T
        if shape == (5, 32):
            return right
        if shape == (32, 5):
            return right.T
        if shape[1] == 5:  # pieces of the right factor's columns
            return np.stack(np.split(right, shape[0], axis=1))
        return np.stack(np.split(right.T, shape[0], axis=0))

    monkeypatch.setattr(layouts.np, "full", filled)
    found = layouts.layouts(3, 5, 32, dtype)
    assert set(found) == {
        "whole",
        "turned",
        *(f"{wide} wide{turn}" for wide in (8, 16) for turn in ("", ", turned")),
    }
    for name, function in found.items():
        out = function()
        if "wide" in name:
            out = np.concatenate(out, axis=0 if "turned" in name else 1)
        out = out.T if "turned" in name else out
        np.testing.assert_allclose(out, left @ right, rtol=1e-5, err_msg=name)


def test_the_fastest_is_picked():
    calls = {"slow": lambda: sum(range(20_000)), "fast": lambda: None}
    assert layouts.fastest(calls, 0.02) is calls["fast"]


def test_gains_are_told_with_their_worth_elsewhere():
    def part(**seconds):
        one = {"size": "s", "dtype": "d", "product": "p", "ours": "whole", "seconds": seconds}
        return {"kernels": [], "found": [one]}

    families = {"one": part(whole=2.0, turned=1.0), "other": part(whole=2.0, turned=4.0)}
    ((_, _, _, found),) = products.gains({"families": families})
    assert found["one"][:2] == ("turned", 2.0)
    assert found["other"][:2] == ("whole", 1.0)
    last = products.report({"families": families}).splitlines()[-1].split()
    assert last == ["s", "d", "p", "turned", "2.00", "0.50", "whole", "1.00", "1.00"]


def test_a_quick_run_stores_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(products, "STORED", tmp_path / "products.json")
    monkeypatch.setattr(products, "kernels", list)  # read by a package of .venv-bench
    here = lambda family, quick: products.measured(products.QUICK, 0.01)  # noqa: E731
    monkeypatch.setattr(products, "in_process", here)
    products.main(["--quick"])
    assert "best, AVX2" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_the_stored_result_had_the_kernels_that_it_names():
    text = products.STORED.read_text(encoding="utf-8")
    stored = json.loads(text)
    assert set(stored["machine"]) == set(machine())
    for family, part in stored["families"].items():
        assert any(products.FAMILIES[family] in kernels for kernels in part["kernels"])
        assert len(part["found"]) == len(products.NAMES) * 2 * 2
    assert not any(path in text for path in ("/home", "/root", "/tmp", "site-packages"))

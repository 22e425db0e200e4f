"""The measured growth of the certificate: the fit, the report, and what is stored."""

import json
from pathlib import Path

import pytest

from benchmarks import certificate
from benchmarks.environment import machine


def test_the_exponent_of_a_power_law_is_found():
    steps = (10, 100, 1000)
    assert certificate.exponent(steps, [3 * T for T in steps]) == pytest.approx(1)
    assert certificate.exponent(steps, [T**2 / 7 for T in steps]) == pytest.approx(2)


def test_a_quick_run_stores_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(certificate, "STORED", tmp_path / "certificate.json")
    certificate.main(["--quick"])
    printed = capsys.readouterr().out
    assert "T =     20" in printed
    assert "57 terms" in printed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("exponent", "accepted"), [(1.0, True), (1.5, False)])
def test_a_full_run_fails_if_the_time_grows_faster_than_linearly(
    monkeypatch, tmp_path, capsys, exponent, accepted
):
    monkeypatch.setattr(certificate, "STORED", tmp_path / "certificate.json")
    found = certificate.measure((2, 3), range(1, 2), 1)
    found["exponents"]["field"] = exponent
    found["exponents"]["certificate"] = 1.0
    monkeypatch.setattr(certificate, "measure", lambda *_: found)
    if accepted:
        certificate.main([])
    else:
        with pytest.raises(SystemExit, match=r"field: the time grows as T\^1\.5, faster"):
            certificate.main([])
    assert json.loads(certificate.STORED.read_text())["exponents"]["field"] == exponent
    assert "the certificate, and" in capsys.readouterr().out


def test_code_that_is_not_certified_is_not_timed(monkeypatch):
    monkeypatch.setattr(certificate, "backward", lambda params, tape, dh, dstate: dh * dh)
    with pytest.raises(SystemExit, match="not certified at T = 2"):
        certificate.certified("field", 2)


def test_the_stored_result_is_linear_up_to_ten_thousand_steps_and_names_no_path():
    text = certificate.STORED.read_text(encoding="utf-8")
    stored = json.loads(text)
    assert set(stored["machine"]) == set(machine())
    for kind in certificate.KINDS:
        assert [record["T"] for record in stored[kind]] == list(certificate.STEPS)
        assert 0.8 < stored["exponents"][kind] < certificate.LARGEST_EXPONENT
    assert max(certificate.STEPS) == 10_000
    assert not any(path in text for path in ("/home", "/root", "/tmp", "site-packages"))
    for record in stored["symbols"][:3]:
        assert certificate.expanded(record["T"])[1] == record["terms"]


def test_the_stored_file_stands_beside_the_program():
    assert Path(certificate.__file__).with_suffix(".json") == certificate.STORED

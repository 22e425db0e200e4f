"""Workers of Dask: threads, processes, and one that is killed. The sums stay the same."""

import os
import sys
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from distributed import Client, LocalCluster
from modelled import apart
from shared import PARTS, deadly, exact_params, exact_step, late, params, step, whole

from lstm_src.checks.trees import tree_leaves
from lstm_src.training import workers
from lstm_src.training.sums import add_up_here, divide_once
from lstm_src.training.workers import add_up, embedded_client


@pytest.fixture(scope="module")
def threads():
    with embedded_client() as client:
        yield client


@pytest.fixture(scope="module", params=[1, 2, 4])
def processes(request):
    """A client of as many processes."""
    with (
        LocalCluster(
            n_workers=request.param, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def check_float(client):
    """Hold the mean against that of the whole batch in one process."""
    sums = add_up(step, params(), PARTS, client=client)
    expected = whole()
    loss, gradients = divide_once(sums)
    assert sums.count == expected.count == 31
    assert loss == pytest.approx(expected.loss, rel=1e-12)
    assert apart(gradients, expected.gradients) <= 1e-12
    return sums


def check_exact(client):
    """Hold the sums over fractions against those of one process."""
    expected = add_up_here(exact_step, exact_params(), PARTS)
    found = add_up(exact_step, exact_params(), PARTS, client=client)
    assert found.loss == expected.loss
    for one, other in zip(tree_leaves(found), tree_leaves(expected), strict=True):
        assert np.all(one == other)


def test_threads_agree_with_one_process():
    check_float(None)
    check_exact(None)


def test_processes_agree_with_one_process(processes):
    check_float(processes)
    check_exact(processes)


def test_workers_are_other_processes(processes):
    pids = processes.run(os.getpid)
    assert len({*pids.values(), os.getpid()}) == len(pids) + 1


def test_a_cluster_is_reached_by_its_address(processes):
    with Client(processes.cluster.scheduler_address, set_as_default=False) as client:
        check_float(client)


@pytest.mark.parametrize("count", range(1, 7))
def test_the_order_of_adding_hangs_on_nothing_but_the_number_of_parts(count, threads):
    expected = add_up_here(step, params(), PARTS[:count])
    for work in (step, late, late):
        found = add_up(work, params(), PARTS[:count], client=threads)
        assert found.loss == expected.loss
        assert apart(found.gradients, expected.gradients) == 0


def test_a_wrong_sum_fails(threads, monkeypatch):
    monkeypatch.setattr(workers, "add_sums", lambda one, other: one)
    with pytest.raises(AssertionError):
        check_float(threads)
    with pytest.raises(AssertionError):
        check_exact(threads)


def test_workers_find_what_the_path_of_this_process_finds(tmp_path, monkeypatch):
    """So a notebook on Colab, which only adds the book to its path, needs nothing else."""
    (tmp_path / "only_here.py").write_text("FOUND = 3\n", encoding="utf-8")

    def found():
        import only_here

        return only_here.FOUND

    with quiet_processes(1) as client, pytest.raises(ModuleNotFoundError):
        client.run(found)
    monkeypatch.syspath_prepend(tmp_path)
    with quiet_processes(1) as client:
        assert [*client.run(found).values()] == [3]


# A worker that dies


@contextmanager
def quiet_processes(count):
    """Return a client of so many processes, which says nothing of those that die."""
    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=count, **options) as cluster, Client(cluster) as client:
        yield client


def tasks(marker):
    """Return the parts; what runs the fourth one first is killed in the middle of it."""
    return [(part, str(marker) if k == 3 else "") for k, part in enumerate(PARTS)]


@pytest.mark.parametrize("count", [1, 2])
def test_a_killed_worker_changes_nothing(count, tmp_path):
    marker = tmp_path / "pid"
    expected = add_up_here(step, params(), PARTS)
    with quiet_processes(count) as client:
        before = set(client.run(os.getpid).values())
        found = add_up(deadly, params(), tasks(marker), client=client)
        killed = int(marker.read_text(encoding="utf-8"))
        assert killed in before
        assert not psutil.pid_exists(killed) or psutil.Process(killed).status() == "zombie"
    assert found.count == expected.count
    assert found.loss == pytest.approx(expected.loss, rel=1e-12)
    assert apart(found.gradients, expected.gradients) <= 1e-12


def test_parameters_that_were_only_sent_die_with_the_worker(tmp_path):
    """So the package does not scatter them: this is what it would look like."""
    with quiet_processes(1) as client:
        (sent,) = client.scatter([params()])
        with pytest.raises(CancelledError):
            add_up(deadly, sent, tasks(tmp_path / "pid"), client=client)


# Progress


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_alone(terminal, threads, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(workers, "PATIENCE", 0.01)
    add_up(late, params(), PARTS, client=threads)
    printed = capsys.readouterr()
    assert ("100% Completed" in printed.out) == terminal
    assert printed.err == ""


def test_what_is_done_soon_shows_no_progress(threads, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    add_up(step, params(), PARTS, client=threads)
    assert capsys.readouterr().out == ""


# What is open, and bad arguments


def test_the_embedded_workers_are_threads_and_listen_to_this_machine_alone():
    listening = psutil.CONN_LISTEN
    before = {c.laddr for c in psutil.Process().net_connections() if c.status == listening}
    with embedded_client(threads=3) as client:
        assert set(client.run(os.getpid).values()) == {os.getpid()}
        assert [*client.nthreads().values()] == [3]
        after = {c.laddr for c in psutil.Process().net_connections() if c.status == listening}
        assert {address.ip for address in after - before} <= {"127.0.0.1"}
    left = {c.laddr for c in psutil.Process().net_connections() if c.status == listening}
    assert left == before


def test_an_error_of_a_step_comes_back(threads):
    first = vars(PARTS[0])
    wrong = SimpleNamespace(**first | {"x": first["x"] * 0 + 9})
    with pytest.raises(ValueError, match="x: expected words from 0 to 4, got 9"):
        add_up(step, params(), [*PARTS, wrong], client=threads)


def test_a_step_that_has_divided_is_refused_on_the_worker(processes):
    with pytest.raises(ValueError, match=r"got terms weighed by 'token mean': divide_once would"):
        add_up(partial(step, reduction="token mean"), params(), PARTS[:-1], client=processes)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (
            {"client": "tcp://127.0.0.1:1"},
            TypeError,
            "client: expected a distributed.Client .* str",
        ),
        ({"parts": []}, ValueError, "parts: expected at least one, got none"),
        ({"step": 1}, TypeError, "step: expected a callable, got int"),
        ({"step": lambda params, part: 1.0}, TypeError, "step: expected something with loss"),
    ],
)
def test_bad_arguments_are_named(change, error, text, threads):
    given = {"step": step, "params": params(), "parts": PARTS, "client": threads} | change
    with pytest.raises(error, match=text):
        add_up(**given)


@pytest.mark.parametrize(
    ("count", "error", "text"),
    [(0, ValueError, "at least 1, got 0"), (1.5, TypeError, "an integer, got float")],
)
def test_a_number_of_threads_that_is_none_is_named(count, error, text):
    with pytest.raises(error, match=f"threads: expected {text}"), embedded_client(count):
        pass


def test_a_client_that_is_closed_is_named():
    with embedded_client(1) as client:
        pass
    with pytest.raises(
        ValueError, match="client: expected one that is running, got one that is cl"
    ):
        add_up(step, params(), PARTS, client=client)

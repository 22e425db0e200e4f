"""Run the tests on one mutant after another, each in a process of its own.

pytest collects the tests once. Each process is a fork of that one: it puts the mutant's code in the
place of the shipped functions, runs the tests up to the first failure and ends. No file is changed,
and starting costs next to nothing. So this needs an operating system that can fork: not Windows.
"""

import gc
import multiprocessing
import os
import time
from multiprocessing.connection import wait
from typing import NamedTuple

import numpy as np
import pytest
from tqdm import tqdm

from lstm_src import lstm, plain
from tests.lstm.layers import put
from tests.mutants import alone

PASSES = (
    "tests/lstm/test_lstm.py",
    "tests/lstm/test_lstm_dtypes.py",
    "tests/lstm/test_lstm_errors.py",
)
TESTS = {
    lstm: (*PASSES, "tests/training/test_segments.py", "tests/proof/test_steps.py"),
    plain: (*PASSES, "tests/lstm/test_plain.py"),
}
"""They judge numbers and errors. A test that looks at the text of the source catches anything."""

OPTIONS = ["--noconftest", "-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider"]


class Outcome(NamedTuple):
    """What became of a mutant: how it was caught and by which test, or that it was not.

    ``kind`` is "assertion", "exception", "timeout" or "survived". ``alone`` holds the names of the
    single checks that notice it, or is None where it does not run through with wrong numbers.
    """

    kind: str
    test: str = ""
    alone: frozenset | None = None


class Trials:
    """A plugin of pytest that runs the collected tests on every source of a layer."""

    def __init__(self, layer, sources, jobs, timeout):
        self.layer, self.sources, self.jobs, self.timeout = layer, sources, jobs, timeout
        self.outcomes = []

    @pytest.fixture(autouse=True)
    def one_layer(self, request, monkeypatch):
        """Let the tests run this layer, in the place of the one that they name."""
        put(self.layer, request.module, monkeypatch)

    def pytest_runtestloop(self, session):
        """Take the place of pytest's own loop over the tests."""
        context = multiprocessing.get_context("fork")
        shipped = alone.results(self.layer)
        gc.freeze()  # a fork that collects garbage would copy all of the memory
        outcomes, waiting, running = {}, list(enumerate(self.sources))[::-1], {}
        with tqdm(total=len(self.sources), unit="mutant", leave=False) as bar:
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    number, source = waiting.pop()
                    here, there = context.Pipe(duplex=False)
                    arguments = session, self.layer, source, shipped, there
                    process = context.Process(target=child, args=arguments)
                    process.start()
                    there.close()
                    running[here] = number, process, time.monotonic() + self.timeout
                ready = wait(list(running), timeout=1)
                for here, (number, process, end) in list(running.items()):
                    if here in ready or time.monotonic() > end:
                        outcomes[number] = received(here) if here in ready else Outcome("timeout")
                        process.kill()
                        process.join()
                        here.close()
                        del running[here]
                        bar.update()
        self.outcomes = [outcomes[number] for number in range(len(self.sources))]
        return True


class FirstFailure:
    """A plugin of pytest that tells a number that a test found wrong from a crash."""

    kind, test = "survived", ""

    def pytest_exception_interact(self, node, call):
        """Remember the first failure. `pytest.raises` fails where nothing was raised."""
        if self.kind == "survived":
            noticed = isinstance(call.excinfo.value, AssertionError | pytest.fail.Exception)
            self.kind, self.test = "assertion" if noticed else "exception", node.name


def received(connection):
    """Return what a process sent; one that ended before is a crash."""
    try:
        return connection.recv()
    except EOFError:
        return Outcome("exception", "the process ended")


def child(session, layer, source, shipped, connection):
    """Put the mutant in place, run the tests up to the first failure and send the outcome."""
    put_in_place(source, layer)
    first = FirstFailure()
    session.config.pluginmanager.register(first)
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if first.kind != "survived":
            break
    connection.send(Outcome(first.kind, first.test, alone.noticed(layer, shipped)))
    connection.close()
    os._exit(0)  # not the end of a test run: that is the parent's


def put_in_place(source, layer=lstm):
    """Let a layer's functions and constants be those of another source, wherever they are."""
    names = dict(vars(layer))
    exec(compile(source, layer.__file__, "exec"), names)
    for name, value in vars(layer).items():
        if getattr(value, "__module__", None) == layer.__name__:
            for part in ("__code__", "__defaults__", "__kwdefaults__"):
                setattr(value, part, getattr(names[name], part))
        elif name.isupper():
            setattr(layer, name, names[name])


def fill_with_nan():
    """Let new memory hold NaN, so that no mutant lives or dies by what was left there."""
    empty = np.empty

    def filled(*arguments, **keywords):
        array = empty(*arguments, **keywords)
        if array.dtype.kind in "fc":
            array[...] = np.nan
        return array

    np.empty = filled


def run_all(sources, tests, jobs, timeout, layer=lstm):
    """Return the outcome of every source, in their order; this process runs no other tests."""
    fill_with_nan()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    trials = Trials(layer, sources, jobs, timeout)
    status = pytest.main([*OPTIONS, *map(str, tests)], plugins=[trials])
    if status != pytest.ExitCode.OK:
        raise SystemExit(f"pytest could not collect {', '.join(map(str, tests))}: {status!r}")
    return trials.outcomes

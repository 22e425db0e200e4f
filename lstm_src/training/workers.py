"""Sum, count, divide once, over the workers of a Dask cluster: threads, processes or machines.

Every worker returns sums and a count, which are added on the workers, pair by pair, in an order
that depends on the number of parts alone. So neither the number of workers nor the order in which
they finish changes the result.
"""

import logging
import sys
from contextlib import contextmanager

from lstm_src.validation import check_callable, check_size, need_extra

need_extra("lstm_src.training.workers", "workers", "distributed")

from distributed import Client, progress, wait

from lstm_src.training.sums import Sums, add_in_pairs, add_sums, own_sums, take_parts

__all__ = ["add_up", "embedded_client"]

PATIENCE = 2.0
"""Seconds without a word, before progress is shown."""


def add_up(step, params, parts, *, client=None):
    """Run a step on every part, on the workers of a Dask cluster, and add up what it returns.

    Parameters
    ----------
    step : callable
        ``step(params, part)`` returns the loss, gradients and count of a part, undivided:
        `loss_and_gradients` with the reduction "sum", or `Sums` of your own. It must be pure, since
        what a lost worker had done is done again; workers in other processes get it by pickle.
    params : tree
        Sent once to a worker that needs them.
    parts : iterable
        Micro-batches, windows, shares of a batch; at least one.
    client : distributed.Client, optional
        Of any cluster, such as ``Client(LocalCluster(n_workers=4))`` or
        ``Client("tcp://scheduler:8786")``, whose workers have this package. Threads of this process
        if omitted (`embedded_client`); a loop keeps a client of its own, for each one takes time.

    Returns
    -------
    Sums
        Those of `lstm_src.training.sums.add_up_here`, to rounding: a worker's matrix products may
        use another number of threads. `divide_once` makes the mean.

    Raises
    ------
    TypeError, ValueError
        If the client is none or closed, there is no part, or a step returns something else, or what
        has been divided already (`sums_of`); and whatever a step raises.
    distributed.KilledWorker
        If one part kills several workers in turn (``distributed.scheduler.allowed-failures``).

    Notes
    -----
    A worker that dies changes nothing: its parts are run again, from what the scheduler holds.
    Only what the caller has scattered itself dies with the worker that holds it. The price: the
    parameters pass through the scheduler, and beyond 10 MB Dask warns of a large graph. On a
    terminal its progress bar is shown after two seconds.
    """
    check_callable("step", step)
    parts = take_parts(parts)
    with _usable(client) as cluster:
        # Not scattered: the scheduler can make anew what a task returned, not what was sent.
        held = cluster.submit(_itself, params, pure=False)
        shares = [cluster.submit(_share, step, held, part, pure=False) for part in parts]
        total = add_in_pairs(lambda *pair: cluster.submit(add_sums, *pair, pure=False), shares)
        _show(total, cluster)
        return Sums(*total.result())


@contextmanager
def embedded_client(threads=None):
    """Return a client of workers that are threads of this process, until the ``with`` ends.

    Parameters
    ----------
    threads : int, optional
        At least 1; by default one for each core.

    Raises
    ------
    TypeError, ValueError
        If ``threads`` is not an integer of at least 1.

    Notes
    -----
    Nothing leaves the process. Dask opens two ports for its status pages all the same: they listen
    to this machine alone.
    """
    threads = None if threads is None else check_size("threads", threads)
    status = "127.0.0.1:0"
    with Client(
        processes=False,
        n_workers=1,
        threads_per_worker=threads,
        dashboard_address=status,
        worker_dashboard_address=status,
        set_as_default=False,
        silence_logs=logging.CRITICAL,  # what a step raises reaches the caller
    ) as client:
        yield client


@contextmanager
def _usable(client):
    if client is None:
        with embedded_client() as own:
            yield own
        return
    if not isinstance(client, Client) or client.asynchronous:
        came = type(client).__name__
        raise TypeError(
            f"client: expected a distributed.Client that is not asynchronous, got {came}"
        )
    if client.status != "running":
        raise ValueError(f"client: expected one that is running, got one that is {client.status}")
    yield client


def _show(future, client):
    """Show on a terminal how far a long run is."""
    if sys.stdout is None or not sys.stdout.isatty():
        return
    try:
        wait(future, timeout=PATIENCE)
    except TimeoutError:
        # Without an address it would ask the cluster of the last client, and wait for ever.
        progress(future, notebook=False, scheduler=client.scheduler.address)
        print()


def _itself(value):
    return value


def _share(step, params, part):
    return own_sums(step(params, part))

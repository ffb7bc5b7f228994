"""A connection to Ray: a cluster that is there, or one on this machine that ends with the command.

What Ray does unasked is turned off here: reports of its use to its makers, a
dashboard, a copy of all output of all workers, progress bars, copies of the
working folder under ``uv run``, lines on standard output about dead workers.
It opens ports on all of a machine's networks, so that a cluster of one's own
gets a password for as long as it lives; otherwise Ray would leave one for ever
in the home folder, readable for everybody.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portraitify.errors import ConfigError, DeviceError

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Where reports are off, that is reported; and port 9 discards.
    "RAY_USAGE_STATS_REPORT_URL": "http://127.0.0.1:9/",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    # Workers without a GPU do not see one; later versions do so by default, and older ones warn of it.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",
}
# What workers tell each other are names of photos and lines of reports; Ray would take a third of the memory.
_OBJECT_STORE_BYTES = 128 << 20
_ANSWER_S = 10.0
# Names of sockets have at most 107 bytes, of which Ray needs about 65.
_LONGEST_FOLDER = 36


@dataclass(frozen=True)
class Resources:
    """What a cluster has now.

    Attributes:
        cpus: cores.
        gpus: graphics processors.
        version: of Ray.
    """

    cpus: float
    gpus: float
    version: str


@contextmanager
def ray_session(address: str | None, cpus: int | None = None) -> Iterator[Resources]:
    """Connect to Ray, or go on with the connection that this process has already.

    Args:
        address: ``auto`` for the cluster that this machine belongs to, or ``HOST:PORT``; nothing begins one here.
        cpus: cores of a cluster that begins here; all that this process may use by default.

    Raises:
        ConfigError: the address is of a kind that does not serve.
        DeviceError: no cluster answers, or none can begin.
    """
    if address and address.startswith("ray://"):
        raise ConfigError(
            f"{address}: Ray's client cannot run this. Run the command on the cluster, as with `ray job submit -- "
            "portraitify cluster ... --address auto`."
        )
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not address:
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # Ray limits OpenMP to a worker's cores, but after numpy has taken a thread for every core for OpenBLAS.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Ray would let its workers wait for whatever else a machine does; a batch does not.
        os.environ.setdefault("RAY_worker_niceness", "0")
    import ray

    if ray.is_initialized():
        _be_quiet()
        yield _resources()
        return
    folder = None if address else _short_folder()
    try:
        _connect(address, folder, cpus)
        _be_quiet()
        yield _resources()
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _connect(address: str | None, folder: Path | None, cpus: int | None) -> None:
    import ray

    if address and address != "auto":
        _check_reachable(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address:
        options |= {"address": address}
    else:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        options |= {"num_cpus": cpus or cores, "include_dashboard": False, "_temp_dir": str(folder)}
        options |= {"object_store_memory": _OBJECT_STORE_BYTES}
    try:
        with _muted(), _without_servers():
            ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError, OSError, TimeoutError) as error:
        reason = " ".join(str(error).split())[:200]
        where = f"{address}: no Ray cluster can be reached there" if address else "Ray cannot begin on this machine"
        raise DeviceError(f"{where} ({reason}).") from error


def _check_reachable(address: str) -> None:
    """Hear in seconds that nobody answers; Ray would try for minutes.

    Raises:
        ConfigError: the address has no port.
        DeviceError: nobody answers.
    """
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        raise ConfigError(f"{address}: no address of a Ray cluster, such as 10.0.0.1:6379 or auto.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise DeviceError(f"{address}: no Ray cluster can be reached there ({error}).") from error


@contextmanager
def _muted() -> Iterator[None]:
    """Send standard error nowhere while Ray's core begins: it says there that it was told to say nothing."""
    sys.stderr.flush()
    own, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
        os.close(nowhere)


@contextmanager
def _without_servers() -> Iterator[None]:
    """Let a cluster that begins here have no dashboard, and nothing that adds machines or reads all logs.

    Told to begin no dashboard, Ray begins all of it but its pages, and that asks the network in whose cloud it is, also
    where reports of its use are off.
    """
    from ray._private.node import Node

    names = [name for name in ("start_api_server", "start_monitor", "start_log_monitor") if hasattr(Node, name)]
    usual = {name: getattr(Node, name) for name in names}
    for name in names:
        setattr(Node, name, lambda *_, **__: None)
    try:
        yield
    finally:
        for name, method in usual.items():
            setattr(Node, name, method)


def _be_quiet() -> None:
    """Keep Ray from printing between the lines that are printed here."""
    import ray
    import ray.data

    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    # It would tell of dead workers on standard output, where results are, and no option is against that.
    worker = ray._private.worker
    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = lambda *_, **__: None


def _resources() -> Resources:
    import ray

    total: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return Resources(total.get("CPU", 0.0), total.get("GPU", 0.0), ray.__version__)


def _short_folder() -> Path:
    """A new folder for sockets and logs, which is removed in the end."""
    usual = tempfile.gettempdir()
    parent = usual if len(usual) < _LONGEST_FOLDER else "/tmp"
    return Path(tempfile.mkdtemp(prefix="ray-", dir=parent))

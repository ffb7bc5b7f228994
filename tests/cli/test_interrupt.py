import os
import signal

import pytest

from portraitify.cli.interrupt import Interrupt


@pytest.fixture
def hang_up():
    """Send the signal of a terminal that is closed, with what was done about it before put back afterwards."""
    before = signal.getsignal(signal.SIGHUP)
    yield lambda: os.kill(os.getpid(), signal.SIGHUP)
    signal.signal(signal.SIGHUP, before)


def test_under_nohup_a_closed_terminal_ends_nothing(hang_up):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interrupt() as interrupt:
        hang_up()
        assert not interrupt.is_set()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_closed_terminal_is_remembered(hang_up):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with Interrupt() as interrupt:
        hang_up()
        assert interrupt.number == signal.SIGHUP
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL

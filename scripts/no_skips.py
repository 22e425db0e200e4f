"""A plugin of pytest for tests that need more than `make test`: what is skipped fails the run."""

SKIPPED = []


def note(report):
    """Keep the name of what was skipped, or expected to fail."""
    if report.skipped:
        SKIPPED.append(report.nodeid)


pytest_runtest_logreport = pytest_collectreport = note


def pytest_sessionfinish(session):
    """Fail where something was skipped."""
    if SKIPPED and session.exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    """Say why."""
    terminalreporter.write_line(f"{len(SKIPPED)} skipped; none may be {SKIPPED or ''}".rstrip())

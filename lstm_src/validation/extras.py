"""What is asked for beside NumPy, and how to install it."""

from importlib.util import find_spec


def need_extra(room, extra, *modules):
    """Raise unless the modules that a room imports are installed.

    Parameters
    ----------
    room : str
        The room, as it is imported.
    extra : str
        What the package calls the installation that brings them.
    *modules : str
        What has to be there.

    Raises
    ------
    ImportError
        With the command that installs what is missing.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ImportError(
            f"{room} needs {' and '.join(missing)}, which is not installed: "
            f"pip install 'divide-now-or-later[{extra}]'"
        )

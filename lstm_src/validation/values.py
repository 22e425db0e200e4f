"""Checks of numbers, names, switches, callables and what is no array."""

import math
import numbers
import sys
from collections.abc import Collection

import numpy as np


def check_like(name, value, kind):
    """Return ``value`` if it is an instance of ``kind``, a named tuple or another class."""
    if not isinstance(value, kind):
        fields = f"({', '.join(kind._fields)})" if hasattr(kind, "_fields") else ""
        raise TypeError(f"{name}: expected {kind.__name__}{fields}, got {type(value).__name__}")
    return value


def check_callable(name, value):
    """Return ``value`` if it can be called."""
    if not callable(value):
        raise TypeError(f"{name}: expected a callable, got {type(value).__name__}")
    return value


def check_bool(name, value):
    """Return ``value`` if it is True or False: a text such as "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}: expected a bool, got {type(value).__name__}")
    return bool(value)


def check_number(name, value):
    """Return ``value`` as a float if it is a finite real number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}: expected a real number, got {type(value).__name__}")
    try:
        number = float(value)  # of a fraction, too
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, got {value}")
    return number


def check_above_zero(name, value, *, infinite=False):
    """Return ``value`` as a float if it is a number above 0, or infinite where that is allowed."""
    if infinite and isinstance(value, float | np.floating) and value == np.inf:
        return math.inf
    number = check_number(name, value)
    if number <= 0:
        raise ValueError(f"{name}: expected a number above 0, got {value}")
    return number


def check_at_least_zero(name, value, *, below=None):
    """Return ``value`` as a float if it is a number of at least 0, and below another if given."""
    number = check_number(name, value)
    if number < 0 or (below is not None and number >= below):
        limit = "" if below is None else f" and below {below}"
        raise ValueError(f"{name}: expected a number of at least 0{limit}, got {value}")
    return number


def check_size(name, value, *, least=1, most=sys.maxsize):
    """Return ``value`` if it is an integer of at least ``least``, and no larger than arrays get."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}: expected an integer, got {type(value).__name__}")
    if value < least:
        raise ValueError(f"{name}: expected at least {least}, got {value}")
    if value > most:
        raise ValueError(f"{name}: expected at most {most}, got {value}")
    return int(value)


def check_names(name, value):
    """Return the set of some names: a name, or a collection of names."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Collection) or not all(isinstance(n, str) for n in names):
        raise TypeError(f"{name}: expected names, got {type(value).__name__}")
    return set(names)


def check_generator(name, value):
    """Raise unless ``value`` is a NumPy random generator."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name}: expected numpy.random.Generator, got {type(value).__name__}")
    return value

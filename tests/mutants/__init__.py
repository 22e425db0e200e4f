"""Break `lstm_src/lstm.py` in every way listed here, and see which tests notice: `make mutants`."""

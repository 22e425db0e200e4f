"""Train an LSTM on a task: ``python -m lstm_src.training adding``."""

import sys

from lstm_src.training.runs.command import main

if __name__ == "__main__":
    sys.exit(main())

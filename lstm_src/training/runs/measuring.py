"""What a model reaches on sequences that it was not trained on."""

import numpy as np

from lstm_src.training.model import model_outputs
from lstm_src.training.runs.problems import PROBLEMS
from lstm_src.training.runs.settings import RunSettings
from lstm_src.validation import check_like


def figures(settings, params):
    """Measure a model on sequences that it was not trained on; on the whole text, for characters.

    Parameters
    ----------
    settings : RunSettings
    params : ModelParams

    Returns
    -------
    list of Figure
        The first is the loss, in the units of the task's baseline.

    Raises
    ------
    TypeError, ValueError
        If the settings are none, or the parameters do not fit the task.
    """
    check_like("settings", settings, RunSettings)
    rng = np.random.default_rng([settings.seed, 1])
    return PROBLEMS[settings.task].test(lambda x: model_outputs(params, x)[0], settings, rng)

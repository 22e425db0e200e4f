"""The losses of a run as a picture in a file, drawn with matplotlib if that is installed."""

import numpy as np

from lstm_src.validation import need_extra


def check_drawable(path):
    """Raise unless a picture can be drawn into a file of this name.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If no kind of picture has this ending; one that needs TeX is none.
    OSError
        If the file cannot be written.
    """
    need_extra("--plot", "book", "matplotlib")
    from matplotlib.figure import Figure

    known = Figure().canvas.get_supported_filetypes().keys() - {"pgf"}
    if path.suffix[1:] not in known:
        endings = ", .".join(sorted(known))
        raise ValueError(f"--plot: expected a name that ends in .{endings}, got {path}")
    new = not path.exists()
    path.open("ab").close()
    if new:
        path.unlink()


def draw_losses(path, settings, losses, figures):
    """Draw the loss of every step, its mean over 25, and what the task's baselines are.

    Parameters
    ----------
    path : Path
        Its ending chooses the kind of file, as PNG, SVG or PDF.
    settings : RunSettings
    losses : ndarray
    figures : list of Figure
        Of the trained model: the first is the loss.

    Raises
    ------
    ImportError, ValueError, OSError
        As `check_drawable`.
    """
    check_drawable(path)
    from matplotlib.figure import Figure

    first = figures[0]
    half = 0.5 if settings.task == "adding" else 1  # its terms are half the squares
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(losses, color="0.75", linewidth=0.8, label="each batch")
    width = min(25, len(losses))
    mean = np.convolve(losses, np.full(width, 1 / width), mode="valid")
    axes.plot(np.arange(len(mean)) + (width - 1) / 2, mean, color="#0b5394", label="mean of 25")
    for style, (name, value) in zip(("--", ":", "-."), first.beside.items(), strict=False):
        axes.axhline(half * value, color="0.3", linestyle=style, linewidth=1, label=name)
    axes.set(xlabel="step", ylabel=f"{'half the ' * (half < 1)}{first.what}", ylim=(0, None))
    axes.set_title(f"{settings.task}, divided {settings.divide}")
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(path)

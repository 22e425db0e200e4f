"""A short formula as a line of plain letters, for where nothing sets formulas."""

import re

NAMES = {
    "cdot": "·", "times": "×", "odot": "⊙", "pm": "±", "sum": "Σ", "partial": "∂", "nabla": "∇",
    "ell": "ℓ", "dots": "…", "ne": "≠", "le": "≤", "ge": "≥", "to": "→", "mapsto": "↦", "in": "∈",
    "infty": "∞", "prime": "′", "top": "T", "langle": "⟨", "rangle": "⟩", "lVert": "‖",
    "rVert": "‖", "square": "□", "sqrt": "√", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "varepsilon": "ε", "theta": "θ", "lambda": "λ", "sigma": "σ", "left": "",
    "right": "", "mathsf": "", "mathrm": "", "mathcal": "", "text": "", "quad": " ",
}  # fmt: skip
NAMES |= {name: name for name in ("tanh", "sin", "cos", "log", "exp", "max", "min")}
SMALL = {
    "_": ("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
    "^": ("0123456789+-=()Taceghijkmnopstuwx′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵀᵃᶜᵉᵍʰⁱʲᵏᵐⁿᵒᵖˢᵗᵘʷˣ′"),
}
KEPT = {"_": "\x01", "^": "\x02"}  # until all others are made small
GROUP, ONE = r"\{([^{}]*)\}", r"(?:\{([^{}]*)\}|([^\s\\{}]))"


def over(above, below):
    """Return a fraction on one line."""
    parts = (above, below)
    return "/".join(part if re.fullmatch(r"\w+", part) else f"({part})" for part in parts)


def small(match):
    """Return an index or a power in small letters, if Unicode has them all."""
    mark, text = match[1], match[2] or match[3]
    text = text.replace(" ", "")
    letters, smalls = SMALL[mark]
    if set(text) <= set(letters):
        return text.translate(str.maketrans(letters, smalls))
    return f"{KEPT[mark]}{text}" if text.isalnum() else f"{KEPT[mark]}({text})"


def plain(tex):
    r"""Return ``\(\bar h_t / N\)`` as ``h̄ₜ / N``, and what has no such form as an ellipsis."""
    text = re.sub(r"^\s*\\[(\[]|\\[)\]]\s*$", "", tex)
    text = re.sub(r"\\[,;:! ]", " ", text)
    text = re.sub(r"\\bar\s*" + ONE, lambda m: f"{m[1] or m[2]}\u0304", text)
    text = re.sub(r"\\([a-zA-Z]+)", lambda m: NAMES.get(m[1], m[0]), text)
    before = None
    while before != text:
        before = text
        text = re.sub(r"\\[tdb]?frac\s*" + ONE + r"\s*" + ONE,
                      lambda m: over(m[1] or m[2], m[3] or m[4]), text)  # fmt: skip
        text = re.sub(r"([_^])\s*" + ONE, small, text)
        text = re.sub(r"(?<![a-z]frac)" + GROUP, r"\1", text) if "frac" not in text else text
    text = text.replace(KEPT["_"], "_").replace(KEPT["^"], "^")
    return "…" if re.search(r"[\\{}]", text) else " ".join(text.split())

"""Other people's LSTMs: the layouts of their weights, and numbers that they published."""

from lstm_src.frameworks.interop import (
    from_keras,
    from_onnx,
    from_pytorch,
    to_keras,
    to_onnx,
    to_pytorch,
)
from lstm_src.frameworks.published import PUBLISHED, Published

__all__ = [
    "PUBLISHED",
    "Published",
    "from_keras",
    "from_onnx",
    "from_pytorch",
    "to_keras",
    "to_onnx",
    "to_pytorch",
]

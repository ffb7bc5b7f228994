"""The weights of a TensorFlow Lite network of convolutions, in the order in which its layers work.

Source: tensorflow/lite/schema/schema.fbs, as LiteRT brings it for Python.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from portraitify.errors import ConfigError
from portraitify.extras import install_hint

_DTYPES = {0: np.float32, 1: np.float16}


class TFLiteWeights:
    """Reads a network of one subgraph, whose layers follow each other but for sums that skip some.

    Args:
        path: a ``.tflite`` file.

    Raises:
        ConfigError: LiteRT, which brings the schema, is not installed.
    """

    def __init__(self, path: Path):
        try:
            from ai_edge_litert import schema_py_generated as schema
        except ImportError as error:
            raise ConfigError(f"Reading this network needs LiteRT. Run: {install_hint('train')}") from error
        self._model = schema.Model.GetRootAsModel(path.read_bytes(), 0)
        self._graph = self._model.Subgraphs(0)
        self._codes = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
        operators = [self._graph.Operators(number) for number in range(self._graph.OperatorsLength())]
        self._makers = {int(number): operator for operator in operators for number in operator.OutputsAsNumpy()}

    def up_to(self, output: int) -> list[np.ndarray]:
        """Weights and biases of convolutions and slopes of PReLUs from the picture to one of the outputs.

        Args:
            output: place in the network's list of outputs.

        Returns:
            Arrays as torch has them: ``(out, in, H, W)``, depthwise ``(channels, 1, H, W)``, and ``(channels,)``.
        """
        arrays: list[np.ndarray] = []
        number = int(self._graph.OutputsAsNumpy()[output])
        while number in self._makers:
            operator = self._makers[number]
            kind = self._kind(operator)
            if kind == "CONV_2D":
                arrays[:0] = [self._constant(operator, 1).transpose(0, 3, 1, 2), self._constant(operator, 2)]
            elif kind == "DEPTHWISE_CONV_2D":
                arrays[:0] = [self._constant(operator, 1).transpose(3, 0, 1, 2), self._constant(operator, 2)]
            elif kind == "PRELU":
                arrays[:0] = [self._constant(operator, 1).ravel()]
            number = self._before(operator, kind)
        return arrays

    def _before(self, operator: Any, kind: str) -> int:
        """The activation that an operator works on; of a sum the one that was convolved."""
        inputs = [int(number) for number in operator.InputsAsNumpy()]
        if kind != "ADD":
            return inputs[0]
        return next(number for number in inputs if self._kind(self._makers[number]) == "CONV_2D")

    def _kind(self, operator: Any) -> str:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        return str(self._codes[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())])

    def _constant(self, operator: Any, place: int) -> np.ndarray:
        """One of an operator's weights, through the step from half to single precision where there is one."""
        number = int(operator.Inputs(place))
        if number in self._makers:
            number = int(self._makers[number].Inputs(0))
        tensor = self._graph.Tensors(number)
        values = self._model.Buffers(tensor.Buffer()).DataAsNumpy().view(_DTYPES[tensor.Type()])
        return np.asarray(values.reshape([int(side) for side in tensor.ShapeAsNumpy()]))

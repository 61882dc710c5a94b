"""Quantizes one model with onnxruntime's own quantizer and says how long that took, for `npm run bench -- quantize`.

usage: quantize-onnxruntime.py MODEL METHOD SAMPLES.npy OUT    (METHOD: dynamic-int8, static-minmax, static-percentile)

The model is first written by onnxruntime with its basic optimizations, as its documentation asks for: the quantizer finds no weights
that lie in Constant nodes.
"""
import json
import sys
import time

import numpy
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType
from onnxruntime.quantization import quantize_dynamic, quantize_static


class Rows(CalibrationDataReader):
    def __init__(self, name, rows):
        self.name, self.rows = name, iter(rows)

    def get_next(self):
        row = next(self.rows, None)
        return None if row is None else {self.name: row[numpy.newaxis]}


def quantize(model, method, samples, out):
    if method == "dynamic-int8":
        quantize_dynamic(model, out, per_channel=True, weight_type=QuantType.QInt8)
    elif method in ("static-minmax", "static-percentile"):
        constants = {tensor.name for tensor in onnx.load(model).graph.initializer}
        name = next(i.name for i in onnx.load(model).graph.input if i.name not in constants)
        minmax = method == "static-minmax"
        quantize_static(
            model,
            out,
            Rows(name, numpy.load(samples)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax if minmax else CalibrationMethod.Percentile,
            extra_options={} if minmax else {"CalibPercentile": 99.99},
        )
    else:
        raise SystemExit(f"unknown method {method}")


def prepare(model, prepared):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = prepared
    options.log_severity_level = 3
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


began = time.perf_counter()
model, method, samples, out = sys.argv[1:5]
prepare(model, out + ".prepared")
quantize(out + ".prepared", method, samples, out)
print(json.dumps({"seconds": time.perf_counter() - began}))

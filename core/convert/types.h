// From TensorFlow's types and tensors to ONNX's.
#pragma once

#include <optional>

#include "base/problem.h"
#include "onnx/constant.h"
#include "onnx/dtype.h"
#include "tensorflow/data_type.h"
#include "tensorflow/program.h"

namespace flowport::convert {

/// The ONNX element type that means the same; kUndefined where ONNX has none (resource, variant, quantised and unknown types).
ir::DType to_onnx(tf::DataType type);

/// A tensor of the checkpoint or graph as a constant; bytes are shared, not copied. Errors: a type that ONNX lacks, by name.
Result<ir::ConstantPtr> to_constant(const tf::Tensor& tensor);

}  // namespace flowport::convert

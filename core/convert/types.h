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

constexpr bool is_complex(tf::DataType type) {
  return tf::base_type(type) == tf::DataType::kComplex64 || tf::base_type(type) == tf::DataType::kComplex128;
}

/// The element type of the ONNX tensors that carry a TF tensor: that of its parts for complex numbers, else `to_onnx`.
ir::DType carried(tf::DataType type);

/// A tensor of the checkpoint or graph as a constant; bytes are shared, not copied. A complex one gets a last dim of 2
/// for its parts. Errors: a type that ONNX lacks, by name.
Result<ir::ConstantPtr> to_constant(const tf::Tensor& tensor);

}  // namespace flowport::convert

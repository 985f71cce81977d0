#include "convert/types.h"

#include <string>
#include <utility>

namespace flowport::convert {

ir::DType to_onnx(tf::DataType type) {
  using T = tf::DataType;
  using O = ir::DType;
  switch (tf::base_type(type)) {
    case T::kFloat: return O::kFloat;
    case T::kDouble: return O::kDouble;
    case T::kInt32: return O::kInt32;
    case T::kUint8: return O::kUint8;
    case T::kInt16: return O::kInt16;
    case T::kInt8: return O::kInt8;
    case T::kString: return O::kString;
    case T::kComplex64: return O::kComplex64;
    case T::kComplex128: return O::kComplex128;
    case T::kInt64: return O::kInt64;
    case T::kBool: return O::kBool;
    case T::kBfloat16: return O::kBfloat16;
    case T::kUint16: return O::kUint16;
    case T::kHalf: return O::kFloat16;
    case T::kUint32: return O::kUint32;
    case T::kUint64: return O::kUint64;
    case T::kFloat8E5m2: return O::kFloat8E5m2;
    case T::kFloat8E4m3fn: return O::kFloat8E4m3fn;
    case T::kFloat8E4m3fnuz: return O::kFloat8E4m3fnuz;
    case T::kFloat8E5m2fnuz: return O::kFloat8E5m2fnuz;
    case T::kInt4: return O::kInt4;
    case T::kUint4: return O::kUint4;
    case T::kInt2: return O::kInt2;
    case T::kUint2: return O::kUint2;
    case T::kFloat4E2m1fn: return O::kFloat4E2m1;
    default: return O::kUndefined;
  }
}

ir::DType carried(tf::DataType type) {
  switch (tf::base_type(type)) {
    case tf::DataType::kComplex64: return ir::DType::kFloat;
    case tf::DataType::kComplex128: return ir::DType::kDouble;
    default: return to_onnx(type);
  }
}

Result<ir::ConstantPtr> to_constant(const tf::Tensor& tensor) {
  const ir::DType dtype = carried(tensor.dtype);
  if (dtype == ir::DType::kUndefined) {
    return problem(Fault::kUnsupported,
                   "ONNX has no element type for TensorFlow's " + std::string(tf::name_of(tensor.dtype)));
  }
  if (dtype == ir::DType::kString) return ir::Constant::make_strings(tensor.dims, tensor.strings);
  std::vector<std::int64_t> dims = tensor.dims;
  if (is_complex(tensor.dtype)) dims.push_back(2);
  return ir::Constant::make(dtype, std::move(dims), tensor.bytes);
}

}  // namespace flowport::convert

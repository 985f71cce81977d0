// What FakeHost knows of the outputs of an emitted node: element types by the schema, shapes where no arithmetic is needed.
#pragma once

#include <flowport/testing/onnx_ops.hpp>

#include <set>

namespace flowport::testing {

/// Shape of element-wise ops: dims of 1 stretch.
inline std::optional<Ints> broadcast(const std::vector<Tensor>& inputs) {
  Ints result;
  for (const auto& input : inputs) {
    if (!input.dims) return std::nullopt;
    Ints dims = *input.dims;
    while (result.size() < dims.size()) result.insert(result.begin(), 1);
    while (dims.size() < result.size()) dims.insert(dims.begin(), 1);
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (result[i] == 1) {
        result[i] = dims[i];
      } else if (result[i] == -1 && dims[i] > 1) {
        result[i] = dims[i];
      }
    }
  }
  return result;
}

inline std::optional<Ints> known_numbers(const Tensor& tensor) {
  if (!tensor.data || !tensor.dims) return std::nullopt;
  Ints numbers;
  const std::size_t size = size_of(tensor.dtype);
  for (std::size_t i = 0; size != 0 && i < tensor.data->size() / size; ++i) {
    numbers.push_back(detail::integer_at(tensor.dtype, tensor.data->data(), i));
  }
  return numbers;
}

/// The value of attribute `name` as a list of integers.
inline std::optional<Ints> ints_attr(const std::map<std::string, GivenAttr>& attrs, const std::string& name) {
  const auto at = attrs.find(name);
  return at == attrs.end() ? std::nullopt : std::optional(at->second.ints);
}

inline std::optional<Ints> shape_after(std::string_view op, const std::vector<Tensor>& inputs,
                                       const std::map<std::string, GivenAttr>& attrs) {
  static const std::set<std::string_view> kElementwise{
      "Abs",         "Acos",      "Acosh",    "Add",        "And",        "Asin",       "Asinh",
      "Atan",        "Atanh",     "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr",  "BitwiseXor",
      "Cast",        "Ceil",      "Celu",     "Cos",        "Cosh",       "Div",        "Elu",
      "Equal",       "Erf",       "Exp",      "Floor",      "Gelu",       "Greater",    "GreaterOrEqual",
      "HardSigmoid", "HardSwish", "Identity", "IsInf",      "IsNaN",      "LeakyRelu",  "Less",
      "LessOrEqual", "Log",       "Max",      "Mean",       "Min",        "Mish",       "Mod",
      "Mul",         "Neg",       "Not",      "Or",         "Pow",        "Reciprocal", "Relu",
      "Round",       "Selu",      "Sigmoid",  "Sign",       "Sin",        "Sinh",       "Softplus",
      "Softsign",    "Sqrt",      "Sub",      "Sum",        "Tan",        "Tanh",       "ThresholdedRelu",
      "Where",       "Xor"};
  static const std::set<std::string_view> kAsFirst{"BatchNormalization",
                                                   "CastLike",
                                                   "Clip",
                                                   "CumSum",
                                                   "Dropout",
                                                   "Hardmax",
                                                   "InstanceNormalization",
                                                   "LRN",
                                                   "LogSoftmax",
                                                   "PRelu",
                                                   "ReverseSequence",
                                                   "ScatterElements",
                                                   "ScatterND",
                                                   "Softmax",
                                                   "Trilu"};
  if (inputs.empty()) return std::nullopt;
  if (kElementwise.contains(op)) return broadcast(inputs);
  const auto& dims = inputs[0].dims;
  if (!dims) return op == "Size" ? std::optional(Ints{}) : std::nullopt;
  const auto rank = static_cast<std::int64_t>(dims->size());
  if (kAsFirst.contains(op)) return dims;
  if (op == "Size") return Ints{};
  if (op == "Shape") return attrs.empty() ? std::optional(Ints{rank}) : std::nullopt;
  if (op == "Transpose") {
    Ints perm = ints_attr(attrs, "perm").value_or(Ints{});
    for (std::int64_t i = rank; perm.size() < dims->size();) perm.push_back(--i);
    Ints result;
    for (const auto axis : perm)
      result.push_back(axis >= 0 && axis < rank ? (*dims)[static_cast<std::size_t>(axis)] : -1);
    return result;
  }
  const auto second = inputs.size() > 1 ? known_numbers(inputs[1]) : std::nullopt;
  if (op == "Unsqueeze" && second) {
    const auto total = rank + static_cast<std::int64_t>(second->size());
    Ints result(static_cast<std::size_t>(total), 0);
    for (const auto axis : *second) result.at(static_cast<std::size_t>(axis < 0 ? axis + total : axis)) = 1;
    auto next = dims->begin();
    for (auto& dim : result) {
      if (dim == 0) dim = *next++;
    }
    return result;
  }
  if (op == "Squeeze" && second) {
    Ints result;
    for (std::int64_t i = 0; i < rank; ++i) {
      if (std::ranges::count(*second, i) + std::ranges::count(*second, i - rank) == 0)
        result.push_back((*dims)[static_cast<std::size_t>(i)]);
    }
    return result;
  }
  if (op == "Reshape" && second && std::ranges::all_of(*second, [](auto dim) { return dim > 0; })) return second;
  return std::nullopt;
}

/// What Shape and Size of a tensor of known dims are, known.
inline void compute_shape(std::string_view op, const std::vector<Tensor>& inputs, Tensor& output) {
  if ((op != "Shape" && op != "Size") || inputs.empty() || !inputs[0].dims) return;
  const Ints& dims = *inputs[0].dims;
  const bool all = std::ranges::all_of(dims, [](auto dim) { return dim >= 0; });
  if (all && op == "Shape")
    output = known(DType::kInt64, {static_cast<std::int64_t>(dims.size())}, {dims.begin(), dims.end()});
  if (all && op == "Size") {
    double count = 1;
    for (const auto dim : dims) count *= static_cast<double>(dim);
    output = known(DType::kInt64, {}, {count});
  }
  if (!all && op == "Shape") {
    for (const auto dim : dims) output.items.push_back({dim, dim >= 0 ? 1U : 0U, 0});
  }
}

/// Element types that an attribute or another input decides.
inline DType dtype_after(std::string_view op, const std::vector<Tensor>& inputs,
                         const std::map<std::string, GivenAttr>& attrs) {
  for (const char* name : {"to", "dtype"}) {
    const auto to = ints_attr(attrs, name);
    if (to && to->size() == 1) return static_cast<DType>((*to)[0]);
  }
  const auto value = attrs.find("value");
  if (value != attrs.end() && value->second.tensor) return value->second.tensor->dtype;
  if (op == "ConstantOfShape") return DType::kFloat;
  if (op == "CastLike" && inputs.size() == 2) return inputs[1].dtype;
  return DType::kUndefined;
}

}  // namespace flowport::testing

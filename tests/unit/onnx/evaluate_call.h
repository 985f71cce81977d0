// A node with known inputs, for tests of evaluate_node.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/graph.h"
#include "onnx/schema.h"

namespace flowport::ir {

using Dims = std::vector<std::int64_t>;

template <typename T>
ConstantPtr tensor(DType dtype, Dims dims, std::initializer_list<T> elements) {
  std::vector<std::byte> bytes(elements.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), std::data(elements), bytes.size());
  return Constant::make(dtype, std::move(dims), Bytes(std::move(bytes)));
}

inline ConstantPtr floats(Dims dims, std::initializer_list<float> elements) {
  return tensor(DType::kFloat, std::move(dims), elements);
}
inline ConstantPtr int32s(Dims dims, std::initializer_list<std::int32_t> elements) {
  return tensor(DType::kInt32, std::move(dims), elements);
}
inline ConstantPtr int64s(Dims dims, std::initializer_list<std::int64_t> elements) {
  return tensor(DType::kInt64, std::move(dims), elements);
}
inline ConstantPtr bools(Dims dims, std::initializer_list<std::uint8_t> elements) {
  return tensor(DType::kBool, std::move(dims), elements);
}
inline ConstantPtr list(std::initializer_list<std::int64_t> elements) {
  return int64s({static_cast<std::int64_t>(elements.size())}, elements);
}
inline ConstantPtr strings(Dims dims, std::vector<std::string> elements) {
  return Constant::make_strings(std::move(dims), std::move(elements));
}

/// NodeCall("Add").in(a).in(b).attr("axis", 1).run()
class NodeCall {
 public:
  explicit NodeCall(std::string op, std::int64_t opset = 21) {
    node_.op = std::move(op);
    model_.opsets.push_back({"", opset});
  }

  /// A known input, or nullptr for an absent one.
  NodeCall& in(const ConstantPtr& constant) {
    node_.inputs.push_back(constant ? model_.add_constant(constant) : 0);
    return *this;
  }
  /// An input of which only the type is known.
  NodeCall& in(Type type) {
    node_.inputs.push_back(model_.add_value(std::move(type)));
    return *this;
  }
  NodeCall& attr(std::string_view name, Attribute::Storage value) {
    node_.set(name, std::move(value));
    return *this;
  }
  NodeCall& outputs(std::size_t count) {
    outputs_ = count;
    return *this;
  }
  NodeCall& domain(std::string domain) {
    node_.domain = std::move(domain);
    return *this;
  }

  std::optional<std::vector<ConstantPtr>> run(std::size_t limit = 1 << 20) {
    node_.outputs.clear();
    for (std::size_t i = 0; i < outputs_; ++i) node_.outputs.push_back(model_.add_value({}));
    return evaluate_node(model_, node_, limit);
  }
  /// The only result, or null when the node was not evaluated.
  ConstantPtr result(std::size_t limit = 1 << 20) {
    const auto results = run(limit);
    return results ? results->front() : nullptr;
  }

 private:
  Model model_;
  Node node_;
  std::size_t outputs_ = 1;
};

/// "int64[2,3]{1,2,3,4,5,6}"; strings in quotes; "not evaluated" for null.
inline std::string text_of(const ConstantPtr& constant) {
  if (!constant) return "not evaluated";
  std::string text(name_of(constant->dtype()));
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string all;
    for (const auto& part : parts) all += (all.empty() ? "" : ",") + part;
    return all;
  };
  std::vector<std::string> parts;
  for (const auto dim : constant->dims()) parts.push_back(std::to_string(dim));
  text += "[" + joined(parts) + "]{";
  parts.clear();
  if (constant->dtype() == DType::kString) {
    for (const auto& string : constant->strings()) parts.push_back('"' + string + '"');
  } else if (constant->dtype() == DType::kFloat || constant->dtype() == DType::kDouble ||
             constant->dtype() == DType::kFloat16 || constant->dtype() == DType::kBfloat16) {
    for (const auto value : constant->as_doubles()) {
      char digits[32];
      std::snprintf(digits, sizeof digits, "%.9g", value);
      parts.emplace_back(digits);
    }
  } else {
    for (const auto value : constant->as_ints()) parts.push_back(std::to_string(value));
  }
  return text + joined(parts) + "}";
}

}  // namespace flowport::ir

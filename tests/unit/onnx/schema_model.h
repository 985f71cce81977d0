// A model in which a test emits nodes and asks what is known of their outputs, all as text.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/graph.h"
#include "onnx/schema.h"

namespace flowport::ir {

using Ints = std::vector<std::int64_t>;
using Attributes = std::vector<Attribute>;

class TestModel {
 public:
  explicit TestModel(std::int64_t opset = 21) { model_.opsets = {{"", opset}, {"ai.onnx.ml", 3}}; }

  Model& model() { return model_; }

  /// A type as text: "float" (no rank), "float[]", "int64[N,?,4]", "seq float[2]", "optional float".
  Type type(std::string_view text) {
    Type type;
    if (cut(text, "seq ")) type.kind = Type::Kind::kSequence;
    if (cut(text, "optional ")) type.kind = Type::Kind::kOptional;
    const auto open = text.find('[');
    type.dtype = dtype(text.substr(0, open));
    if (open == std::string_view::npos) return type;
    type.has_rank = true;
    text = text.substr(open + 1, text.size() - open - 2);
    while (!text.empty()) {
      const auto comma = std::min(text.find(','), text.size());
      type.dims.push_back(dim(text.substr(0, comma)));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return type;
  }

  ValueId input(std::string_view type_text) { return model_.add_value(type(type_text)); }
  ValueId ints(const Ints& numbers) { return model_.add_constant(Constant::ints(numbers)); }
  ValueId scalar(std::int64_t number) { return model_.add_constant(Constant::int_scalar(number)); }
  ValueId floats(Ints dims, const std::vector<float>& numbers) {
    return model_.add_constant(Constant::floats(std::move(dims), numbers));
  }

  Node node(std::string op, std::vector<ValueId> inputs, Attributes attributes = {}, std::size_t outputs = 1) {
    Node node;
    node.op = std::move(op);
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    for (std::size_t i = 0; i < outputs; ++i) node.outputs.push_back(model_.add_value({}));
    return node;
  }

  /// Infers a node, which must be valid; gives its outputs.
  std::vector<ValueId> run(const Node& node) {
    const auto wrong = check_node(model_, node);
    EXPECT_FALSE(wrong) << *wrong;
    const auto inferred = infer_node(model_, node);
    EXPECT_TRUE(inferred) << inferred.error().what;
    return node.outputs;
  }
  ValueId emit(std::string op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return run(node(std::move(op), std::move(inputs), std::move(attributes))).front();
  }
  /// As emit, with every output.
  std::vector<ValueId> emit_all(std::string op, std::vector<ValueId> inputs, std::size_t outputs,
                                Attributes attributes = {}) {
    return run(node(std::move(op), std::move(inputs), std::move(attributes), outputs));
  }
  /// An int64 vector of these elements, of which symbols and unknowns are not known: "N,4,?".
  ValueId elements(std::string_view text) { return emit("Shape", {input("float[" + std::string(text) + "]")}); }

  /// The inverse of type(); "?" where even the element type is unknown.
  std::string type_text(ValueId id) const {
    const Type& type = model_.values[id].type;
    if (type.dtype == DType::kUndefined) return "?";
    std::string text = type.kind == Type::Kind::kSequence   ? "seq "
                       : type.kind == Type::Kind::kOptional ? "optional "
                                                            : "";
    text += name_of(type.dtype);
    if (!type.has_rank) return text;
    std::string dims;
    for (const Dim& dim : type.dims) dims += (dims.empty() ? "" : ",") + text_of(dim.is_known(), dim.size, dim.symbol);
    return text + "[" + dims + "]";
  }
  /// "{N,4,?}" for vectors, "N" for scalars, "" where nothing is known.
  std::string content_text(ValueId id) const {
    const Value& value = model_.values[id];
    std::vector<std::string> parts;
    bool is_scalar = false;
    if (value.constant != nullptr) {
      is_scalar = value.constant->rank() == 0;
      for (const auto number : value.constant->as_ints()) parts.push_back(std::to_string(number));
    } else if (value.content != nullptr) {
      is_scalar = value.content->is_scalar;
      for (const auto& each : value.content->elements) parts.push_back(text_of(each.known, each.value, each.symbol));
    } else {
      return {};
    }
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : ",") + part;
    return is_scalar ? text : "{" + text + "}";
  }

 private:
  static bool cut(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  }

  static DType dtype(std::string_view name) {
    for (int i = 1; i <= static_cast<int>(DType::kInt2); ++i) {
      if (name_of(static_cast<DType>(i)) == name) return static_cast<DType>(i);
    }
    return DType::kUndefined;
  }

  Dim dim(std::string_view text) {
    if (text == "?") return {};
    if (text.front() >= '0' && text.front() <= '9') return {std::stoll(std::string(text)), 0};
    auto& symbol = symbols_[std::string(text)];
    if (symbol == 0) symbol = model_.add_symbol(std::string(text));
    return {-1, symbol};
  }

  std::string text_of(bool is_known, std::int64_t number, SymbolId symbol) const {
    return is_known ? std::to_string(number) : symbol != 0 ? model_.symbols[symbol] : "?";
  }

  Model model_;
  std::map<std::string, SymbolId> symbols_;
};

}  // namespace flowport::ir

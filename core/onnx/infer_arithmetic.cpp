// Content that is computed: arithmetic on shapes.
#include <algorithm>
#include <array>
#include <string_view>

#include "onnx/infer_rule_list.h"

namespace flowport::ir::rules {
namespace {

using BinaryOp = Element (*)(const Element&, const Element&);

Element greater(const Element& a, const Element& b) { return less(b, a); }
Element greater_or_equal(const Element& a, const Element& b) { return less_or_equal(b, a); }

BinaryOp binary_op(const Node& node) {
  struct Row {
    std::string_view op;
    BinaryOp run;
  };
  constexpr std::array kRows = {
      Row{"Add", add},         Row{"And", logical_and},
      Row{"Div", divide},      Row{"Equal", equal},
      Row{"Greater", greater}, Row{"GreaterOrEqual", greater_or_equal},
      Row{"Less", less},       Row{"LessOrEqual", less_or_equal},
      Row{"Max", maximum},     Row{"Min", minimum},
      Row{"Mul", multiply},    Row{"Or", logical_or},
      Row{"Sub", subtract},
  };
  if (node.op == "Mod") return node.int_attr("fmod", 0) == 0 ? modulo : remainder;
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.op == node.op; });
  return found == kRows.end() ? nullptr : found->run;
}

/// Number of elements when these are broadcast together; nullopt where they do not fit.
std::optional<std::size_t> broadcast_count(std::initializer_list<const Content*> contents) {
  std::size_t count = 1;
  for (const auto* content : contents) {
    const std::size_t size = content->elements.size();
    if (size == 1) continue;
    if (count != 1 && count != size) return std::nullopt;
    count = size;
  }
  return count;
}

const Element& at(const Content& content, std::size_t index) {
  return content.elements[content.elements.size() == 1 ? 0 : index];
}

MaybeContent combine(const Content& a, const Content& b, BinaryOp run) {
  const auto count = broadcast_count({&a, &b});
  if (!count) return std::nullopt;
  Content result{a.is_scalar && b.is_scalar, {}};
  for (std::size_t i = 0; i < *count; ++i) result.elements.push_back(run(at(a, i), at(b, i)));
  return result;
}

bool is_unsigned(DType type) { return name_of(type).starts_with("uint"); }

}  // namespace

MaybeContent binary(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const auto a = facts.content(0);
  const auto b = facts.content(1);
  const BinaryOp run = binary_op(facts.node());
  if (!a || !b || run == nullptr) return std::nullopt;
  return combine(*a, *b, run);
}

MaybeContent fold(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const BinaryOp run = binary_op(facts.node());
  auto result = facts.content(0);
  for (std::size_t i = 1; i < facts.input_count() && result; ++i) {
    const auto next = facts.content(i);
    result = next && run != nullptr ? combine(*result, *next, run) : std::nullopt;
  }
  return result;
}

MaybeContent unary(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  auto content = facts.content(0);
  if (!content) return std::nullopt;
  const std::string_view op = facts.node().op;
  for (auto& element : content->elements) {
    if (op == "Neg") {
      element = is_unsigned(type.dtype) ? Element{} : subtract(known_element(0), element);
    } else if (op == "Abs") {
      if (element.known && element.value < 0) element = subtract(known_element(0), element);
    } else if (op == "Not") {
      element = logical_not(element);
    } else if (type.dtype == DType::kBool) {
      element = element.known ? known_element(element.value != 0 ? 1 : 0) : Element{};
    }
  }
  return content;
}

MaybeContent where(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const auto condition = facts.content(0);
  const auto a = facts.content(1);
  const auto b = facts.content(2);
  if (!condition || !a || !b) return std::nullopt;
  const auto count = broadcast_count({&*condition, &*a, &*b});
  if (!count) return std::nullopt;
  Content result{condition->is_scalar && a->is_scalar && b->is_scalar, {}};
  for (std::size_t i = 0; i < *count; ++i) {
    const Element& chosen = at(*condition, i);
    if (chosen.known) {
      result.elements.push_back(chosen.value != 0 ? at(*a, i) : at(*b, i));
    } else {
      result.elements.push_back(surely_equal(at(*a, i), at(*b, i)) ? at(*a, i) : Element{});
    }
  }
  return result;
}

MaybeContent clip(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  auto result = facts.content(0);
  const std::array<BinaryOp, 2> bounds = {maximum, minimum};
  for (std::size_t i = 0; i < bounds.size() && result; ++i) {
    if (!facts.has(i + 1)) continue;
    const auto bound = facts.content(i + 1);
    if (!bound || bound->elements.size() != 1) return std::nullopt;
    const bool is_scalar = result->is_scalar;
    result = combine(*result, *bound, bounds[i]);
    if (result) result->is_scalar = is_scalar;
  }
  return result;
}

MaybeContent size(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const Type& input = facts.type(0);
  if (!input.has_rank) return std::nullopt;
  Element product = known_element(1);
  for (const Dim& dim : input.dims) product = multiply(product, element_of(dim));
  return Content{true, {product}};
}

MaybeContent reduce(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const auto data = facts.content(0);
  if (!data) return std::nullopt;
  std::vector<std::int64_t> axes;
  if (const auto* attribute = facts.node().ints_attr("axes")) axes = *attribute;
  if (facts.has(1)) {
    const auto input = facts.ints(1);
    if (!input) return std::nullopt;
    axes = *input;
  }
  if (axes.empty() && facts.node().int_attr("noop_with_empty_axes", 0) != 0) return data;
  if (data->elements.empty()) return std::nullopt;
  const std::string_view op = facts.node().op;
  const BinaryOp run = op == "ReduceProd" ? multiply : op == "ReduceSum" ? add : op == "ReduceMax" ? maximum : minimum;
  Element result = data->elements.front();
  for (std::size_t i = 1; i < data->elements.size(); ++i) result = run(result, data->elements[i]);
  return Content{data->is_scalar || facts.node().int_attr("keepdims", 1) == 0, {result}};
}

MaybeContent range(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  const auto start = facts.content(0);
  const auto delta = facts.content(2);
  if (!start || !delta || start->elements.size() != 1 || delta->elements.size() != 1) return std::nullopt;
  if (!type.is_static() || type.dims.size() != 1 || type.dims.front().size > kMostElements) return std::nullopt;
  Content result;
  Element next = start->elements.front();
  for (std::int64_t i = 0; i < type.dims.front().size; ++i) {
    result.elements.push_back(next);
    next = add(next, delta->elements.front());
  }
  return result;
}

}  // namespace flowport::ir::rules

// What FakeHost knows of ONNX's ops: counts, attributes and element types at each opset.
#pragma once

#include <flowport/testing.hpp>

#include <algorithm>
#include <sstream>

namespace flowport::testing {

/// An op of ai.onnx or ai.onnx.ml from one opset on; see tools/onnx_ops.py for the texts.
struct OnnxOp {
  std::string_view name, domain;
  int since;
  bool is_gone;
  std::uint32_t min_inputs, max_inputs, min_outputs, max_outputs;
  std::string_view inputs, outputs, attrs;
};

inline constexpr OnnxOp kOnnxOps[] = {
#include <flowport/testing/onnx_ops.inc>
};

struct Slot {
  std::string variable;  ///< "-": none
  std::uint64_t types = 0;
  bool is_optional = false, repeats = false, differs = false;  ///< differs: repeats, each of a type of its own
};

inline std::vector<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

inline std::vector<Slot> slots_of(std::string_view text) {
  std::vector<Slot> slots;
  for (const auto& word : words_of(text)) {
    Slot slot;
    const auto colon = word.find(':');
    slot.variable = word.substr(0, colon);
    slot.types = std::stoull(word.substr(colon + 1), nullptr, 16);
    slot.is_optional = word.back() == '?';
    slot.repeats = word.back() == '*' || word.back() == '+';
    slot.differs = word.back() == '+';
    slots.push_back(std::move(slot));
  }
  return slots;
}

/// The op at `opset`, or null.
inline const OnnxOp* find_op(std::string_view domain, std::string_view name, int opset) {
  const OnnxOp* best = nullptr;
  for (const auto& op : kOnnxOps) {
    if (op.domain == domain && op.name == name && op.since <= opset && (best == nullptr || op.since > best->since))
      best = &op;
  }
  return best != nullptr && best->is_gone ? nullptr : best;
}

/// Kind of attribute `name`, 0 where it is of a kind that no plugin emits, nullopt where the op has none of that name.
inline std::optional<std::uint32_t> attr_kind(const OnnxOp& op, std::string_view name) {
  for (const auto& word : words_of(op.attrs)) {
    const auto colon = word.find(':');
    if (word.substr(0, colon) == name) return static_cast<std::uint32_t>(std::stoul(word.substr(colon + 1)));
  }
  return std::nullopt;
}

inline std::vector<std::string> required_attrs(const OnnxOp& op) {
  std::vector<std::string> names;
  for (const auto& word : words_of(op.attrs)) {
    if (word.back() == '!') names.push_back(word.substr(0, word.find(':')));
  }
  return names;
}

inline const char* name_of(DType type) {
  static constexpr const char* kNames[] = {"?",      "float",  "uint8",     "int8",       "uint16",  "int16",
                                           "int32",  "int64",  "string",    "bool",       "float16", "double",
                                           "uint32", "uint64", "complex64", "complex128", "bfloat16"};
  const auto i = static_cast<std::size_t>(type);
  return i < std::size(kNames) ? kNames[i] : "?";
}

/// Element types that the host may cast to where an op does not take `type`: all that hold each of its values.
inline std::vector<DType> substitutes(DType type) {
  using T = DType;
  switch (type) {
    case T::kInt8:
    case T::kUint8:
    case T::kInt16:
    case T::kUint16: return {T::kInt32, T::kInt64, T::kFloat, T::kDouble};
    case T::kInt32: return {T::kInt64, T::kDouble};
    case T::kUint32: return {T::kInt64, T::kUint64, T::kDouble};
    case T::kFloat16:
    case T::kBfloat16: return {T::kFloat, T::kDouble};
    case T::kDouble: return {T::kFloat};
    case T::kBool: return {T::kUint8, T::kInt32, T::kInt64, T::kFloat};
    default: return {};
  }
}

/// What is wrong with the element types of a node's inputs.
struct TypeProblem {
  flowport_status status;
  std::string text;
};

/// Whether inputs of these types fit, and which type each variable stands for.
inline std::optional<TypeProblem> check_types(const OnnxOp& op, const std::vector<DType>& inputs,
                                              std::map<std::string, DType>& variables) {
  const auto slots = slots_of(op.inputs);
  const auto takes = [](const Slot& slot, DType type) { return (slot.types >> static_cast<unsigned>(type) & 1U) != 0; };
  for (std::size_t i = 0; i < inputs.size() && !slots.empty(); ++i) {
    const Slot& slot = slots[std::min(i, slots.size() - 1)];
    if (inputs[i] == DType::kUndefined || slot.types == 0) continue;
    const std::string where =
        "input " + std::to_string(i) + " of " + std::string(op.name) + " is " + name_of(inputs[i]);
    if (slot.variable == "-") {
      if (!takes(slot, inputs[i])) return TypeProblem{FLOWPORT_BAD_CALL, where + ", which it does not take"};
      continue;
    }
    const auto wider = substitutes(inputs[i]);
    if (!takes(slot, inputs[i]) && std::ranges::none_of(wider, [&](DType type) { return takes(slot, type); })) {
      return TypeProblem{FLOWPORT_UNSUPPORTED, std::string(op.name) + " takes no " + name_of(inputs[i]) +
                                                   " tensors, and no wider type can stand in"};
    }
    if (slot.differs) continue;
    const auto [at, is_new] = variables.emplace(slot.variable, inputs[i]);
    if (!is_new && at->second != inputs[i]) {
      return TypeProblem{FLOWPORT_BAD_CALL,
                         where + ", but must be " + name_of(at->second) + " as the values before it"};
    }
  }
  return std::nullopt;
}

/// The element type of output `i` where the schema says it.
inline DType output_type(const OnnxOp& op, std::size_t i, const std::map<std::string, DType>& variables) {
  const auto slots = slots_of(op.outputs);
  if (slots.empty()) return DType::kUndefined;
  const Slot& slot = slots[std::min(i, slots.size() - 1)];
  if (const auto at = variables.find(slot.variable); at != variables.end() && !slot.differs) return at->second;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (slot.types == std::uint64_t{1} << bit) return static_cast<DType>(bit);
  }
  return DType::kUndefined;
}

}  // namespace flowport::testing

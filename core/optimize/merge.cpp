#include "optimize/merge.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace flowport::optimize {

namespace {

using namespace std::string_view_literals;

constexpr std::array kRandomOps = {"Bernoulli"sv,        "Multinomial"sv,   "RandomNormal"sv,
                                   "RandomNormalLike"sv, "RandomUniform"sv, "RandomUniformLike"sv};

/// Constants up to this size are compared by content, larger ones by where their bytes lie.
constexpr std::size_t kSmall = 1024;

/// Collects what is equal in equal nodes into one number.
class Hash {
 public:
  void add(std::uint64_t number) {
    state_ = (state_ ^ number) * 0x9E3779B97F4A7C15U;
    state_ ^= state_ >> 29U;
  }
  void add_text(std::string_view text) { add(std::hash<std::string_view>{}(text)); }
  std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_ = 0x243F6A8885A308D3U;
};

/// Small constants are compared by content, larger ones by where their bytes lie.
bool is_small(const ir::Constant& constant) { return constant.byte_size() <= kSmall; }

bool can_compare(const ir::Constant& constant) {
  return constant.dtype() != ir::DType::kString && (is_small(constant) || constant.is_plain());
}

std::string_view text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void add(Hash& hash, const ir::Constant& constant) {
  hash.add(static_cast<std::uint64_t>(constant.dtype()));
  for (const std::int64_t dim : constant.dims()) hash.add(static_cast<std::uint64_t>(dim));
  if (!can_compare(constant)) return;
  const Bytes bytes = constant.bytes();
  if (is_small(constant)) {
    hash.add_text(text_of(bytes));
  } else {
    hash.add(reinterpret_cast<std::uintptr_t>(bytes.data()));
  }
}

bool are_equal(const ir::Constant& a, const ir::Constant& b) {
  if (&a == &b) return true;
  if (a.dtype() != b.dtype() || a.dims() != b.dims() || !can_compare(a) || !can_compare(b)) return false;
  return is_small(a) ? text_of(a.bytes()) == text_of(b.bytes()) : a.same_as(b);
}

bool are_equal(const ir::Attribute& a, const ir::Attribute& b) {
  if (a.name != b.name || a.value.index() != b.value.index()) return false;
  if (const auto* constant = std::get_if<ir::ConstantPtr>(&a.value)) {
    return are_equal(**constant, *std::get<ir::ConstantPtr>(b.value));
  }
  return a.value == b.value;
}

bool can_merge(const ir::Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx.ml") return false;
  if (std::find(kRandomOps.begin(), kRandomOps.end(), node.op) != kRandomOps.end()) return false;
  if (node.op == "Dropout" && node.inputs.size() > 2 && node.inputs[2] != 0) return false;
  return bodies_of(node).empty();
}

std::uint64_t hash_of(const Editor& editor, NodeId id) {
  const ir::Node& node = editor.node(id);
  Hash hash;
  hash.add(editor.graph_of_node(id));
  hash.add_text(node.op);
  for (const ir::ValueId input : node.inputs) hash.add(input);
  hash.add(node.outputs.size());
  std::uint64_t names = 0;  // in any order
  for (const auto& attribute : node.attributes) {
    Hash own;
    own.add_text(attribute.name);
    if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) own.add(static_cast<std::uint64_t>(*number));
    if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
      for (const std::int64_t number : *numbers) own.add(static_cast<std::uint64_t>(number));
    }
    names += own.state();
  }
  hash.add(names);
  return hash.state();
}

/// Do the nodes compute the same, and does `second` ask for no output that `first` does not have?
bool are_equal(const Editor& editor, NodeId first, NodeId second) {
  const ir::Node& a = editor.node(first);
  const ir::Node& b = editor.node(second);
  if (editor.graph_of_node(first) != editor.graph_of_node(second) || a.op != b.op || a.domain != b.domain) return false;
  if (a.inputs != b.inputs || a.outputs.size() != b.outputs.size() || a.attributes.size() != b.attributes.size())
    return false;
  for (std::size_t i = 0; i < a.outputs.size(); ++i) {
    if (b.outputs[i] != 0 && a.outputs[i] == 0) return false;
  }
  return std::all_of(a.attributes.begin(), a.attributes.end(), [&](const ir::Attribute& attribute) {
    const ir::Attribute* other = b.find(attribute.name);
    return other != nullptr && are_equal(attribute, *other);
  });
}

void merge_constants(Editor& editor, NodeId id, std::unordered_map<std::uint64_t, ir::ValueId>& known) {
  for (std::size_t slot = 0; slot < editor.node(id).inputs.size(); ++slot) {
    const ir::ValueId input = editor.node(id).inputs[slot];
    const auto& constant = editor.constant(input);
    if (input == 0 || constant == nullptr || editor.producer(input) != kNoNode || !can_compare(*constant)) continue;
    Hash hash;
    add(hash, *constant);
    const ir::ValueId first = known.try_emplace(hash.state(), input).first->second;
    if (first != input && are_equal(*editor.constant(first), *constant)) editor.set_input(id, slot, first);
  }
}

}  // namespace

std::size_t merge_equal(Editor& editor) {
  std::size_t changes = 0;
  std::unordered_map<std::uint64_t, ir::ValueId> constants;
  std::unordered_map<std::uint64_t, NodeId> nodes;
  const auto order = editor.order();
  nodes.reserve(order.size());
  for (const NodeId id : order) {
    merge_constants(editor, id, constants);
    if (!can_merge(editor.node(id))) continue;
    const auto [found, is_new] = nodes.try_emplace(hash_of(editor, id), id);
    if (is_new || !are_equal(editor, found->second, id)) continue;
    const std::vector<ir::ValueId> outputs = editor.node(id).outputs;
    bool all = true;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] != 0) all &= editor.replace(outputs[i], editor.node(found->second).outputs[i]) != 0;
    }
    if (!all) continue;
    editor.remove(id);
    ++changes;
  }
  return changes;
}

}  // namespace flowport::optimize

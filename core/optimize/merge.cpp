#include "optimize/merge.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flowport::optimize {

namespace {

using namespace std::string_view_literals;

constexpr std::array kRandomOps = {"Bernoulli"sv,        "Multinomial"sv,   "RandomNormal"sv,
                                   "RandomNormalLike"sv, "RandomUniform"sv, "RandomUniformLike"sv};

/// Constants up to this size are compared by content, larger ones by where their bytes lie.
constexpr std::size_t kSmall = 1024;

/// Everything that makes a node what it is, as a string of bytes.
class Key {
 public:
  template <typename T>
  void add(const T& number) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t at = text_.size();
    text_.resize(at + sizeof(T));
    std::memcpy(text_.data() + at, &number, sizeof(T));
  }
  void add_text(std::string_view text) {
    add(text.size());
    text_.append(text);
  }
  template <typename T>
  void add_list(const std::vector<T>& items) {
    add(items.size());
    for (const T& item : items) add(item);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// False when equality cannot be told cheaply.
bool add_constant(Key& key, const ir::Constant& constant) {
  if (constant.dtype() == ir::DType::kString) return false;
  const bool small = constant.byte_size() <= kSmall;
  if (!small && !constant.is_plain()) return false;
  key.add(constant.dtype());
  key.add_list(constant.dims());
  const Bytes bytes = constant.bytes();
  if (small) {
    key.add_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } else {
    key.add(bytes.data());
  }
  return true;
}

bool add_attribute(Key& key, const ir::Attribute& attribute) {
  key.add_text(attribute.name);
  key.add(attribute.value.index());
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_arithmetic_v<T>) {
          key.add(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          key.add_text(value);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          key.add(value.size());
          for (const std::string& text : value) key.add_text(text);
        } else if constexpr (std::is_same_v<T, ir::ConstantPtr>) {
          return add_constant(key, *value);
        } else if constexpr (std::is_same_v<T, std::shared_ptr<ir::Graph>>) {
          return false;
        } else {
          key.add_list(value);
        }
        return true;
      },
      attribute.value);
}

/// nullopt for nodes that are not to be merged: random ones, those with bodies, and those of domains that we do not know.
std::optional<std::string> key_of(const Editor& editor, NodeId id) {
  const ir::Node& node = editor.node(id);
  if (!node.domain.empty() && node.domain != "ai.onnx.ml") return std::nullopt;
  if (std::find(kRandomOps.begin(), kRandomOps.end(), node.op) != kRandomOps.end()) return std::nullopt;
  if (node.op == "Dropout" && node.inputs.size() > 2 && node.inputs[2] != 0) return std::nullopt;
  Key key;
  key.add(editor.graph_of_node(id));
  key.add_text(node.op);
  key.add_text(node.domain);
  key.add_list(node.inputs);
  key.add(node.outputs.size());
  for (const ir::ValueId output : node.outputs) key.add(output != 0);
  std::vector<const ir::Attribute*> attributes;
  for (const auto& attribute : node.attributes) attributes.push_back(&attribute);
  std::sort(attributes.begin(), attributes.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  for (const auto* attribute : attributes) {
    if (!add_attribute(key, *attribute)) return std::nullopt;
  }
  return key.take();
}

void merge_constants(Editor& editor, NodeId id, std::unordered_map<std::string, ir::ValueId>& known) {
  for (std::size_t slot = 0; slot < editor.node(id).inputs.size(); ++slot) {
    const ir::ValueId input = editor.node(id).inputs[slot];
    if (input == 0 || editor.constant(input) == nullptr || editor.producer(input) != kNoNode) continue;
    Key key;
    if (!add_constant(key, *editor.constant(input))) continue;
    const ir::ValueId first = known.try_emplace(key.take(), input).first->second;
    if (first != input) editor.set_input(id, slot, first);
  }
}

}  // namespace

std::size_t merge_equal(Editor& editor) {
  std::size_t changes = 0;
  std::unordered_map<std::string, ir::ValueId> constants;
  std::unordered_map<std::string, NodeId> nodes;
  for (const NodeId id : editor.order()) {
    merge_constants(editor, id, constants);
    auto key = key_of(editor, id);
    if (!key) continue;
    const auto [found, is_new] = nodes.try_emplace(std::move(*key), id);
    if (is_new) continue;
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

#include "onnx/schema_table.h"

#include <onnx/defs/schema.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

namespace flowport::ir {
namespace {

using Registry = onnx::OpSchemaRegistry;

/// onnx's own spelling: the default domain is empty.
std::string schema_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string() : std::string(domain); }

int schema_opset(std::int64_t opset) {
  return static_cast<int>(std::min<std::int64_t>(opset, std::numeric_limits<int>::max()));
}

/// Bit of "float" in "tensor(float)"; 0 for what is no element type.
std::uint64_t element_bit(std::string_view name) {
  static const auto* const kBits = [] {
    auto* bits = new std::map<std::string_view, std::uint64_t>();
    for (int type = 1; type <= static_cast<int>(DType::kInt2); ++type) {
      (*bits)[name_of(static_cast<DType>(type))] = std::uint64_t{1} << static_cast<unsigned>(type);
    }
    return bits;
  }();
  const auto found = kBits->find(name);
  return found == kBits->end() ? 0 : found->second;
}

/// Cuts `open` from the front and one parenthesis from the back of `text`, when they are there.
bool unwrap(std::string_view& text, std::string_view open) {
  if (!text.starts_with(open) || !text.ends_with(')')) return false;
  text.remove_prefix(open.size());
  text.remove_suffix(1);
  return true;
}

SlotTypes types_of(const onnx::OpSchema::FormalParameter& parameter) {
  SlotTypes types;
  for (const auto* type : parameter.GetTypes()) {
    std::string_view text = *type;
    if (unwrap(text, "tensor(")) {
      types.tensor |= element_bit(text);
    } else if (unwrap(text, "seq(tensor(")) {
      text.remove_suffix(1);
      types.sequence |= element_bit(text);
    } else if (unwrap(text, "optional(tensor(")) {
      text.remove_suffix(1);
      types.optional |= element_bit(text);
    }
  }
  return types;
}

std::size_t storage_kind(onnx::AttributeProto::AttributeType type) {
  switch (type) {
    case onnx::AttributeProto::INT: return 0;
    case onnx::AttributeProto::FLOAT: return 1;
    case onnx::AttributeProto::STRING: return 2;
    case onnx::AttributeProto::INTS: return 3;
    case onnx::AttributeProto::FLOATS: return 4;
    case onnx::AttributeProto::STRINGS: return 5;
    case onnx::AttributeProto::TENSOR: return 6;
    case onnx::AttributeProto::GRAPH: return 7;
    default: return std::variant_size_v<Attribute::Storage>;
  }
}

class SlotReader {
 public:
  OpSignature::Slot read(const onnx::OpSchema::FormalParameter& parameter, const SlotTypes& types) {
    OpSignature::Slot slot;
    slot.dtypes = types.tensor != 0 ? types.tensor : types.sequence | types.optional;
    slot.optional = parameter.GetOption() == onnx::OpSchema::Optional;
    const bool is_variable = parameter.GetTypeStr().find('(') == std::string::npos;
    if (is_variable && parameter.GetIsHomogeneous()) {
      const auto [it, added] = variables_.try_emplace(parameter.GetTypeStr(), static_cast<int>(names_.size()));
      if (added) names_.push_back(it->first);
      slot.type_var = it->second;
    }
    return slot;
  }

  std::vector<std::string> take_names() { return std::move(names_); }

 private:
  std::map<std::string, int> variables_;
  std::vector<std::string> names_;  // of variables_, by number
};

std::unique_ptr<const SchemaEntry> make_entry(const onnx::OpSchema& schema) {
  auto entry = std::make_unique<SchemaEntry>();
  entry->schema = &schema;
  entry->max_inputs = schema.max_input();
  entry->min_outputs = schema.min_output();
  entry->max_outputs = schema.max_output();
  if (schema.domain() == onnx::ONNX_DOMAIN) entry->rules = infer_rules_of(schema.Name());
  OpSignature& signature = entry->signature;
  signature.since_version = schema.since_version();
  signature.min_inputs = schema.min_input();
  SlotReader reader;
  for (const auto& input : schema.inputs()) {
    entry->input_types.push_back(types_of(input));
    signature.inputs.push_back(reader.read(input, entry->input_types.back()));
    if (input.GetOption() == onnx::OpSchema::Variadic) {
      signature.variadic_input = true;
      signature.homogeneous_input = input.GetIsHomogeneous();
    }
  }
  for (const auto& output : schema.outputs()) {
    entry->output_types.push_back(types_of(output));
    signature.outputs.push_back(reader.read(output, entry->output_types.back()));
    if (output.GetOption() == onnx::OpSchema::Variadic) signature.variadic_output = true;
  }
  signature.type_vars = reader.take_names();
  for (const auto& [name, attribute] : schema.attributes()) {
    signature.attributes.push_back({name, storage_kind(attribute.type), attribute.required});
  }
  std::sort(signature.attributes.begin(), signature.attributes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return entry;
}

struct KeyView {
  std::string_view op;
  std::string_view domain;
  std::int64_t opset;
  friend bool operator==(const KeyView&, const KeyView&) = default;
};

struct Key {
  std::string op;
  std::string domain;
  std::int64_t opset;
  KeyView view() const { return {op, domain, opset}; }
};

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(const KeyView& key) const {
    std::size_t hash = std::hash<std::string_view>{}(key.op);
    hash = hash * 31 + std::hash<std::string_view>{}(key.domain);
    return hash * 31 + static_cast<std::size_t>(key.opset);
  }
  std::size_t operator()(const Key& key) const { return (*this)(key.view()); }
};

struct KeyEqual {
  using is_transparent = void;
  static KeyView view(const KeyView& key) { return key; }
  static KeyView view(const Key& key) { return key.view(); }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return view(a) == view(b);
  }
};

/// Filled on demand, entries never change: what a look-up gives does not depend on earlier ones.
struct Table {
  std::shared_mutex mutex;
  std::unordered_map<Key, std::unique_ptr<const SchemaEntry>, KeyHash, KeyEqual> entries;
};

Table& table() {
  static Table* const kTable = new Table();
  return *kTable;
}

const onnx::OpSchema* live_schema(std::string_view op, std::string_view domain, std::int64_t opset) {
  if (opset <= 0) return nullptr;
  const auto* schema = Registry::Schema(std::string(op), schema_opset(opset), schema_domain(domain));
  return schema == nullptr || schema->deprecated() ? nullptr : schema;
}

}  // namespace

bool is_onnx_domain(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx" || domain.starts_with("ai.onnx.");
}

const SchemaEntry* find_schema(std::string_view op, std::string_view domain, std::int64_t opset) {
  if (!is_onnx_domain(domain)) return nullptr;
  Table& known = table();
  const KeyView key{op, domain, opset};
  {
    const std::shared_lock lock(known.mutex);
    const auto found = known.entries.find(key);
    if (found != known.entries.end()) return found->second.get();
  }
  const std::unique_lock lock(known.mutex);
  const auto* schema = live_schema(op, domain, opset);
  auto entry = schema == nullptr ? nullptr : make_entry(*schema);
  return known.entries.try_emplace(Key{std::string(op), std::string(domain), opset}, std::move(entry))
      .first->second.get();
}

const OpSignature* signature_of(std::string_view op, std::string_view domain, std::int64_t opset) {
  const auto* entry = find_schema(op, domain, opset);
  return entry == nullptr ? nullptr : &entry->signature;
}

const std::vector<std::string>& op_names(std::string_view domain) {
  static const auto* const kNames = [] {
    auto* names = new std::map<std::string, std::vector<std::string>, std::less<>>();
    for (const auto& schema : Registry::get_all_schemas()) (*names)[schema.domain()].push_back(schema.Name());
    for (auto& [unused, list] : *names) std::sort(list.begin(), list.end());
    return names;
  }();
  static const std::vector<std::string> kNone;
  const auto found = kNames->find(schema_domain(domain));
  return found == kNames->end() ? kNone : found->second;
}

int next_version_of(std::string_view op, std::string_view domain, std::int64_t opset) {
  const auto* newest = Registry::Schema(std::string(op), schema_domain(domain));
  if (newest == nullptr) return 0;
  for (int version = schema_opset(std::max<std::int64_t>(opset, 0)) + 1; version <= newest->since_version();
       ++version) {
    if (live_schema(op, domain, version) != nullptr) return version;
  }
  return 0;
}

int deprecated_since(std::string_view op, std::string_view domain, std::int64_t opset) {
  if (opset <= 0) return 0;
  const auto* schema = Registry::Schema(std::string(op), schema_opset(opset), schema_domain(domain));
  return schema != nullptr && schema->deprecated() ? schema->since_version() : 0;
}

}  // namespace flowport::ir

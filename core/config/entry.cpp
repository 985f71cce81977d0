#include "config/entry.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "config/onnx_name.h"
#include "config/tf_types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::config {
namespace {

constexpr int kMaxInput = 63;              ///< Row::const_inputs is a mask of 64 bits
constexpr std::size_t kLastPlainKind = 5;  ///< of Attribute::Storage: numbers, texts and lists of them

class EntryReader {
 public:
  EntryReader(const tf::proto::OpDef* def, Diagnostics& diagnostics) : def_(def), diagnostics_(diagnostics) {}

  Entry read(const std::string& tf_op, Mark mark, const YamlNode& node) {
    Entry entry;
    entry.tf_op = tf_op;
    entry.mark = mark;
    if (node.is_scalar()) {
      read_target(node, entry);
      return entry;
    }
    const Fields fields(node, "an entry of an op", kEntryKeys, diagnostics_);
    if (!node.is_map()) return entry;
    const YamlNode* to = fields.find("to");
    const YamlNode* body = fields.find("body");
    if ((to == nullptr) == (body == nullptr)) {
      diagnostics_.error(node.mark,
                         to == nullptr ? "an entry needs either 'to' or 'body'" : "an entry has 'to' and 'body'",
                         "write `to: OnnxOp`, or a `body` of ONNX text");
      return entry;
    }
    if (to != nullptr) {
      read_target(*to, entry);
      read_to(fields, entry);
    } else {
      read_body(fields, *body, entry);
    }
    read_common(fields, entry);
    return entry;
  }

 private:
  void read_target(const YamlNode& node, Entry& entry) {
    OnnxName name = read_onnx_name(node, "to", diagnostics_);
    entry.op_mark = node.mark;
    entry.op = std::move(name.op);
    entry.domain = std::move(name.domain);
    entry.domain_version = name.version;
  }

  void read_to(const Fields& fields, Entry& entry) {
    if (const YamlNode* inputs = fields.find("inputs")) read_inputs(*inputs, entry);
    if (const YamlNode* outputs = fields.find("outputs")) read_outputs(*outputs, fields, entry);
    if (const YamlNode* attrs = fields.find("attrs")) {
      for (const YamlEntry& attr : entries_of(*attrs, "attrs")) read_attr(attr, entry);
    }
    if (const YamlNode* set = fields.find("set")) {
      for (const YamlEntry& attr : entries_of(*set, "set")) {
        auto value = literal(attr.value);
        EntryAttr rule;
        rule.name = attr.key.text;
        rule.mark = attr.key.mark;
        if (!value) continue;
        rule.value = std::move(*value);
        add_attr(std::move(rule), entry);
      }
    }
    if (const YamlNode* constants = fields.find("const_inputs")) {
      for (const YamlEntry& constant : entries_of(*constants, "const_inputs")) {
        const Fields fields_of(constant.value, "an entry of 'const_inputs'", {"attr", "as", "scale", "offset"},
                               diagnostics_);
        fields_of.require("attr");
        const auto name = fields_of.text("attr");
        const auto input = input_name(constant.key);
        EntryAttr rule;
        read_conversion(fields_of, rule);
        if (!name || !input) continue;
        rule.name = *name;
        rule.mark = constant.value.mark;
        rule.value = *input;
        add_attr(std::move(rule), entry);
      }
    }
    if (const YamlNode* drop = fields.find("drop")) read_drop(*drop, entry);
  }

  /// How many, or a list of their element types: ONNX's names of types, or names of TF attributes.
  void read_outputs(const YamlNode& outputs, const Fields& fields, Entry& entry) {
    if (!outputs.is_list()) {
      if (const auto count = fields.integer("outputs", 1, 64)) entry.num_outputs = static_cast<int>(*count);
      return;
    }
    const auto types = fields.texts("outputs");
    if (!types) return;
    if (entry.domain.empty() || types->empty()) {
      diagnostics_.error(outputs.mark, "a list of types is for the outputs of an op of a custom domain",
                         "write how many outputs the node has; ONNX knows their types");
      return;
    }
    for (const std::string& type : *types) {
      const auto dtype = dtype_named(type);
      entry.output_types.push_back({dtype.value_or(ir::DType::kUndefined), dtype ? std::string() : type});
    }
    entry.num_outputs = static_cast<int>(types->size());
  }

  void read_body(const Fields& fields, const YamlNode& body, Entry& entry) {
    entry.body = body;
    entry.op_mark = body.mark;
    if (!text_of(body, "body", diagnostics_)) entry.body = {};
    for (const std::string_view key : {"attrs", "set", "drop", "const_inputs"}) {
      if (const YamlNode* value = fields.find(key)) {
        diagnostics_.error(value->mark, fmt::format("'{}' belongs to 'to', not to 'body'", key),
                           "write attributes in the body: Op <axis = 1, alpha = @tf_attribute> (x)");
      }
    }
    entry.input_names = fields.texts("inputs");
    entry.output_names = fields.texts("outputs");
  }

  void read_common(const Fields& fields, Entry& entry) {
    if (const YamlNode* when = fields.find("when")) {
      for (const YamlEntry& guard : entries_of(*when, "when")) read_guard(guard, entry);
    }
    if (const YamlNode* opset = fields.find("opset")) {
      entry.opset = opset_range_of(*opset, diagnostics_);
      entry.opset_mark = opset->mark;
    }
    if (const auto priority = fields.integer("priority", -1000, 1000)) entry.priority = static_cast<int>(*priority);
    if (const YamlNode* complex = fields.find("complex")) read_complex(*complex, entry);
    if (const YamlNode* runtime = fields.find("runtime")) {
      entry.runtime = read_runtime(*runtime, diagnostics_);
      if (entry.domain.empty() && !entry.has_body()) {
        diagnostics_.error(runtime->mark, "'runtime' is for ops of a custom domain",
                           fmt::format("write `to: your.domain::{}@1`, or remove 'runtime'", entry.op));
      }
    }
    entry.optional = fields.flag("optional").value_or(false);
    entry.doc = fields.text("doc").value_or("");
  }

  void read_complex(const YamlNode& node, Entry& entry) {
    const auto text = text_of(node, "complex", diagnostics_);
    if (!text) return;
    if (*text == "pairs") {
      entry.complex = registry::Complex::kPairs;
    } else if (*text == "parts") {
      entry.complex = registry::Complex::kParts;
    } else {
      diagnostics_.error(node.mark, fmt::format("'complex' is pairs or parts, not '{}'", *text));
    }
  }

  const std::vector<YamlEntry>& entries_of(const YamlNode& node, std::string_view key) {
    if (!node.is_map()) diagnostics_.error(node.mark, fmt::format("'{}' is a map, not {}", key, kind_of(node)));
    return node.entries;
  }

  void add_attr(EntryAttr attr, Entry& entry) {
    for (const EntryAttr& other : entry.attrs) {
      if (other.name != attr.name) continue;
      diagnostics_.error(attr.mark, fmt::format("the ONNX attribute '{}' is given twice", attr.name),
                         fmt::format("remove one of the two; the first is in line {}", other.mark.line));
      return;
    }
    entry.attrs.push_back(std::move(attr));
  }

  void read_attr(const YamlEntry& attr, Entry& entry) {
    EntryAttr rule;
    rule.name = attr.key.text;
    rule.mark = attr.key.mark;
    if (attr.value.is_map()) {
      const Fields fields(attr.value, "an entry of 'attrs'", {"from", "choices", "as", "scale", "offset"},
                          diagnostics_);
      fields.require("from");
      if (auto from = fields.text("from")) rule.value = tf_attr(std::move(*from), fields.find("from")->mark);
      read_conversion(fields, rule);
      if (const YamlNode* choices = fields.find("choices")) {
        if (rule.is_scaled || rule.kind) {
          diagnostics_.error(choices->mark, "'choices' stand alone: they say the value as it is to be",
                             "remove 'as', 'scale' and 'offset'");
        }
        for (const YamlEntry& choice : entries_of(*choices, "choices")) {
          if (auto value = literal(choice.value)) rule.choices.emplace(choice.key.text, std::move(*value));
        }
      }
    } else if (auto from = text_of(attr.value, attr.key.text, diagnostics_)) {
      rule.value = tf_attr(std::move(*from), attr.value.mark);
    }
    add_attr(std::move(rule), entry);
  }

  void read_conversion(const Fields& fields, EntryAttr& rule) {
    const auto scale = fields.number("scale");
    const auto offset = fields.number("offset");
    rule.is_scaled = scale || offset;
    rule.scale = scale.value_or(1);
    rule.offset = offset.value_or(0);
    const auto kind = fields.text("as");
    if (!kind) return;
    rule.kind = storage_named(*kind);
    if (rule.kind && *rule.kind <= kLastPlainKind) return;
    rule.kind.reset();
    diagnostics_.error(fields.find("as")->mark, fmt::format("'{}' is no kind of attribute", *kind),
                       "kinds: int, float, string, ints, floats, strings");
  }

  void read_drop(const YamlNode& node, Entry& entry) {
    entry.drop.emplace();
    entry.drop_mark = node.mark;
    if (!node.is_list()) {
      diagnostics_.error(node.mark, fmt::format("'drop' is a list of TF attributes, not {}", kind_of(node)),
                         "for example `drop: [T]`; `drop: []` passes all of them on");
    }
    for (const YamlNode& item : node.items) {
      auto name = text_of(item, "drop", diagnostics_);
      if (!name) continue;
      check_tf_attr(def_, *name, item.mark, diagnostics_);
      entry.drop->push_back({std::move(*name), item.mark});
    }
  }

  AttrRef tf_attr(std::string name, Mark mark) {
    check_tf_attr(def_, name, mark, diagnostics_);
    return {std::move(name)};
  }

  void read_guard(const YamlEntry& node, Entry& entry) {
    registry::Guard guard;
    guard.tf_attr = node.key.text;
    const auto* attr = check_tf_attr(def_, guard.tf_attr, node.key.mark, diagnostics_);
    std::vector<YamlNode> items = node.value.items;
    if (node.value.is_scalar()) items.push_back(node.value);
    if (items.empty()) {
      diagnostics_.error(node.value.mark, fmt::format("'{}' needs a value or a list of values", guard.tf_attr));
    }
    for (const YamlNode& item : items) {
      // An empty text in quotes is a value like others.
      const bool is_empty = item.is_scalar() && !item.is_plain && item.text.empty();
      const auto text = is_empty ? std::optional<std::string>("") : text_of(item, guard.tf_attr, diagnostics_);
      if (!text) continue;
      add_attr_texts(attr, *text, item.mark, guard.values, diagnostics_);
      guard.text += (guard.text.empty() ? "" : " or ") + (is_empty ? std::string("''") : *text);
    }
    entry.when.push_back(std::move(guard));
  }

  void read_inputs(const YamlNode& node, Entry& entry) {
    if (!node.is_list()) {
      diagnostics_.error(node.mark, fmt::format("'inputs' is a list, not {}", kind_of(node)),
                         "for example `inputs: [1, 0]` or `inputs: [x, {attr: axis}]`");
      return;
    }
    entry.inputs.emplace();
    for (const YamlNode& item : node.items) {
      if (item.is_scalar()) {
        if (auto name = input_name(item)) entry.inputs->push_back({std::move(*name), item.mark, {}});
        continue;
      }
      const Fields fields(item, "an item of 'inputs'", {"attr", "value", "type"}, diagnostics_);
      if (!item.is_map()) continue;
      const YamlNode* value = fields.find("value");
      const YamlNode* attr = fields.find("attr");
      const ir::DType type = constant_type(fields);
      if ((value == nullptr) == (attr == nullptr)) {
        diagnostics_.error(item.mark, "an item of 'inputs' is a TF input, {attr: tf_attribute} or {value: constant}");
      } else if (attr != nullptr) {
        if (auto name = fields.text("attr"))
          entry.inputs->push_back({tf_attr(std::move(*name), attr->mark), item.mark, type});
      } else if (auto constant = literal(*value)) {
        entry.inputs->push_back({std::move(*constant), item.mark, type});
      }
    }
  }

  /// `type`: the element type of a constant input.
  ir::DType constant_type(const Fields& fields) {
    const auto text = fields.text("type");
    if (!text) return ir::DType::kUndefined;
    const auto type = dtype_named(*text);
    if (type && *type != ir::DType::kString) return *type;
    diagnostics_.error(fields.find("type")->mark, fmt::format("'{}' is no element type of numbers", *text),
                       "for example float, double, int32, int64, bool");
    return ir::DType::kUndefined;
  }

  std::optional<InputName> input_name(const YamlNode& node) {
    if (int_of(node)) {
      const auto index = integer_of(node, "input", 0, kMaxInput, diagnostics_);
      if (!index) return std::nullopt;
      return InputName{static_cast<int>(*index), {}, node.mark};
    }
    auto name = text_of(node, "input", diagnostics_);
    if (!name) return std::nullopt;
    return InputName{-1, std::move(*name), node.mark};
  }

  std::optional<Literal> literal(const YamlNode& node) {
    if (node.is_list()) return list(node);
    if (!node.is_scalar()) {
      diagnostics_.error(node.mark,
                         fmt::format("a value is a number, a bool, text or a list of these, not {}", kind_of(node)));
      return std::nullopt;
    }
    if (const auto i = int_of(node)) return *i;
    if (const auto b = bool_of(node)) return *b;
    if (const auto f = float_of(node)) return *f;
    return node.text;
  }

  std::optional<Literal> list(const YamlNode& node) {
    std::vector<std::int64_t> ints;
    std::vector<double> floats;
    std::vector<std::string> texts;
    for (const YamlNode& item : node.items) {
      if (const auto i = int_of(item)) ints.push_back(*i);
      if (const auto f = float_of(item)) {
        floats.push_back(*f);
      } else if (item.is_scalar()) {
        texts.push_back(item.text);
      }
    }
    if (ints.size() == node.items.size()) return ints;
    if (floats.size() == node.items.size()) return floats;
    if (texts.size() == node.items.size()) return texts;
    diagnostics_.error(node.mark, "a list of values holds either numbers or texts");
    return std::nullopt;
  }

  const tf::proto::OpDef* def_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<Entry> read_entries(const YamlEntry& node, const tf::proto::OpDef* def, Diagnostics& diagnostics) {
  EntryReader reader(def, diagnostics);
  std::vector<Entry> entries;
  if (!node.value.is_list()) {
    entries.push_back(reader.read(node.key.text, node.key.mark, node.value));
    return entries;
  }
  if (node.value.items.empty()) diagnostics.error(node.value.mark, fmt::format("'{}' has no entry", node.key.text));
  for (const YamlNode& item : node.value.items) {
    entries.push_back(reader.read(node.key.text, item.mark, item));
  }
  return entries;
}

Runtime read_runtime(const YamlNode& node, Diagnostics& diagnostics) {
  const Fields fields(node, "'runtime'", {"library", "registration"}, diagnostics);
  fields.require("library");
  return {fields.text("library").value_or(""), fields.text("registration").value_or("")};
}

}  // namespace flowport::config

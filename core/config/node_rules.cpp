#include "config/node_rules.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/op_names.h"

namespace flowport::config {
namespace {

constexpr std::array<std::string_view, 6> kOwnKeys = {"name", "function", "op", "use", "config", "optional"};

/// The part of a rule that is an entry of an op.
YamlNode mapping_of(const YamlNode& rule) {
  YamlNode mapping = rule;
  std::erase_if(mapping.entries, [](const YamlEntry& e) {
    const bool is_own = std::ranges::find(kOwnKeys, e.key.text) != kOwnKeys.end();
    return is_own || std::ranges::find(kEntryKeys, e.key.text) == kEntryKeys.end();
  });
  return mapping;
}

class RuleReader {
 public:
  RuleReader(std::shared_ptr<const File> file, Diagnostics& diagnostics)
      : file_(std::move(file)), diagnostics_(diagnostics) {}

  ReadRule read(const YamlNode& node, std::size_t index) {
    std::vector<std::string_view> keys(kOwnKeys.begin(), kOwnKeys.end());
    keys.insert(keys.end(), kEntryKeys.begin(), kEntryKeys.end());
    const Fields fields(node, "an entry of 'nodes'", keys, diagnostics_);
    ReadRule read;
    if (!node.is_map()) return read;
    registry::NodeRule& rule = read.rule;
    rule.source = file_->source.at(node.mark);
    rule.name = fields.text("name").value_or("");
    rule.function = fields.text("function").value_or("");
    rule.op = fields.text("op").value_or("");
    rule.use = fields.text("use").value_or("");
    rule.optional = fields.flag("optional").value_or(false);
    rule.options = fields.scalars("config");
    if (!fields.find("name") && !fields.find("function") && !fields.find("op")) {
      diagnostics_.error(node.mark, "an entry of 'nodes' does not say which nodes it is for",
                         "give it a 'name', a 'function' or an 'op': for example `name: \"encoder/*\"`");
    }
    if (const YamlNode* op = fields.find("op")) check_op_name(rule.op, op->mark, file_->ops, diagnostics_);
    const YamlNode mapping = mapping_of(node);
    if (!mapping.entries.empty()) {
      read_mapping(node, mapping, index, read);
    } else if (!fields.find("use") && !fields.find("config")) {
      diagnostics_.error(node.mark, "an entry of 'nodes' does not say what is done with the nodes",
                         "give it 'use', 'config', or 'op' with 'to' or 'body'");
    }
    return read;
  }

 private:
  void read_mapping(const YamlNode& node, const YamlNode& mapping, std::size_t index, ReadRule& read) {
    registry::NodeRule& rule = read.rule;
    if (rule.op.empty()) {
      diagnostics_.error(node.mark, "a mapping for some nodes needs the op that it maps", "add `op: TfOp`");
      return;
    }
    if (!rule.use.empty()) {
      diagnostics_.error(node.mark, "an entry of 'nodes' has 'use' and a mapping", "write two entries");
      return;
    }
    Diagnostics own = diagnostics_.nested();
    YamlEntry entry{{}, mapping};
    entry.key.kind = YamlNode::Kind::kScalar;
    entry.key.text = rule.op;
    entry.key.mark = node.mark;
    std::vector<Entry> entries = read_entries(entry, file_->ops.find(rule.op), own);
    if (own.failed()) return;
    std::vector<registry::Row> rows = make_rows(file_, entries, false, diagnostics_);
    rule.mapping = std::move(rows.front());
    rule.mapping->id = fmt::format("nodes[{}]", index);
    read.entry = std::move(entries.front());
  }

  std::shared_ptr<const File> file_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<ReadRule> read_node_rules(const std::shared_ptr<const File>& file, const YamlNode& node,
                                      Diagnostics& diagnostics) {
  std::vector<ReadRule> rules;
  if (!node.is_list()) {
    diagnostics.error(node.mark, fmt::format("'nodes' is a list, not {}", kind_of(node)),
                      "write `nodes:` and below it `  - { name: \"encoder/*\", use: plugin.id }`");
  }
  RuleReader reader(file, diagnostics);
  for (std::size_t i = 0; i < node.items.size(); ++i) rules.push_back(reader.read(node.items[i], i));
  return rules;
}

}  // namespace flowport::config

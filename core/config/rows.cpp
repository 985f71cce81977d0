#include "config/rows.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/signature.h"
#include "config/tf_types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::config {
namespace {

/// The inputs that must be known, for an entry that is not compiled yet.
std::uint64_t const_inputs(const Entry& entry, const tf::OpTable& ops) {
  std::uint64_t mask = 0;
  std::optional<Signature> signature;
  for (const EntryAttr& attr : entry.attrs) {
    const auto* name = std::get_if<InputName>(&attr.value);
    if (name == nullptr) continue;
    if (!signature) signature.emplace(ops.find(entry.tf_op), entry);
    const auto operand = name->index >= 0 ? signature->input(name->index) : signature->input(name->name);
    if (operand && operand->kind == registry::Operand::Kind::kInput) mask |= std::uint64_t{1} << operand->index;
  }
  return mask;
}

std::shared_ptr<const registry::LazyMapping> later(std::shared_ptr<const File> file, Entry entry) {
  return std::make_shared<registry::LazyMapping>(
      [file = std::move(file), entry = std::move(entry)]() -> Result<registry::Mapping> {
        Problems problems;
        Diagnostics diagnostics(file->source, problems);
        Compiled compiled = compile(entry, file->source, file->ops, diagnostics);
        if (!problems.empty()) return tl::make_unexpected(std::move(problems.front()));
        return std::move(compiled.mapping);
      });
}

registry::CustomSchema schema_of(const Entry& entry, const registry::BodyNode& node, const tf::OpTable& ops) {
  registry::CustomSchema schema;
  schema.domain = node.domain;
  schema.op = node.op;
  schema.since_version = entry.domain_version;
  schema.min_inputs = schema.max_inputs = static_cast<std::uint32_t>(node.inputs.size());
  const auto is_list = [](const registry::Operand& operand) {
    return operand.kind == registry::Operand::Kind::kArgument || operand.kind == registry::Operand::Kind::kAllInputs;
  };
  if (std::ranges::any_of(node.inputs, is_list)) {
    schema.min_inputs = 0;
    schema.max_inputs = INT32_MAX;
  }
  schema.min_outputs = schema.max_outputs = static_cast<std::uint32_t>(node.num_outputs);
  const auto* op = ops.find(entry.tf_op);
  for (const registry::AttrRule& rule : node.attrs) {
    std::optional<std::size_t> storage;
    if (rule.source == registry::AttrRule::Source::kValue) storage = rule.value.index();
    if (!rule.choices.empty()) storage = rule.choices.begin()->second.index();
    if (rule.kind) storage = *rule.kind;
    if (!storage && rule.scale == 1 && rule.offset == 0 && rule.source == registry::AttrRule::Source::kTfAttr &&
        op != nullptr) {
      const auto it = std::ranges::find(op->attr(), rule.tf_attr, &tf::proto::OpDef::AttrDef::name);
      if (it != op->attr().end()) storage = storage_of(std::string_view(it->type()));
    }
    // The kinds of the boundary follow those of Attribute::Storage, from 1; 0 says nothing.
    schema.attrs.push_back({rule.name, storage ? static_cast<std::uint32_t>(*storage + 1) : 0, false});
  }
  schema.open_attrs = node.dropped.has_value();
  schema.library = entry.runtime->library;
  schema.registration = entry.runtime->registration;
  return schema;
}

void merge(registry::CustomSchema& known, const registry::CustomSchema& other) {
  known.min_inputs = std::min(known.min_inputs, other.min_inputs);
  known.max_inputs = std::max(known.max_inputs, other.max_inputs);
  known.open_attrs = known.open_attrs || other.open_attrs;
  known.min_outputs = std::min(known.min_outputs, other.min_outputs);
  known.max_outputs = std::max(known.max_outputs, other.max_outputs);
  for (const auto& attr : other.attrs) {
    if (std::ranges::find(known.attrs, attr.name, &registry::CustomSchema::Attr::name) == known.attrs.end()) {
      known.attrs.push_back(attr);
    }
  }
}

}  // namespace

std::vector<registry::Row> make_rows(const std::shared_ptr<const File>& file, const std::vector<Entry>& entries,
                                     bool checked_before, Diagnostics& diagnostics) {
  std::vector<registry::Row> rows;
  // An entry with a guard is more particular than one without, and of two with a guard the earlier one is asked first.
  int guarded = static_cast<int>(std::ranges::count_if(entries, [](const Entry& e) { return !e.when.empty(); }));
  for (const Entry& entry : entries) {
    registry::Row row;
    row.tf_op = entry.tf_op;
    row.id = rows.empty() ? entry.tf_op : fmt::format("{}#{}", entry.tf_op, rows.size() + 1);
    row.when = entry.when;
    row.priority = entry.priority.value_or(entry.when.empty() ? 0 : guarded);
    if (!entry.when.empty()) --guarded;
    row.complex = entry.complex;
    row.doc = entry.doc;
    row.optional = entry.optional;
    row.source = file->source.at(entry.mark);
    OpsetRange range = entry.opset.value_or(OpsetRange{kLowestOpset, 0});
    if (checked_before) {
      row.const_inputs = const_inputs(entry, file->ops);
      row.mapping = later(file, entry);
    } else {
      Diagnostics own = diagnostics.nested();
      Compiled compiled = compile(entry, file->source, file->ops, own);
      if (!own.failed()) range = check_opsets(entry, compiled, file->ops, own);
      row.const_inputs = compiled.const_inputs;
      row.mapping = std::make_shared<registry::LazyMapping>(
          [mapping = std::move(compiled.mapping)]() -> Result<registry::Mapping> { return mapping; });
    }
    row.opset_min = range.min;
    row.opset_max = range.max;
    const auto other = std::ranges::find_if(rows, [&](const registry::Row& r) { return registry::conflict(r, row); });
    if (!checked_before && other != rows.end()) {
      diagnostics.error(
          entry.mark,
          fmt::format("this entry and that of {} convert '{}' at the same opsets", other->source, row.tf_op),
          "give them disjoint 'opset' ranges, a guard 'when', or different 'priority'");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<registry::CustomSchema> make_schemas(const std::vector<registry::Row>& rows,
                                                 const std::vector<Entry>& entries, const tf::OpTable& ops) {
  std::vector<registry::CustomSchema> schemas;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!entries[i].runtime) continue;
    const auto& mapping = rows[i].mapping->get();
    if (!mapping) continue;
    for (const registry::BodyNode& node : mapping->body) {
      if (node.domain.empty() || node.domain == "ai.onnx.ml") continue;
      registry::CustomSchema schema = schema_of(entries[i], node, ops);
      const auto same = std::ranges::find_if(schemas, [&](const registry::CustomSchema& s) {
        return s.domain == schema.domain && s.op == schema.op && s.since_version == schema.since_version;
      });
      if (same == schemas.end()) {
        schemas.push_back(std::move(schema));
      } else {
        merge(*same, schema);
      }
    }
  }
  return schemas;
}

}  // namespace flowport::config

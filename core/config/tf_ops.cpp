#include "config/tf_ops.h"

#include <utility>

#include <fmt/format.h>

#include "tensorflow/op_declaration.h"
#include "tensorflow/op_table.h"

namespace flowport::config {
namespace {

using Part = tf::DeclarationFault::Part;

constexpr std::string_view key_of(Part part) {
  return part == Part::kInput ? "inputs" : part == Part::kOutput ? "outputs" : "attrs";
}

}  // namespace

std::optional<registry::TfOp> read_tf_op(const YamlEntry& entry, Diagnostics& diagnostics) {
  Diagnostics own = diagnostics.nested();
  const Fields fields(entry.value, "an entry of 'tf_ops'", {"inputs", "outputs", "attrs"}, own);
  const auto texts = [&](Part part) { return fields.texts(key_of(part)).value_or(std::vector<std::string>()); };
  const tf::OpDeclaration declaration{entry.key.text, texts(Part::kInput), texts(Part::kOutput), texts(Part::kAttr)};
  if (tf::OpTable::has_built_in(declaration.op)) {
    own.error(entry.key.mark, fmt::format("TensorFlow has the op '{}' itself", declaration.op), "remove the entry");
  }
  if (own.failed()) return std::nullopt;
  auto definition = tf::define(declaration);
  if (!definition) {
    const tf::DeclarationFault& fault = definition.error();
    own.error(fields.find(key_of(fault.part))->items[fault.index].mark, fault.what, fault.next);
    return std::nullopt;
  }
  return registry::TfOp{declaration.op, tf::text_of(declaration), *std::move(definition), nullptr,
                        diagnostics.source().at(entry.key.mark)};
}

}  // namespace flowport::config

#include "host/description.h"

#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "host/raw_table.h"
#include "onnx/schema.h"
#include "registry/order.h"
#include "tensorflow/op_declaration.h"
#include "tensorflow/op_table.h"

namespace flowport::host {
namespace {

constexpr std::size_t kLongestText = 4096;
constexpr std::uint32_t kMostRows = 1U << 20;

enum class Text {
  kName,      ///< visible ASCII without spaces
  kSentence,  ///< not empty
  kOptional,  ///< may be null or empty
  kLines,     ///< not empty, may have several lines
};

/// Its functions give whether all is well; the first refusal is kept.
class Reader {
 public:
  explicit Reader(Description& description) : to_(description) {}

  bool plugin(const flowport_plugin& raw);
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  bool handler(const flowport_handler& raw, const std::string& name);
  bool target(const flowport_target& raw, const std::string& name);
  bool domain_version(const flowport_domain_version& raw, const std::string& name, registry::Target& target);
  template <typename Raw, typename Limit>
  bool limit(const Raw& raw, const std::string& name, Limit& to);
  bool denial(const flowport_denial& raw, const std::string& name, registry::Target& target);
  bool allowance(const flowport_allowance& raw, const std::string& name, registry::Target& target);
  bool schema(const flowport_schema& raw, const std::string& name);
  bool schema_attr(const flowport_schema_attr& raw, const std::string& name, registry::CustomSchema& schema);
  bool rewrite(const flowport_rewrite& raw, const std::string& name);
  bool tf_op(const flowport_tf_op& raw, const std::string& name);
  bool no_overlaps();

  bool text(const char* from, std::string_view field, Text kind, std::string& to);
  /// A domain's name: null and "ai.onnx" are "".
  bool domain(const char* from, std::string_view field, std::string& to);
  bool zero(std::uint64_t bits, std::string_view field);
  /// Calls visit(row, "handlers[3]") for each row.
  template <typename T, typename Visit>
  bool rows(const flowport_table& table, std::string_view name, Visit&& visit);

  bool refuse(Rule rule, std::string reason, std::string next = "report this to the plugin's author") {
    refusal_ = Refusal{rule, std::move(reason), std::move(next)};
    return false;
  }

  Description& to_;
  std::optional<Refusal> refusal_;
};

bool Reader::text(const char* from, std::string_view field, Text kind, std::string& to) {
  if (from == nullptr) return kind == Text::kOptional || refuse(Rule::kText, fmt::format("{} is null", field));
  const std::size_t length = ::strnlen(from, kLongestText + 1);
  if (length > kLongestText) return refuse(Rule::kText, fmt::format("{} is longer than {} bytes", field, kLongestText));
  if (length == 0 && kind != Text::kOptional) return refuse(Rule::kText, fmt::format("{} is empty", field));
  const std::string_view read(from, length);
  for (const char c : read) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' && kind == Text::kLines) continue;
    if (byte < 0x20 || byte == 0x7f || (kind == Text::kName && (byte == ' ' || byte > 0x7f))) {
      return refuse(Rule::kText, fmt::format("{} has a character of code {}", field, byte));
    }
  }
  to = read;
  return true;
}

bool Reader::domain(const char* from, std::string_view field, std::string& to) {
  if (from == nullptr || *from == '\0') return true;
  if (!text(from, field, Text::kName, to)) return false;
  if (to == "ai.onnx") to.clear();
  return true;
}

bool Reader::zero(std::uint64_t bits, std::string_view field) {
  return bits == 0 || refuse(Rule::kFlags, fmt::format("{} is {}, of which this host knows nothing", field, bits),
                             "update flowport, or report this to the plugin's author");
}

template <typename T, typename Visit>
bool Reader::rows(const flowport_table& table, std::string_view name, Visit&& visit) {
  if (table.count == 0) return true;
  if (table.data == nullptr)
    return refuse(Rule::kTable, fmt::format("{}.data is null, with count {}", name, table.count));
  if (table.count > kMostRows) return refuse(Rule::kTable, fmt::format("{}.count is {}", name, table.count));
  if (table.stride < kFirstSize<T> || table.stride % alignof(T) != 0 ||
      reinterpret_cast<std::uintptr_t>(table.data) % alignof(T) != 0) {
    return refuse(Rule::kTable, fmt::format("{}.stride is {}; a row has {} bytes or more, aligned to {}", name,
                                            table.stride, kFirstSize<T>, alignof(T)));
  }
  const auto* at = static_cast<const char*>(table.data);
  for (std::uint32_t i = 0; i < table.count; ++i, at += table.stride) {
    if (!visit(copy_prefix<T>(at, table.stride), fmt::format("{}[{}]", name, i))) return false;
  }
  return true;
}

bool Reader::handler(const flowport_handler& raw, const std::string& name) {
  registry::Row row;
  if (!text(raw.tf_op, name + ".tf_op", Text::kName, row.tf_op)) return false;
  const std::string label = fmt::format("{} ({})", name, row.tf_op);
  row.id = row.tf_op;
  if (raw.id != nullptr && !text(raw.id, label + ".id", Text::kName, row.id)) return false;
  if (!domain(raw.domain, label + ".domain", row.domain) ||
      !zero(raw.flags & ~(FLOWPORT_HANDLER_COMPLEX | FLOWPORT_HANDLER_PARTS), label + ".flags") ||
      !text(raw.doc, label + ".doc", Text::kOptional, row.doc) ||
      !text(raw.source, label + ".source", Text::kOptional, row.source)) {
    return false;
  }
  if (raw.opset_min < 1 || (raw.opset_max != 0 && raw.opset_max < raw.opset_min)) {
    return refuse(Rule::kRange, fmt::format("{} is for opset {} to {}", label, raw.opset_min, raw.opset_max));
  }
  if (raw.convert == nullptr) return refuse(Rule::kHandler, label + ".convert is null");
  row.opset_min = raw.opset_min;
  row.opset_max = raw.opset_max;
  row.priority = raw.priority;
  row.const_inputs = raw.const_inputs;
  if (raw.flags == (FLOWPORT_HANDLER_COMPLEX | FLOWPORT_HANDLER_PARTS)) {
    return refuse(Rule::kFlags, label + ".flags has two bits that exclude each other");
  }
  row.complex = raw.flags == FLOWPORT_HANDLER_COMPLEX ? registry::Complex::kPairs
                : raw.flags == FLOWPORT_HANDLER_PARTS ? registry::Complex::kParts
                                                      : registry::Complex::kNone;
  row.handler.convert = raw.convert;
  to_.rows.push_back(std::move(row));
  return true;
}

bool Reader::domain_version(const flowport_domain_version& raw, const std::string& name, registry::Target& target) {
  std::string id;
  if (!domain(raw.domain, name + ".domain", id) || !zero(raw.reserved, name + ".reserved")) return false;
  if (raw.version == 0 || raw.version > INT32_MAX) {
    return refuse(Rule::kTarget, fmt::format("{}.version is {}", name, raw.version));
  }
  target.domains[id] = static_cast<int>(raw.version);
  return true;
}

/// What a denial and an allowance have both: element types of an op, at some opsets.
template <typename Raw, typename Limit>
bool Reader::limit(const Raw& raw, const std::string& name, Limit& to) {
  if (!domain(raw.domain, name + ".domain", to.domain) ||
      !text(raw.type_var, name + ".type_var", Text::kOptional, to.type_var) ||
      !zero(raw.reserved, name + ".reserved")) {
    return false;
  }
  if (raw.opset_max != 0 && raw.opset_max < raw.opset_min) {
    return refuse(Rule::kTarget, fmt::format("{} is for opset {} to {}", name, raw.opset_min, raw.opset_max));
  }
  to.dtypes = raw.dtypes;
  to.opset_min = raw.opset_min;
  to.opset_max = raw.opset_max;
  return true;
}

bool Reader::denial(const flowport_denial& raw, const std::string& name, registry::Target& target) {
  registry::Denial denial;
  if (!limit(raw, name, denial) || !text(raw.op, name + ".op", Text::kOptional, denial.op) ||
      !text(raw.reason, name + ".reason", Text::kSentence, denial.reason)) {
    return false;
  }
  target.denials.push_back(std::move(denial));
  return true;
}

bool Reader::allowance(const flowport_allowance& raw, const std::string& name, registry::Target& target) {
  registry::Allowance allowance;
  if (!limit(raw, name, allowance) || !text(raw.op, name + ".op", Text::kName, allowance.op)) return false;
  target.allowed.push_back(std::move(allowance));
  return true;
}

bool Reader::target(const flowport_target& raw, const std::string& name) {
  registry::Target target;
  if (!text(raw.id, name + ".id", Text::kName, target.id)) return false;
  const std::string label = fmt::format("{} ({})", name, target.id);
  if (raw.parent != nullptr && !text(raw.parent, label + ".parent", Text::kName, target.parent)) return false;
  if (!zero(raw.reserved, label + ".reserved") || !text(raw.doc, label + ".doc", Text::kOptional, target.doc) ||
      !zero(raw.flags & ~std::uint32_t{FLOWPORT_TARGET_STATIC_SHAPES}, label + ".flags")) {
    return false;
  }
  target.ir_version = raw.ir_version;
  target.max_rank = raw.max_rank;
  target.static_shapes = (raw.flags & FLOWPORT_TARGET_STATIC_SHAPES) != 0;
  const bool is_read =
      rows<flowport_domain_version>(raw.domains, label + ".domains",
                                    [&](const auto& row, const auto& at) { return domain_version(row, at, target); }) &&
      rows<flowport_denial>(raw.denials, label + ".denials",
                            [&](const auto& row, const auto& at) { return denial(row, at, target); }) &&
      rows<flowport_allowance>(raw.allowed, label + ".allowed",
                               [&](const auto& row, const auto& at) { return allowance(row, at, target); });
  if (is_read) to_.targets.push_back(std::move(target));
  return is_read;
}

bool Reader::schema_attr(const flowport_schema_attr& raw, const std::string& name, registry::CustomSchema& schema) {
  registry::CustomSchema::Attr attr;
  if (!text(raw.name, name + ".name", Text::kName, attr.name)) return false;
  const bool is_known =
      (raw.kind >= FLOWPORT_ATTR_INT && raw.kind <= FLOWPORT_ATTR_TENSOR) || raw.kind == FLOWPORT_ATTR_BODY;
  if (!is_known || raw.required > 1) {
    return refuse(Rule::kSchema, fmt::format("{} has kind {}, required {}", name, raw.kind, raw.required));
  }
  attr.kind = raw.kind;
  attr.required = raw.required == 1;
  schema.attrs.push_back(std::move(attr));
  return true;
}

bool Reader::schema(const flowport_schema& raw, const std::string& name) {
  registry::CustomSchema schema;
  if (!text(raw.op, name + ".op", Text::kName, schema.op)) return false;
  const std::string label = fmt::format("{} ({})", name, schema.op);
  if (!domain(raw.domain, label + ".domain", schema.domain) || !zero(raw.reserved, label + ".reserved") ||
      !text(raw.library, label + ".library", Text::kOptional, schema.library) ||
      !text(raw.registration, label + ".registration", Text::kOptional, schema.registration)) {
    return false;
  }
  if (ir::is_onnx_domain(schema.domain)) {
    return refuse(Rule::kSchema,
                  fmt::format("{}.domain is {}, whose ops are ONNX's own", label,
                              schema.domain.empty() ? "ai.onnx" : schema.domain),
                  "give the op a domain of your own");
  }
  if (raw.since_version == 0 || raw.since_version > INT32_MAX || raw.min_inputs > raw.max_inputs ||
      raw.min_outputs > raw.max_outputs) {
    return refuse(Rule::kSchema,
                  fmt::format("{} has version {}, {} to {} inputs and {} to {} outputs", label, raw.since_version,
                              raw.min_inputs, raw.max_inputs, raw.min_outputs, raw.max_outputs));
  }
  schema.since_version = static_cast<int>(raw.since_version);
  schema.min_inputs = raw.min_inputs;
  schema.max_inputs = raw.max_inputs;
  schema.min_outputs = raw.min_outputs;
  schema.max_outputs = raw.max_outputs;
  if (!rows<flowport_schema_attr>(raw.attrs, label + ".attrs",
                                  [&](const auto& row, const auto& at) { return schema_attr(row, at, schema); })) {
    return false;
  }
  to_.schemas.push_back(std::move(schema));
  return true;
}

bool Reader::rewrite(const flowport_rewrite& raw, const std::string& name) {
  registry::Rewrite rewrite;
  if (!text(raw.id, name + ".id", Text::kName, rewrite.id)) return false;
  const std::string label = fmt::format("{} ({})", name, rewrite.id);
  if (!text(raw.phase, label + ".phase", Text::kName, rewrite.phase)) return false;
  if (!text(raw.pattern, label + ".pattern", Text::kLines, rewrite.pattern)) return false;
  if (raw.apply == nullptr) return refuse(Rule::kHandler, label + ".apply is null");
  // A phase of a later minor is not for this host: nothing depends on a rewrite.
  rewrite.apply.convert = raw.apply;
  if (rewrite.phase == FLOWPORT_PHASE_SCAN) to_.rewrites.push_back(std::move(rewrite));
  return true;
}

bool Reader::tf_op(const flowport_tf_op& raw, const std::string& name) {
  registry::TfOp op;
  if (!text(raw.op, name + ".op", Text::kName, op.op)) return false;
  const std::string label = fmt::format("{} ({})", name, op.op);
  std::string inputs, outputs, attrs;
  if (!text(raw.inputs, label + ".inputs", Text::kOptional, inputs) ||
      !text(raw.outputs, label + ".outputs", Text::kOptional, outputs) ||
      !text(raw.attrs, label + ".attrs", Text::kOptional, attrs)) {
    return false;
  }
  if (tf::OpTable::has_built_in(op.op)) {
    return refuse(Rule::kTfOp, fmt::format("{} declares an op that TensorFlow has itself", label),
                  "leave the declaration out: handlers for TensorFlow's ops need none");
  }
  const tf::OpDeclaration declaration{op.op, tf::split_texts(inputs), tf::split_texts(outputs), tf::split_texts(attrs)};
  auto definition = tf::define(declaration);
  if (!definition) {
    return refuse(Rule::kTfOp, fmt::format("{}: {}", label, definition.error().what),
                  std::move(definition.error().next));
  }
  op.text = tf::text_of(declaration);
  op.definition = *std::move(definition);
  to_.tf_ops.push_back(std::move(op));
  return true;
}

/// Rows are few per op: they are compared within each op only.
bool Reader::no_overlaps() {
  std::unordered_map<std::string_view, std::vector<const registry::Row*>> by_op;
  for (const registry::Row& row : to_.rows) {
    auto& others = by_op[row.tf_op];
    for (const registry::Row* other : others) {
      if (!registry::conflict(*other, row)) continue;
      return refuse(Rule::kOverlap,
                    fmt::format("two rows for TF op {} overlap: '{}' for {} and '{}' for {}", row.tf_op, other->id,
                                registry::range_of(*other), row.id, registry::range_of(row)),
                    "make the ranges disjoint, or give one row a higher priority");
    }
    others.push_back(&row);
  }
  return true;
}

bool Reader::plugin(const flowport_plugin& raw) {
  const std::uint32_t size = raw.struct_size;
  if (size < kFirstSize<flowport_plugin>) {
    return refuse(Rule::kStructSize, fmt::format("struct_size of its descriptor is {}, in ABI 1.0 it is {}", size,
                                                 kFirstSize<flowport_plugin>));
  }
  const auto plugin = copy_prefix<flowport_plugin>(&raw, size);
  if (plugin.abi_major != FLOWPORT_ABI_MAJOR) {
    return refuse(Rule::kMajor,
                  fmt::format("built for plugin ABI {}.{}; this host has {}.{}", plugin.abi_major, plugin.abi_minor,
                              FLOWPORT_ABI_MAJOR, FLOWPORT_ABI_MINOR),
                  "build the plugin with this flowport's SDK");
  }
  if (!text(plugin.id, "id", Text::kName, to_.id) || !text(plugin.version, "version", Text::kName, to_.version) ||
      !text(plugin.summary, "summary", Text::kSentence, to_.summary) ||
      !text(plugin.license, "license", Text::kSentence, to_.license) ||
      !text(plugin.url, "url", Text::kOptional, to_.url)) {
    return false;
  }
  if (!rows<flowport_handler>(plugin.handlers, "handlers",
                              [&](const auto& row, const auto& at) { return handler(row, at); })) {
    return false;
  }
  if (plugin.min_host_minor > FLOWPORT_ABI_MINOR) {
    return refuse(
        Rule::kMinor,
        fmt::format("built for plugin ABI {}.{} and needs host ABI >= {}.{}; this host has {}.{}", plugin.abi_major,
                    plugin.abi_minor, plugin.abi_major, plugin.min_host_minor, FLOWPORT_ABI_MAJOR, FLOWPORT_ABI_MINOR),
        "update flowport, or build the plugin with this flowport's SDK");
  }
  if (!zero(plugin.flags, "flags") ||
      !rows<flowport_target>(plugin.targets, "targets",
                             [&](const auto& row, const auto& at) { return target(row, at); }) ||
      !rows<flowport_schema>(plugin.schemas, "schemas",
                             [&](const auto& row, const auto& at) { return schema(row, at); })) {
    return false;
  }
  if (plugin.rewrites.count > 0 && plugin.abi_minor == 0) {
    return refuse(Rule::kRewrites,
                  fmt::format("it has {} rewrites, which ABI 1.0 does not define", plugin.rewrites.count));
  }
  if (!rows<flowport_rewrite>(plugin.rewrites, "rewrites",
                              [&](const auto& row, const auto& at) { return rewrite(row, at); }) ||
      !rows<flowport_tf_op>(plugin.tf_ops, "tf_ops", [&](const auto& row, const auto& at) { return tf_op(row, at); })) {
    return false;
  }
  to_.init = plugin.init;
  to_.shutdown = plugin.shutdown;
  return no_overlaps();
}

}  // namespace

Checked<void> read_description(const flowport_plugin& raw, Description& description) {
  Reader reader(description);
  if (reader.plugin(raw)) return {};
  return tl::make_unexpected(*reader.refusal());
}

}  // namespace flowport::host

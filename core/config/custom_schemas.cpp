#include "config/custom_schemas.h"

#include <array>
#include <utility>

#include <flowport/abi.h>
#include <fmt/format.h>

#include "base/text.h"
#include "config/entry.h"
#include "config/onnx_name.h"
#include "onnx/schema.h"

namespace flowport::config {
namespace {

constexpr std::int64_t kMostArguments = 1'000'000;

struct Kind {
  std::string_view name;
  std::uint32_t number;
};
constexpr std::array<Kind, 8> kKinds{{{"int", FLOWPORT_ATTR_INT},
                                      {"float", FLOWPORT_ATTR_FLOAT},
                                      {"string", FLOWPORT_ATTR_STRING},
                                      {"ints", FLOWPORT_ATTR_INTS},
                                      {"floats", FLOWPORT_ATTR_FLOATS},
                                      {"strings", FLOWPORT_ATTR_STRINGS},
                                      {"tensor", FLOWPORT_ATTR_TENSOR},
                                      {"graph", FLOWPORT_ATTR_BODY}}};

class SchemaReader {
 public:
  explicit SchemaReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  registry::CustomSchema read(const YamlEntry& entry) {
    registry::CustomSchema schema;
    OnnxName name = read_onnx_name(entry.key, "schemas", diagnostics_);
    if (ir::is_onnx_domain(name.domain)) {
      diagnostics_.error(entry.key.mark, fmt::format("'{}' is of a domain that is ONNX's own", entry.key.text),
                         fmt::format("write `your.domain::{}@1`", name.op));
    }
    schema.op = std::move(name.op);
    schema.domain = std::move(name.domain);
    schema.since_version = name.version;
    const Fields fields(entry.value, "an entry of 'schemas'", {"inputs", "outputs", "attrs", "runtime"}, diagnostics_);
    if (const YamlNode* inputs = fields.require("inputs"))
      read_count(*inputs, "inputs", schema.min_inputs, schema.max_inputs);
    if (const YamlNode* outputs = fields.find("outputs"))
      read_count(*outputs, "outputs", schema.min_outputs, schema.max_outputs);
    if (const YamlNode* attrs = fields.find("attrs")) read_attrs(*attrs, schema);
    if (const YamlNode* node = fields.find("runtime")) {
      Runtime runtime = read_runtime(*node, diagnostics_);
      schema.library = std::move(runtime.library);
      schema.registration = std::move(runtime.registration);
    }
    return schema;
  }

 private:
  /// "2", or "[1, 3]".
  void read_count(const YamlNode& node, std::string_view key, std::uint32_t& min, std::uint32_t& max) {
    const auto number = [&](const YamlNode& item) {
      return static_cast<std::uint32_t>(integer_of(item, key, 0, kMostArguments, diagnostics_).value_or(0));
    };
    if (!node.is_list()) {
      min = max = number(node);
    } else if (node.items.size() == 2) {
      min = number(node.items[0]);
      max = number(node.items[1]);
      if (max < min) diagnostics_.error(node.mark, fmt::format("'{}' goes from {} to {}", key, min, max));
    } else {
      diagnostics_.error(node.mark, fmt::format("'{}' is a number, or a list of the least and the most", key));
    }
  }

  void read_attrs(const YamlNode& node, registry::CustomSchema& schema) {
    if (!node.is_map()) diagnostics_.error(node.mark, fmt::format("'attrs' is a map, not {}", kind_of(node)));
    for (const YamlEntry& entry : node.entries) {
      registry::CustomSchema::Attr attr;
      attr.name = entry.key.text;
      if (entry.value.is_map()) {
        const Fields fields(entry.value, "an attribute of a schema", {"kind", "required"}, diagnostics_);
        if (const YamlNode* kind = fields.require("kind")) attr.kind = kind_number(*kind);
        attr.required = fields.flag("required").value_or(false);
      } else {
        attr.kind = kind_number(entry.value);
      }
      schema.attrs.push_back(std::move(attr));
    }
  }

  std::uint32_t kind_number(const YamlNode& node) {
    const auto text = text_of(node, "kind", diagnostics_);
    if (!text) return 0;
    std::vector<std::string_view> names;
    for (const Kind& kind : kKinds) {
      if (kind.name == *text) return kind.number;
      names.push_back(kind.name);
    }
    std::string next = did_you_mean(*text, names);
    if (next.empty()) next = fmt::format("there are {}", fmt::join(names, ", "));
    diagnostics_.error(node.mark, fmt::format("there is no kind of attributes '{}'", *text), std::move(next));
    return 0;
  }

  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<registry::CustomSchema> read_schema(const YamlEntry& entry, Diagnostics& diagnostics) {
  Diagnostics own = diagnostics.nested();
  registry::CustomSchema schema = SchemaReader(own).read(entry);
  if (own.failed()) return std::nullopt;
  return schema;
}

}  // namespace flowport::config

// One way to convert a TF op, as `ops:` says it: read, but not yet compiled.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/body.h"
#include "config/document.h"
#include "config/fields.h"
#include "onnx/dtype.h"
#include "registry/mapping.h"
#include "tensorflow/op_table.h"

namespace flowport::config {

/// A TF input by flat position or by name.
struct InputName {
  int index = -1;  ///< -1: by name
  std::string name;
  Mark mark;
};

/// An item of `inputs:` of a `to` entry.
struct EntryInput {
  std::variant<InputName, AttrRef, Literal> what;
  Mark mark;
  ir::DType type = ir::DType::kUndefined;  ///< of a constant, where the file says it
};

struct EntryAttr {
  std::string name;  ///< ONNX
  Mark mark;
  std::variant<Literal, AttrRef, InputName> value;
  std::map<std::string, Literal> choices;
  double scale = 1;
  double offset = 0;
  bool is_scaled = false;
  std::optional<std::size_t> kind;  ///< `as`: index of ir::Attribute::Storage
};

/// A TF attribute of `drop:`.
struct DroppedAttr {
  std::string name;
  Mark mark;
};

/// Where a run-time has the kernel of a custom op.
struct Runtime {
  std::string library;
  std::string registration;  ///< how the run-time learns of it, for people; may be empty
};

struct Entry {
  std::string tf_op;
  Mark mark;  ///< of the TF op's name, or of the item of a list

  // Exactly one of the two:
  std::string op, domain;  ///< `to`
  int domain_version = 1;
  Mark op_mark;
  YamlNode body;  ///< the scalar of `body`; a null node for `to`

  std::optional<std::vector<EntryInput>> inputs;        ///< `to`: what the ONNX node gets
  std::optional<std::vector<std::string>> input_names;  ///< `body`: names of the flat inputs
  std::optional<std::vector<std::string>> output_names;
  std::optional<int> num_outputs;                  ///< `to`
  std::vector<registry::OutputType> output_types;  ///< `to`, of a custom domain; empty or `num_outputs`
  std::vector<EntryAttr> attrs;
  std::optional<std::vector<DroppedAttr>> drop;  ///< given: all other TF attributes are passed on
  Mark drop_mark;
  std::vector<registry::Guard> when;
  std::optional<OpsetRange> opset;
  Mark opset_mark;
  std::optional<int> priority;
  registry::Complex complex = registry::Complex::kNone;
  std::optional<Runtime> runtime;
  bool optional = false;
  std::string doc;

  bool has_body() const { return body.is_scalar(); }
};

/// What an entry may say.
inline constexpr std::array<std::string_view, 15> kEntryKeys = {
    "to",   "body",  "inputs",   "outputs", "attrs",   "set",      "drop", "const_inputs",
    "when", "opset", "priority", "complex", "runtime", "optional", "doc"};

/// The entries of one TF op: the value is an ONNX op's name, a map or a list of maps. `def` is the op's definition, or null
/// where it has none or names of TF attributes need no check. The entries are good only when nothing was reported.
std::vector<Entry> read_entries(const YamlEntry& node, const tf::proto::OpDef* def, Diagnostics& diagnostics);

/// The value of `runtime`.
Runtime read_runtime(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace flowport::config

// Schemas of the onnx library, resolved once per (op, domain, opset) with all that checks and inference ask of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/infer_rules.h"
#include "onnx/schema.h"

namespace onnx {
class OpSchema;
}

namespace flowport::ir {

/// Element types that a slot allows, bit n for element type n, per Type::Kind.
struct SlotTypes {
  std::uint64_t tensor = 0;
  std::uint64_t sequence = 0;
  std::uint64_t optional = 0;

  std::uint64_t of(Type::Kind kind) const {
    return kind == Type::Kind::kTensor ? tensor : kind == Type::Kind::kSequence ? sequence : optional;
  }
};

struct SchemaEntry {
  const onnx::OpSchema* schema = nullptr;
  OpSignature signature;
  std::vector<SlotTypes> input_types;
  std::vector<SlotTypes> output_types;
  int max_inputs = 0;
  int min_outputs = 0;
  int max_outputs = 0;
  const InferRules* rules = nullptr;  ///< null: only the schema's own inference
};

/// The schema of `op` at `opset`, or nullptr where there is none (any more). Thread-safe; entries live as long as the
/// process.
const SchemaEntry* find_schema(std::string_view op, std::string_view domain, std::int64_t opset);

/// Whether `node` has as many inputs and outputs as its schema asks for, and none missing; nullopt when it has, else one sentence.
std::optional<std::string> check_counts(const Node& node, const SchemaEntry& entry);

/// Names of all ops that `domain` ever had, sorted.
const std::vector<std::string>& op_names(std::string_view domain);

/// First opset above `opset` at which `op` exists; 0 where there is none.
int next_version_of(std::string_view op, std::string_view domain, std::int64_t opset);

/// Opset at which `op` was deprecated, when that is at most `opset`; 0 where it never was.
int deprecated_since(std::string_view op, std::string_view domain, std::int64_t opset);

}  // namespace flowport::ir

// The model's inputs and outputs: which tensors they are, what they are called, and their shapes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/problem.h"
#include "convert/engine.h"

namespace flowport::convert {

/// A dim as a user gives it: a number, or the name of an unknown one.
using DimSpec = std::variant<std::int64_t, std::string>;

/// What the user asks for; empty fields leave the choice to us.
struct InterfaceOptions {
  std::string signature;
  std::vector<std::string> inputs;                     ///< TF tensors "node:0", or names of the signature's inputs
  std::vector<std::string> outputs;                    ///< likewise; "call/inner:0" reaches into called functions
  std::map<std::string, std::vector<DimSpec>> shapes;  ///< by input name or tensor
};

struct ModelOutput {
  std::string name;
  Ref ref;
};

struct Interface {
  std::string signature;  ///< key of the signature that gave the names; may be empty
  std::vector<ModelOutput> outputs;
};

/// Settles inputs (fed into the engine's scopes as ONNX inputs) and outputs. All problems at once: unknown signature, tensor or
/// input (near names given), shapes that contradict the model, a type that ONNX lacks.
tl::expected<Interface, Problems> settle_interface(Engine& engine, const InterfaceOptions& options);

/// The warning for a complex input or output of the model (`role`).
std::string carries_complex(std::string_view role, std::string_view name);

/// Makes tensor `edge` of `scope` an input of the model called `name`. `spec`: its dims as the user gave them, or null; else they
/// come from `known` (a signature's), the placeholder's attribute or _output_shapes. Unknown dims get names.
Result<ir::ValueId> add_input(Engine& engine, Scope& scope, tf::Edge edge, const std::string& name,
                              const std::vector<DimSpec>* spec,
                              const std::optional<std::vector<std::int64_t>>& known = std::nullopt);

}  // namespace flowport::convert

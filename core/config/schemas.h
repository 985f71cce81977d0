// What compiling and checking ask of onnx's schemas over a range of opsets.
#pragma once

#include <optional>
#include <string_view>

#include "config/compile.h"
#include "onnx/schema.h"

namespace flowport::config {

/// Whether onnx has schemas for the domain; ops of other domains are checked when they are emitted.
inline bool has_schemas(std::string_view domain) { return domain.empty() || domain == "ai.onnx.ml"; }

/// Signature of `op` when ai.onnx is at `opset`. `CastLike` stands for itself from the lowest opset on, and ai.onnx.ml is
/// taken at its latest version.
const ir::OpSignature* signature_at(std::string_view op, std::string_view domain, int opset);

/// The newest signature of `op` up to `opset`, or null where no opset has it.
const ir::OpSignature* newest_signature(std::string_view op, std::string_view domain, int opset = kHighestOpset);

const ir::OpSignature::Attr* find_attr(const ir::OpSignature& signature, std::string_view name);

/// Index of ir::Attribute::Storage of the ONNX attribute in the newest opset that has it.
std::optional<std::size_t> attr_storage(std::string_view op, std::string_view domain, std::string_view attr);

/// Slot of input `index`, the variadic one included; null where there is none.
const ir::OpSignature::Slot* input_slot(const ir::OpSignature& signature, std::size_t index);

}  // namespace flowport::config

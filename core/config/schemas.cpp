#include "config/schemas.h"

#include <algorithm>

namespace flowport::config {
namespace {

constexpr int kCastLikeSince = 15;
constexpr int kMlOpset = 5;

}  // namespace

const ir::OpSignature* signature_at(std::string_view op, std::string_view domain, int opset) {
  if (domain == "ai.onnx.ml") opset = kMlOpset;
  if (domain.empty() && op == "CastLike") opset = std::max(opset, kCastLikeSince);
  return ir::signature_of(op, domain, opset);
}

const ir::OpSignature* newest_signature(std::string_view op, std::string_view domain, int opset) {
  for (; opset >= kLowestOpset; --opset) {
    if (const auto* signature = signature_at(op, domain, opset)) return signature;
  }
  return nullptr;
}

const ir::OpSignature::Attr* find_attr(const ir::OpSignature& signature, std::string_view name) {
  const auto it = std::ranges::find(signature.attributes, name, &ir::OpSignature::Attr::name);
  return it == signature.attributes.end() ? nullptr : &*it;
}

std::optional<std::size_t> attr_storage(std::string_view op, std::string_view domain, std::string_view attr) {
  if (!has_schemas(domain)) return std::nullopt;
  for (int opset = kHighestOpset; opset >= kLowestOpset; --opset) {
    const auto* signature = signature_at(op, domain, opset);
    if (signature == nullptr) continue;
    if (const auto* found = find_attr(*signature, attr)) return found->kind;
  }
  return std::nullopt;
}

const ir::OpSignature::Slot* input_slot(const ir::OpSignature& signature, std::size_t index) {
  if (index < signature.inputs.size()) return &signature.inputs[index];
  return signature.variadic_input && !signature.inputs.empty() ? &signature.inputs.back() : nullptr;
}

}  // namespace flowport::config

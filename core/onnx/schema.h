// onnx's own schemas as our type checker: is a node valid at this opset, what are its outputs' types, what is known of their
// content. Wraps the onnx C++ library, which stays out of this header.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "onnx/graph.h"

namespace flowport::ir {

/// "" and "ai.onnx" and its sub-domains: ops that must have a schema.
bool is_onnx_domain(std::string_view domain);

/// What a schema says of the element types that a node's inputs and outputs may have, and of its attributes.
struct OpSignature {
  struct Attr {
    std::string name;
    std::size_t kind =
        0;  ///< index of the alternative in Attribute::Storage; variant_size: a kind that we have none for
    bool required = false;
  };
  struct Slot {
    int type_var = -1;         ///< slots of equal type_var have equal element types; -1: fixed type of its own
    std::uint64_t dtypes = 0;  ///< bit n: element type n is allowed
    bool optional = false;
  };
  std::vector<Slot> inputs, outputs;
  std::vector<std::string> type_vars;  ///< by Slot::type_var, e.g. "T", "Tind"
  bool variadic_input = false;         ///< the last slot repeats
  bool variadic_output = false;
  bool homogeneous_input = true;  ///< of the variadic slot
  int min_inputs = 0;             ///< fewest inputs, the variadic slot's own minimum included
  std::vector<Attr> attributes;   ///< sorted by name
  int since_version = 0;
};

/// Signature of ai.onnx / ai.onnx.ml `op` at `opset`, or nullptr where there is none. Cached for the process.
const OpSignature* signature_of(std::string_view op, std::string_view domain, std::int64_t opset);

/// Checks `node` against its schema at model.opset(domain): op exists (near names; the opset that brings it), number of inputs
/// and outputs, attribute names, kinds and presence, element types. nullopt when valid, else one sentence.
std::optional<std::string> check_node(const Model& model, const Node& node);

/// Sets type and content of `node`'s outputs by the schema's inference and data propagation. Outputs keep what they have
/// where inference says nothing. Bodies must have been inferred already (their outputs typed). Fails where inference does,
/// with its sentence, which does not name the op. Clear type, constant and content of an output first
/// when its meaning has changed.
Result<void> infer_node(Model& model, const Node& node);

/// Computes outputs of `node` whose inputs are all known, where we can evaluate the op and no output exceeds `limit` bytes
/// (views of weights - Reshape, Transpose, Squeeze, Unsqueeze, Identity, Cast to the same type - are always made). Exact: the
/// numbers are those of the ONNX specification. nullopt: not evaluated. Bitwise results for ints; floats in their own type.
std::optional<std::vector<ConstantPtr>> evaluate_node(const Model& model, const Node& node,
                                                      std::size_t limit = 1 << 20);

}  // namespace flowport::ir

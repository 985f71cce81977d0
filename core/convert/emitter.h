// Adds ONNX nodes to a graph under construction: adapts element types to what the target takes, checks against the schema,
// infers types, computes what is known. A savepoint makes a handler's emissions a patch that is kept whole or dropped whole.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/progress.h"
#include "onnx/graph.h"
#include "onnx/schema.h"
#include "registry/registry.h"

namespace flowport::convert {

class Emitter {
 public:
  /// `progress`, where there is one, counts origins: the TF nodes that something is emitted for.
  Emitter(ir::Model& model, const registry::Registry& registry, const registry::Target& target,
          Progress* progress = nullptr);

  /// Adds `node` (its outputs are made here: `num_outputs` of them) to `graph`. Errors are Fault::kInternal: one sentence on
  /// what is wrong with the node; or Fault::kUnsupported where the target denies it, or an element type of it.
  Result<std::vector<ir::ValueId>> emit(ir::Graph& graph, ir::Node node, std::size_t num_outputs);

  /// Shorthands for the core's own nodes.
  Result<ir::ValueId> emit(ir::Graph& graph, std::string_view op, std::vector<ir::ValueId> inputs,
                           std::vector<ir::Attribute> attributes = {});
  Result<ir::ValueId> cast(ir::Graph& graph, ir::ValueId value, ir::DType to);

  ir::Model& model() { return model_; }
  const registry::Target& target() const { return target_; }

  /// Adds a node whose outputs are there and typed: control flow, whose bodies the caller has built.
  void append(ir::Graph& graph, ir::Node node);

  /// Origin of the nodes emitted from now on; added to the model when the first one is.
  void set_origin(ir::Origin origin);

  /// Differences to tell the user, such as double computed as float; cleared by the call.
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

  /// How many nodes the target has denied: a handler that failed while this grew may have a successor that does without.
  std::size_t denied() const { return denied_; }

  struct Savepoint {
    ir::Graph* graph = nullptr;
    std::size_t nodes = 0, values = 0, origins = 0;
  };
  Savepoint savepoint(ir::Graph& graph) const;
  void roll_back(const Savepoint& point);

 private:
  /// Where an element type of `node` is one that the schema or the target does not take, emits it in a wider one between Casts
  /// and gives its outputs; otherwise nothing.
  Result<std::optional<std::vector<ir::ValueId>>> emit_adapted(ir::Graph& graph, const ir::Node& node,
                                                               std::size_t num_outputs);
  /// Says a Gather of strings that ONNX Runtime gets wrong by GatherND; otherwise nothing.
  Result<std::optional<ir::ValueId>> emit_string_gather(ir::Graph& graph, const ir::Node& node);
  std::optional<std::string> check_custom(const ir::Node& node);
  Problem deny(std::string what);

  ir::Model& model_;
  const registry::Registry& registry_;
  const registry::Target& target_;
  Progress* progress_;
  std::vector<std::string> notes_;
  std::size_t denied_ = 0;
  std::uint32_t origin_index();

  ir::Origin origin_;
  std::uint32_t origin_index_ = 0;
  bool origin_added_ = false;
};

}  // namespace flowport::convert

// A run of emitted nodes in one graph whose first problem sticks: what follows it does nothing, and the caller looks once, at
// the end. For the core's own nodes (lists, loops).
#pragma once

#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "convert/emitter.h"

namespace flowport::convert {

/// As an end of a slice: up to the last item.
inline constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

class Emission {
 public:
  Emission(Emitter& emitter, ir::Graph& graph) : emitter_(emitter), graph_(graph) {}

  /// Emits a node with one output; 0 behind a problem.
  ir::ValueId operator()(std::string_view op, std::vector<ir::ValueId> inputs,
                         std::vector<ir::Attribute> attributes = {});
  /// A node of ai.onnx.ml.
  ir::ValueId ml(std::string_view op, std::vector<ir::ValueId> inputs, std::vector<ir::Attribute> attributes);
  ir::ValueId cast(ir::ValueId value, ir::DType to);
  ir::ValueId ints(std::initializer_list<std::int64_t> values);
  ir::ValueId ints(const std::vector<std::int64_t>& values);
  ir::ValueId scalar(std::int64_t value);

  /// int64 [rank]: the dims of `value` from `start` on, and up to `end` where it is given.
  ir::ValueId dims(ir::ValueId value, std::int64_t start, std::optional<std::int64_t> end = std::nullopt);
  /// Along axis 0.
  ir::ValueId concat(std::vector<ir::ValueId> parts);
  ir::ValueId gather(ir::ValueId value, ir::ValueId indices);
  ir::ValueId slice(ir::ValueId value, std::int64_t start, std::int64_t end, std::int64_t step = 1);
  /// A tensor of zeros (false, "") of shape `shape`.
  ir::ValueId zeros(ir::DType dtype, ir::ValueId shape);
  /// `value` with a new first dim of 1.
  ir::ValueId unsqueeze(ir::ValueId value) { return (*this)("Unsqueeze", {value, ints({0})}); }
  /// int64 [1] from an integer scalar.
  ir::ValueId as_item(ir::ValueId scalar) { return unsqueeze(cast(scalar, ir::DType::kInt64)); }

  ir::Type& type(ir::ValueId value) { return model().values[value].type; }
  /// The number, where an integer scalar is known.
  std::optional<std::int64_t> known(ir::ValueId value);
  ir::Model& model() { return emitter_.model(); }
  Emitter& emitter() { return emitter_; }
  ir::Graph& graph() { return graph_; }

  void fail(Problem problem) {
    if (ok()) problem_ = std::move(problem);
  }
  void fail(std::string what, std::string next = {}) {
    fail(Problem{Fault::kUnsupported, std::move(what), {}, std::move(next)});
  }
  /// Ends the run without a problem: whoever asked will be asked again, in another way.
  void poison() { poisoned_ = true; }
  bool ok() const { return !problem_ && !poisoned_; }
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  Emitter& emitter_;
  ir::Graph& graph_;
  std::optional<Problem> problem_;
  bool poisoned_ = false;
};

}  // namespace flowport::convert

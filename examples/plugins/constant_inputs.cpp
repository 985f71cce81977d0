// An input that must be known when converting: the host checks, and words the error.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;
using flowport::Value;

// TF:   MyRotate(x: T, by: int32) -> y: T, along the last axis
// ONNX: Concat of two Slices
void rotate(const Node& node) {
  const Value x = node.input(0);
  const auto by = node.input(1).int_scalar();
  if (!by) node.bad_model("'by' is not one number");
  const auto tail = slice(x, flowport::Ints{*by}, flowport::Ints{INT64_MAX}, flowport::Ints{-1});
  const auto head = slice(x, flowport::Ints{0}, flowport::Ints{*by}, flowport::Ints{-1});
  node.bind(flowport::concat({tail, head}, -1));
}

constexpr flowport::Handler kHandlers[] = {
    flowport::handler<rotate>("MyRotate", {.const_inputs = flowport::inputs_known(1)}),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.constant_inputs", .version = "1.0.0", .summary = "Rotates", .license = "Apache-2.0"},
                kHandlers)

// A plugin for Flowport: how the TensorFlow op @OP@ is said in ONNX.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

// TF:   @OP@(x: T; scale: float = 1) -> y: T
// ONNX: Mul(Mul(x, x), scale)
void scaled_square(const flowport::Node& node) {
  const flowport::Value x = node.input(0);
  const float scale = node.attr("scale", 1.0F);
  if (!flowport::is_floating(x.dtype())) node.unsupported("a type without fractions", "cast the input to float32");
  node.bind(x * x * scale);
}

constexpr flowport::Handler kHandlers[] = {
    flowport::handler<scaled_square>("@OP@", {.opset_min = 13, .doc = "The square, times a number."}),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "com.example.@NAME@", .version = "0.1.0", .summary = "The op @OP@", .license = "unlicensed"},
                kHandlers)

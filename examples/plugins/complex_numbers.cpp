// Complex tensors are real ones with a last dim of 2; rows say how they take them.
#include <flowport/complex.hpp>
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Complex;
using flowport::Node;

// TF:   MyTwice(x: T) -> y: T
// ONNX: Add(x, x); the same for the real and the imaginary parts
void twice(const Node& node) { node.bind(node.input(0) + node.input(0)); }

// TF:   MyPower2(x: complex64) -> y: float
// ONNX: ReduceSumSquare over the last dim
void squared_length(const Node& node) { node.bind(reduce("ReduceSumSquare", node.input(0), {-1}, false)); }

constexpr flowport::Handler kHandlers[] = {
    flowport::handler<twice>("MyTwice", {.complex = Complex::kParts}),
    flowport::handler<squared_length>("MyPower2", {.complex = Complex::kPairs}),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.complex_numbers", .version = "1.0.0", .summary = "Complex", .license = "Apache-2.0"},
                kHandlers)

// Functions of complex numbers that several files of this plugin use.
#pragma once

#include <flowport/complex.hpp>
#include <flowport/plugin.hpp>

namespace flowport::math {

/// The logarithm with an imaginary part from -pi to pi, by the sign of the number's imaginary part at the cut.
ComplexValue log(const ComplexValue& z);
/// The root with a real part that is not negative; at the cut by the sign of the imaginary part.
ComplexValue sqrt(const ComplexValue& z);

/// Input `i`, which is a pair.
inline ComplexValue complex_input(const Node& node, int i) { return parts_of(node.input(i)); }
/// Binds output 0 to the pair of `z`, whose parts are broadcast against each other.
void bind_complex(const Node& node, const ComplexValue& z);

/// A row for nodes with complex tensors.
template <auto Convert>
constexpr Handler complex_handler(const char* tf_op, const char* source = __builtin_FILE()) {
  return handler<Convert>(tf_op, {.complex = Complex::kPairs, .id = "complex"}, source);
}

}  // namespace flowport::math

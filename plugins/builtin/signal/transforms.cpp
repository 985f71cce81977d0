// TensorFlow's Fourier transforms of the last one, two or three axes.
#include "signal.hpp"

namespace flowport::signal {

namespace {

/// Number of axes, from the op's name: RFFT2D, BatchIFFT, ...
int axes_of(const Node& node) {
  const std::string_view op = node.op();
  if (!op.ends_with('D')) return 1;
  return op[op.size() - 2] - '0';
}

/// Item `i` of fft_length as an int64 scalar.
Value length_at(const Node& node, int i) { return gather(cast(node.input(1), DType::kInt64), i); }

/// The first `count` (an int64 scalar) elements of axis `axis` of `x`, a last dim of parts not counted.
Value first_elements(const Value& x, int axis, const Value& count, bool pair) {
  const int at = pair ? axis - 1 : axis;
  const auto known = count.int_scalar();
  if (known && x.rank() >= 0 && x.dim(at) == *known) return x;
  const Node& node = x.node();
  return slice(x, node.ints({0}), reshape(count, Ints{1}), node.ints({at}));
}

/// How many elements axis `axis` of `x` has, as an int64 scalar.
Value count_along(const Value& x, int axis, bool pair) {
  const int at = pair ? axis - 1 : axis;
  if (x.rank() >= 0 && x.dim(at) >= 0) return x.node().int_scalar(x.dim(at));
  return gather(shape_of(x), at);
}

// TF:   FFT(input: Tcomplex) -> output: Tcomplex; FFT2D, FFT3D; IFFT, IFFT2D, IFFT3D; Batch... are their old names
// ONNX: DFT, or MatMul with its matrix, along each axis
void fft(const Node& node) {
  const Kind kind = node.op().find("IFFT") == std::string_view::npos ? Kind::kComplex : Kind::kInverse;
  Value x = node.input(0);
  for (int i = 1; i <= axes_of(node); ++i) x = transform(kind, x, -i, count_along(x, -i, true));
  node.bind(x);
}

// TF:   RFFT(input: Treal, fft_length: int32) -> output: Tcomplex; RFFT2D, RFFT3D
// ONNX: DFT, or MatMul with its matrix, along each axis; the input's ends that fft_length leaves out are sliced off
void rfft(const Node& node) {
  const int axes = axes_of(node);
  Value x = node.input(0);
  for (int i = 1; i <= axes; ++i) x = first_elements(x, -i, length_at(node, axes - i), false);
  x = transform(Kind::kToHalf, x, -1, length_at(node, axes - 1));
  for (int i = 2; i <= axes; ++i) x = transform(Kind::kComplex, x, -i, length_at(node, axes - i));
  node.bind(x);
}

// TF:   IRFFT(input: Tcomplex, fft_length: int32) -> output: Treal; IRFFT2D, IRFFT3D
// ONNX: DFT, or MatMul with its matrix, along each axis; the input's ends that fft_length leaves out are sliced off
void irfft(const Node& node) {
  const int axes = axes_of(node);
  Value x = node.input(0);
  const Value last = length_at(node, axes - 1);
  x = first_elements(x, -1, last / 2 + 1, true);
  for (int i = 2; i <= axes; ++i) {
    x = first_elements(x, -i, length_at(node, axes - i), true);
    x = transform(Kind::kInverse, x, -i, length_at(node, axes - i));
  }
  node.bind(transform(Kind::kFromHalf, x, -1, last));
}

template <auto Convert>
constexpr Handler pairs(const char* tf_op, const char* source = __builtin_FILE()) {
  return handler<Convert>(tf_op, {.complex = Complex::kPairs}, source);
}

constexpr Handler kRows[] = {
    pairs<fft>("BatchFFT"),    pairs<fft>("BatchFFT2D"),  pairs<fft>("BatchFFT3D"), pairs<fft>("BatchIFFT"),
    pairs<fft>("BatchIFFT2D"), pairs<fft>("BatchIFFT3D"), pairs<fft>("FFT"),        pairs<fft>("FFT2D"),
    pairs<fft>("FFT3D"),       pairs<fft>("IFFT"),        pairs<fft>("IFFT2D"),     pairs<fft>("IFFT3D"),
    pairs<irfft>("IRFFT"),     pairs<irfft>("IRFFT2D"),   pairs<irfft>("IRFFT3D"),  pairs<rfft>("RFFT"),
    pairs<rfft>("RFFT2D"),     pairs<rfft>("RFFT3D"),
};

}  // namespace

FLOWPORT_ROWS(kTransforms, kRows);

}  // namespace flowport::signal

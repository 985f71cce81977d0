// One Fourier transform along one axis: ONNX DFT, or the product with the transform's matrix.
//
// ONNX Runtime's DFT is as exact as TensorFlow for powers of two; for other lengths it goes by way of a longer convolution that
// loses up to half of float's digits, so that these are computed in double, or by a matrix where that is small.
#include <cmath>
#include <numbers>

#include "signal.hpp"

namespace flowport::signal {

namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 20;  // of a matrix that is stored in the model

bool is_power_of_two(std::int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

/// Rows and columns of the matrix by which a vector of numbers (pairs one after the other) is transformed.
struct Size {
  std::int64_t rows = 0, columns = 0;
};

Size size_of(Kind kind, std::int64_t n) {
  const std::int64_t half = 2 * (n / 2 + 1);
  switch (kind) {
    case Kind::kToHalf: return {n, half};
    case Kind::kFromHalf: return {half, n};
    default: return {2 * n, 2 * n};
  }
}

/// The transform of unit vector `row`, by column.
double element(Kind kind, std::int64_t n, std::int64_t row, std::int64_t column) {
  const auto angle = [n](std::int64_t i, std::int64_t k) {
    return 2 * std::numbers::pi * static_cast<double>((i * k) % n) / static_cast<double>(n);
  };
  switch (kind) {
    case Kind::kToHalf: {
      const double a = angle(row, column / 2);
      return column % 2 == 0 ? std::cos(a) : -std::sin(a);
    }
    case Kind::kFromHalf: {
      const std::int64_t bin = row / 2;
      const double a = angle(bin, column);
      const bool alone = bin == 0 || 2 * bin == n;  // others stand for their mirror image too
      if (row % 2 == 1 && alone) return 0;
      return (alone ? 1 : 2) * (row % 2 == 0 ? std::cos(a) : -std::sin(a)) / static_cast<double>(n);
    }
    default: break;
  }
  // e^(-ia) = cos a - i sin a times the unit 1, or times the unit i; back the angle has the other sign.
  const double a = angle(row / 2, column / 2) * (kind == Kind::kInverse ? -1 : 1);
  const double scale = kind == Kind::kInverse ? 1 / static_cast<double>(n) : 1;
  if (row % 2 == column % 2) return std::cos(a) * scale;
  return (row % 2 == 0 ? -std::sin(a) : std::sin(a)) * scale;
}

Value matrix(const Value& like, Kind kind, std::int64_t n) {
  const Size size = size_of(kind, n);
  std::vector<double> numbers;
  numbers.reserve(static_cast<std::size_t>(size.rows * size.columns));
  for (std::int64_t row = 0; row < size.rows; ++row) {
    for (std::int64_t column = 0; column < size.columns; ++column) numbers.push_back(element(kind, n, row, column));
  }
  const Ints dims{size.rows, size.columns};
  return like.node().constant(like.dtype(), dims, numbers);
}

/// `x` with its last `count` dims replaced by `tail`, none of which is 0.
Value with_tail(const Value& x, int count, const Ints& tail) {
  if (x.rank() < 0) return reshape(x, concat({slice(shape_of(x), {0}, {-count}, {0}), x.node().ints(tail)}, 0));
  Ints dims(static_cast<std::size_t>(x.rank() - count), 0);  // ONNX: a 0 keeps the dim
  dims.insert(dims.end(), tail.begin(), tail.end());
  return x.node().emit("Reshape", {x, x.node().ints(dims)});
}

/// The last axis by the matrix.
Value by_matrix(Kind kind, const Value& x, std::int64_t n) {
  const bool from_pair = kind != Kind::kToHalf, to_pair = kind != Kind::kFromHalf;
  const Size size = size_of(kind, n);
  const Value flat = from_pair ? with_tail(x, 2, {size.rows}) : x;
  const Value product = matmul(flat, matrix(x, kind, n));
  return to_pair ? with_tail(product, 1, {size.columns / 2, 2}) : product;
}

/// A transform along an axis other than the last one, by a transform along the last one.
template <typename Transform>
Value along(const Value& x, int axis, bool from_pair, bool to_pair, Transform&& last) {
  if (axis == -1) return last(x);
  const int rank = x.known_rank() - (from_pair ? 1 : 0);
  Ints perm;
  for (int i = 0; i < rank; ++i) perm.push_back(i);
  std::swap(perm[static_cast<std::size_t>(rank + axis)], perm[static_cast<std::size_t>(rank - 1)]);
  const auto swapped = [&](const Value& value, bool pair) {
    Ints order = perm;
    if (pair) order.push_back(rank);
    return transpose(value, order);
  };
  return swapped(last(swapped(x, from_pair)), to_pair);
}

/// ONNX DFT of a pair, or of real numbers with a last dim of 1.
Value dft(const Value& x, int axis, const Value& length, bool inverse, bool onesided) {
  const Node& node = x.node();
  Attrs attrs{{"inverse", inverse}, {"onesided", onesided}};
  const int at = axis - 1;  // the dim of the parts counts
  if (node.opset() >= 20) return node.emit("DFT", {x, length, node.int_scalar(at)}, attrs);
  attrs.emplace_back("axis", x.rank() < 0 ? at : x.rank() + at);
  const Value y = node.emit("DFT", {x, length}, attrs);
  // Below opset 20 ONNX infers nothing where it does not know the length.
  if (auto dims = x.dims()) {
    const auto n = length.int_scalar();
    (*dims)[dims->size() - static_cast<std::size_t>(-at)] = !n ? -1 : onesided ? *n / 2 + 1 : *n;
    dims->back() = 2;
    node.set_type(y, {y.dtype(), dims});
  }
  return y;
}

/// All bins of real numbers from the half that `x` is: the others are the mirror image's conjugates.
Value whole_spectrum(const Value& x, int axis, const Value& length) {
  const Value bin = iota(length);
  const Value mirrored = length - bin;
  const Value behind = less(mirrored, bin);
  const Value all = gather(x, where(behind, mirrored, bin), axis - 1);
  Value sign = where(behind, scalar_like(x, -1), scalar_like(x, 1));
  for (int i = -1; i > axis; --i) sign = unsqueeze(sign, {-1});
  const ComplexValue z = parts_of(all);
  return pair_of({z.re, z.im * sign});
}

Value by_dft(Kind kind, const Value& x, int axis, const Value& length) {
  switch (kind) {
    case Kind::kComplex: return dft(x, axis, length, false, false);
    case Kind::kInverse: return dft(x, axis, length, true, false);
    case Kind::kToHalf: return dft(unsqueeze(x, {-1}), axis, length, false, true);
    case Kind::kFromHalf: break;
  }
  return gather(dft(whole_spectrum(x, axis, length), axis, length, true, false), 0, -1);
}

/// The last axis by a matrix that the model itself computes: below opset 17, where there is no DFT.
Value by_computed_matrix(Kind kind, const Value& x, const Value& length) {
  const Value places = iota(length);
  const Value turns = x.node().emit("Mod", {unsqueeze(places, {1}) * unsqueeze(places, {0}), length});
  const Value angle = cast(turns, DType::kDouble) * (2 * std::numbers::pi) / cast(length, DType::kDouble);
  const Value c = cos(angle), s = sin(angle);
  if (kind == Kind::kToHalf) {
    const Value bins = reshape(length / 2 + 1, Ints{1}), zero = x.node().ints({0}), axis = x.node().ints({1});
    return pair_of({matmul(x, slice(c, zero, bins, axis)), -matmul(x, slice(s, zero, bins, axis))});
  }
  const ComplexValue z = parts_of(kind == Kind::kFromHalf ? whole_spectrum(x, -1, length) : x);
  if (kind == Kind::kComplex) return pair_of({matmul(z.re, c) + matmul(z.im, s), matmul(z.im, c) - matmul(z.re, s)});
  const Value scale = reciprocal(cast(length, DType::kDouble));
  const Value re = (matmul(z.re, c) - matmul(z.im, s)) * scale;
  return kind == Kind::kFromHalf ? re : pair_of({re, (matmul(z.im, c) + matmul(z.re, s)) * scale});
}

}  // namespace

Value transform(Kind kind, const Value& x, int axis, const Value& length) {
  const bool from_pair = kind != Kind::kToHalf, to_pair = kind != Kind::kFromHalf;
  if (const int rank = x.rank(); rank >= 0 && rank - (from_pair ? 1 : 0) + axis < 0)
    x.node().bad_model("the input has fewer dims than are transformed");
  const auto n = length.int_scalar();
  const bool has_dft = x.node().opset() >= 17, is_exact = n && is_power_of_two(*n);
  if (n && *n >= 1 && *n <= kMostElements && !(has_dft && is_exact)) {
    const Size size = size_of(kind, *n);
    if (size.rows * size.columns <= kMostElements) {
      return along(x, axis, from_pair, to_pair, [&](const Value& value) { return by_matrix(kind, value, *n); });
    }
  }
  if (has_dft && is_exact) return by_dft(kind, x, axis, length);
  const Value wide = cast(x, DType::kDouble);
  const Value y = has_dft ? by_dft(kind, wide, axis, length)
                          : along(wide, axis, from_pair, to_pair,
                                  [&](const Value& value) { return by_computed_matrix(kind, value, length); });
  return cast_like(y, x);
}

}  // namespace flowport::signal

#include <array>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// Products of elements that we are ready to add while converting.
constexpr std::int64_t kMostProducts = 1 << 22;

/// Shapes of a matrix product: batch dims broadcast, then rows x depth times depth x columns.
struct Product {
  Dims batch;
  std::vector<std::int64_t> left_batch;  ///< per batch, the index of its matrix
  std::vector<std::int64_t> right_batch;
  std::int64_t rows = 1;
  std::int64_t depth = 1;
  std::int64_t columns = 1;
  Dims dims;
};

std::optional<Product> product_of(const Call& call) {
  const DimsView a = call.input(0)->dims();
  const DimsView b = call.input(1)->dims();
  if (a.empty() || b.empty()) return std::nullopt;
  const bool is_row = a.size() == 1;
  const bool is_column = b.size() == 1;
  Product shape;
  shape.rows = is_row ? 1 : a[a.size() - 2];
  shape.depth = a.back();
  shape.columns = is_column ? 1 : b.back();
  if ((is_column ? b.back() : b[b.size() - 2]) != shape.depth) return std::nullopt;
  const DimsView left = a.first(is_row ? 0 : a.size() - 2);
  const DimsView right = b.first(is_column ? 0 : b.size() - 2);
  auto batch = broadcast(std::array{left, right});
  if (!batch) return std::nullopt;
  shape.batch = std::move(*batch);
  shape.dims = shape.batch;
  if (!is_row) shape.dims.push_back(shape.rows);
  if (!is_column) shape.dims.push_back(shape.columns);
  Dims work = shape.dims;
  work.push_back(shape.depth);
  const auto products = count_of(work);
  if (!call.fits(call.input(0)->dtype(), shape.dims) || !products || *products > kMostProducts) return std::nullopt;
  if (product(shape.dims) == 0) return shape;
  shape.left_batch = spread(left, shape.batch);
  shape.right_batch = spread(right, shape.batch);
  return shape;
}

}  // namespace

/// Sums of integers modulo 2^bits, of floats in double.
Results mat_mul(const Call& call) {
  const auto a = call.input(0);
  const auto b = call.input(1);
  const auto shape = product_of(call);
  if (!shape || a->dtype() != b->dtype()) return std::nullopt;
  return visit(Numbers{}, a->dtype(), [&]<typename T>() -> Results {
    using Sum = std::conditional_t<std::is_integral_v<T>, T, double>;
    const auto left = load<T>(*a);
    const auto right = load<T>(*b);
    std::vector<T> results;
    for (std::size_t batch = 0; batch < shape->left_batch.size(); ++batch) {
      const std::int64_t from_left = shape->left_batch[batch] * shape->rows * shape->depth;
      const std::int64_t from_right = shape->right_batch[batch] * shape->depth * shape->columns;
      for (std::int64_t row = 0; row < shape->rows; ++row) {
        for (std::int64_t column = 0; column < shape->columns; ++column) {
          Sum sum{0};
          for (std::int64_t k = 0; k < shape->depth; ++k) {
            const T x = left[static_cast<std::size_t>(from_left + row * shape->depth + k)];
            const T y = right[static_cast<std::size_t>(from_right + k * shape->columns + column)];
            sum = wrapping_add(sum, wrapping_multiply(static_cast<Sum>(x), static_cast<Sum>(y)));
          }
          results.push_back(static_cast<T>(sum));
        }
      }
    }
    return result(store(a->dtype(), shape->dims, results));
  });
}

}  // namespace flowport::ir::evaluation

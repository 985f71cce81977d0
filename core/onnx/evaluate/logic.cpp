#include <array>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// bool `compare(a, b)` on two vectors of elements of the inputs, broadcast to each other.
template <typename Elements, typename Compare>
Results compared(const Call& call, const Elements& left, const Elements& right, Compare compare) {
  const Dims& a = call.input(0)->dims();
  const Dims& b = call.input(1)->dims();
  auto dims = broadcast(std::array<DimsView, 2>{a, b});
  if (!dims || !call.fits(DType::kBool, *dims)) return std::nullopt;
  const auto left_at = spread(a, *dims);
  const auto right_at = spread(b, *dims);
  std::vector<std::uint8_t> results(left_at.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i] = compare(left[static_cast<std::size_t>(left_at[i])], right[static_cast<std::size_t>(right_at[i])]);
  }
  return result(store(DType::kBool, std::move(*dims), results));
}

template <typename Compare>
Results comparison(const Call& call, Compare compare) {
  if (call.input(0)->dtype() != call.input(1)->dtype()) return std::nullopt;
  return visit(Numbers{}, call.input(0)->dtype(), [&]<typename T>() -> Results {
    return compared(call, load<T>(*call.input(0)), load<T>(*call.input(1)), compare);
  });
}

}  // namespace

Results equal(const Call& call) {
  const auto a = call.input(0);
  const auto b = call.input(1);
  if (a->dtype() == DType::kString && b->dtype() == DType::kString) {
    return compared(call, a->strings(), b->strings(), std::equal_to{});
  }
  return comparison(call, std::equal_to{});
}

}  // namespace flowport::ir::evaluation

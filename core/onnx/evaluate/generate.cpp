#include <algorithm>
#include <cmath>
#include <string>
#include <variant>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// Dims of an input that has them all, from its content or its type.
std::optional<Dims> dims_of(const Call& call, std::size_t input) {
  if (const auto known = call.input(input)) return known->dims();
  if (!call.has(input)) return std::nullopt;
  const Type& type = call.type(input);
  if (type.kind != Type::Kind::kTensor || !type.is_static()) return std::nullopt;
  Dims dims;
  for (const auto& dim : type.dims) dims.push_back(dim.size);
  return dims;
}

DType dtype_of(const Call& call, std::size_t input) {
  const auto known = call.input(input);
  return known ? known->dtype() : call.type(input).dtype;
}

/// Number of elements of Range; nullopt where the arguments make none or too many.
template <typename T>
std::optional<std::size_t> range_count(T start, T limit, T delta, std::size_t most) {
  if (delta == T{0}) return std::nullopt;
  if constexpr (std::is_integral_v<T>) {
    if (delta > 0 ? start >= limit : start <= limit) return 0;
    const auto low = static_cast<std::uint64_t>(delta > 0 ? start : limit);
    const auto high = static_cast<std::uint64_t>(delta > 0 ? limit : start);
    const auto step =
        delta > 0 ? static_cast<std::uint64_t>(delta) : std::uint64_t{0} - static_cast<std::uint64_t>(delta);
    const std::uint64_t count = (high - low - 1) / step + 1;
    if (count > most) return std::nullopt;
    return static_cast<std::size_t>(count);
  } else {
    const auto count = std::ceil(static_cast<double>(limit - start) / static_cast<double>(delta));
    if (!(count <= static_cast<double>(most))) return std::nullopt;
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

}  // namespace

Results constant(const Call& call) {
  const auto& node = call.node();
  if (node.attributes.size() != 1) return std::nullopt;
  const auto& [name, value] = node.attributes.front();
  if (const auto* tensor = std::get_if<ConstantPtr>(&value); tensor != nullptr && name == "value")
    return result(*tensor);
  if (const auto* one = std::get_if<std::int64_t>(&value)) return result(Constant::int_scalar(*one));
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return result(Constant::ints(*list));
  if (const auto* one = std::get_if<float>(&value)) return result(Constant::floats({}, {one, 1}));
  if (const auto* list = std::get_if<std::vector<float>>(&value)) {
    return result(Constant::floats({static_cast<std::int64_t>(list->size())}, *list));
  }
  if (const auto* one = std::get_if<std::string>(&value)) return result(Constant::make_strings({}, {*one}));
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    return result(Constant::make_strings({static_cast<std::int64_t>(list->size())}, *list));
  }
  return std::nullopt;
}

Results constant_of_shape(const Call& call) {
  auto dims = call.ints(0, {});
  if (!dims) return std::nullopt;
  ConstantPtr value = Constant::floats({}, std::vector<float>{0});
  if (const auto* attribute = call.node().find("value")) {
    const auto* given = std::get_if<ConstantPtr>(&attribute->value);
    if (given == nullptr || (*given)->count() != 1) return std::nullopt;
    value = *given;
  }
  if (!call.fits(value->dtype(), *dims)) return std::nullopt;
  const std::vector<std::int64_t> positions(static_cast<std::size_t>(product(*dims)), 0);
  return picked(call, *value, std::move(*dims), positions);
}

Results eye_like(const Call& call) {
  auto dims = dims_of(call, 0);
  if (!dims || dims->size() != 2) return std::nullopt;
  const auto dtype = static_cast<DType>(call.int_attr("dtype", static_cast<std::int64_t>(dtype_of(call, 0))));
  if (!call.fits(dtype, *dims)) return std::nullopt;
  const std::int64_t k = call.int_attr("k", 0);
  return visit(Numbers{}, dtype, [&]<typename T>() -> Results {
    std::vector<T> elements(static_cast<std::size_t>(product(*dims)), T{0});
    const std::int64_t columns = (*dims)[1];
    for (std::int64_t row = 0; row < (*dims)[0] && columns > 0; ++row) {
      if (k < -row || k >= columns - row) continue;
      elements[static_cast<std::size_t>(row * columns + row + k)] = T{1};
    }
    return result(store(dtype, std::move(*dims), elements));
  });
}

Results one_hot(const Call& call) {
  const auto indices = call.input(0);
  const auto values = call.input(2);
  const auto depths = call.input(1);
  const auto depth_list = ints_of(*depths);
  const auto places = ints_of(*indices);
  if (!depth_list || depth_list->size() != 1 || !places || values->count() != 2) return std::nullopt;
  const std::int64_t depth = depth_list->front();
  const auto axis = axis_of(call.int_attr("axis", -1), indices->rank() + 1);
  if (!axis || depth < 0) return std::nullopt;
  Dims dims = indices->dims();
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), depth);
  if (!call.fits(values->dtype(), dims)) return std::nullopt;
  const DimsView view = dims;
  const std::int64_t inner = product(view.subspan(*axis + 1));
  std::vector<std::int64_t> positions(static_cast<std::size_t>(product(dims)), 0);
  if (!positions.empty()) {
    for (std::size_t i = 0; i < places->size(); ++i) {
      const auto place = (*places)[i];
      if (place < -depth || place >= depth) continue;
      const auto at = static_cast<std::int64_t>(i);
      const auto row = place < 0 ? place + depth : place;
      positions[static_cast<std::size_t>((at / inner * depth + row) * inner + at % inner)] = 1;
    }
  }
  return picked(call, *values, std::move(dims), positions);
}

Results range(const Call& call) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (call.input(i)->count() != 1) return std::nullopt;
  }
  const DType dtype = call.input(0)->dtype();
  using Allowed = Types<float, double, std::int16_t, std::int32_t, std::int64_t>;
  return visit(Allowed{}, dtype, [&]<typename T>() -> Results {
    const T start = load<T>(*call.input(0)).front();
    const T delta = load<T>(*call.input(2)).front();
    const auto count = range_count(start, load<T>(*call.input(1)).front(), delta, call.limit() / sizeof(T));
    if (!count) return std::nullopt;
    std::vector<T> elements(*count);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      elements[i] = wrapping_add(start, wrapping_multiply(static_cast<T>(i), delta));
    }
    return result(store(dtype, {static_cast<std::int64_t>(*count)}, elements));
  });
}

Results shape(const Call& call) {
  std::vector<Dim> dims;
  if (const auto known = call.input(0)) {
    for (const auto dim : known->dims()) dims.push_back({dim, 0});
  } else if (call.has(0) && call.type(0).kind == Type::Kind::kTensor && call.type(0).has_rank) {
    dims = call.type(0).dims;
  } else {
    return std::nullopt;
  }
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto place = [rank](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank); };
  const std::int64_t end = place(call.int_attr("end", rank));
  Dims sizes;
  for (std::int64_t i = place(call.int_attr("start", 0)); i < end; ++i) {
    const Dim& dim = dims[static_cast<std::size_t>(i)];
    if (!dim.is_known()) return std::nullopt;
    sizes.push_back(dim.size);
  }
  return result(Constant::ints(sizes));
}

Results size(const Call& call) {
  const auto dims = dims_of(call, 0);
  const auto count = dims ? count_of(*dims) : std::nullopt;
  if (!count) return std::nullopt;
  return result(Constant::int_scalar(*count));
}

}  // namespace flowport::ir::evaluation

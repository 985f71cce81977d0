#include "config/literal.h"

#include <cstring>
#include <utility>
#include <variant>
#include <vector>

namespace flowport::config {
namespace {

template <typename T>
ir::ConstantPtr tensor(ir::DType dtype, std::vector<std::int64_t> dims, const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return ir::Constant::make(dtype, std::move(dims), Bytes(std::move(bytes)));
}

struct Numbers {
  std::vector<std::int64_t> ints;
  std::vector<double> floats;  ///< the same, as doubles
  bool are_ints = false;
  bool is_scalar = true;
};

std::optional<Numbers> numbers_of(const Literal& literal) {
  Numbers numbers;
  if (const auto* b = std::get_if<bool>(&literal)) {
    numbers.ints = {*b ? 1 : 0};
  } else if (const auto* i = std::get_if<std::int64_t>(&literal)) {
    numbers.ints = {*i};
  } else if (const auto* f = std::get_if<double>(&literal)) {
    numbers.floats = {*f};
    return numbers;
  } else if (const auto* is = std::get_if<std::vector<std::int64_t>>(&literal)) {
    numbers.ints = *is;
    numbers.is_scalar = false;
  } else if (const auto* fs = std::get_if<std::vector<double>>(&literal)) {
    numbers.floats = *fs;
    numbers.is_scalar = false;
    return numbers;
  } else {
    return std::nullopt;
  }
  numbers.are_ints = true;
  for (const std::int64_t i : numbers.ints) numbers.floats.push_back(static_cast<double>(i));
  return numbers;
}

std::vector<float> as_floats(const std::vector<double>& values) {
  std::vector<float> floats;
  for (const double value : values) floats.push_back(static_cast<float>(value));
  return floats;
}

ir::ConstantPtr text_tensor(const Literal& literal) {
  if (const auto* text = std::get_if<std::string>(&literal)) return ir::Constant::make_strings({}, {*text});
  const auto* texts = std::get_if<std::vector<std::string>>(&literal);
  if (texts == nullptr) return nullptr;
  return ir::Constant::make_strings({static_cast<std::int64_t>(texts->size())}, *texts);
}

}  // namespace

std::size_t storage_of(const Literal& literal) {
  constexpr std::size_t kStorage[] = {0, 1, 0, 2, 3, 4, 5};  // by index of Literal
  return kStorage[literal.index()];
}

std::optional<ir::Attribute::Storage> to_storage(const Literal& literal, std::size_t storage) {
  using Storage = ir::Attribute::Storage;
  if (const auto numbers = numbers_of(literal)) {
    const bool ints = numbers->are_ints;
    if (storage == 0 && numbers->is_scalar && ints) return Storage(numbers->ints[0]);
    if (storage == 1 && numbers->is_scalar) return Storage(static_cast<float>(numbers->floats[0]));
    if (storage == 3 && !numbers->is_scalar && ints) return Storage(numbers->ints);
    if (storage == 4 && !numbers->is_scalar) return Storage(as_floats(numbers->floats));
    // An empty list has no kind of its own.
    if (storage == 5 && !numbers->is_scalar && numbers->floats.empty()) return Storage(std::vector<std::string>{});
  } else if (storage == 2 && std::holds_alternative<std::string>(literal)) {
    return Storage(std::get<std::string>(literal));
  } else if (storage == 5 && std::holds_alternative<std::vector<std::string>>(literal)) {
    return Storage(std::get<std::vector<std::string>>(literal));
  }
  return std::nullopt;
}

ir::ConstantPtr to_constant(const Literal& literal) {
  const auto numbers = numbers_of(literal);
  if (!numbers) return text_tensor(literal);
  if (std::holds_alternative<bool>(literal)) return to_constant(literal, ir::DType::kBool);
  return to_constant(literal, numbers->are_ints ? ir::DType::kInt64 : ir::DType::kDouble);
}

ir::ConstantPtr to_constant(const Literal& literal, ir::DType dtype) {
  const auto numbers = numbers_of(literal);
  if (!numbers) return dtype == ir::DType::kString ? text_tensor(literal) : nullptr;
  std::vector<std::int64_t> dims;
  if (!numbers->is_scalar) dims.push_back(static_cast<std::int64_t>(numbers->floats.size()));
  switch (dtype) {
    case ir::DType::kFloat: return tensor(dtype, dims, as_floats(numbers->floats));
    case ir::DType::kDouble: return tensor(dtype, dims, numbers->floats);
    case ir::DType::kInt64: return numbers->are_ints ? tensor(dtype, dims, numbers->ints) : nullptr;
    case ir::DType::kInt32: {
      std::vector<std::int32_t> ints;
      for (const std::int64_t i : numbers->ints) {
        if (!std::in_range<std::int32_t>(i)) return nullptr;
        ints.push_back(static_cast<std::int32_t>(i));
      }
      return numbers->are_ints ? tensor(dtype, dims, ints) : nullptr;
    }
    case ir::DType::kBool: {
      if (!std::holds_alternative<bool>(literal)) return nullptr;
      return tensor(dtype, dims, std::vector<std::uint8_t>{static_cast<std::uint8_t>(numbers->ints[0])});
    }
    default: return nullptr;
  }
}

}  // namespace flowport::config

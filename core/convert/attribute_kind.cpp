#include "convert/attribute_kind.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace flowport::convert {

namespace {

using Storage = ir::Attribute::Storage;

enum Kind : std::size_t { kInt, kFloat, kString, kInts, kFloats, kStrings };

constexpr double kIntLimit = 9223372036854775808.0;  // 2^63: the least double above every int64

bool is_whole(double value) { return std::floor(value) == value && value >= -kIntLimit && value < kIntLimit; }

/// A value as a list, and whether it was one.
template <typename T>
std::pair<std::vector<T>, bool> as_list(Storage& value) {
  if (auto* one = std::get_if<T>(&value)) return {{std::move(*one)}, false};
  return {std::move(std::get<std::vector<T>>(value)), true};
}

template <typename T>
Storage from_list(std::vector<T> items, bool is_list) {
  if (is_list) return Storage(std::move(items));
  return Storage(std::move(items.front()));
}

Result<Storage> in_kind(std::vector<std::string> texts, std::size_t kind) {
  if (kind == kStrings) return Storage(std::move(texts));
  if (texts.size() == 1) return Storage(std::move(texts.front()));
  return problem(Fault::kUnsupported, fmt::format("{} texts cannot be made one", texts.size()));
}

}  // namespace

Result<Storage> scaled(Storage value, double scale, double offset) {
  const auto out_of_range = [] { return problem(Fault::kUnsupported, "the scaled attribute is out of range"); };
  if (value.index() == kInt || value.index() == kInts) {
    auto [ints, is_list] = as_list<std::int64_t>(value);
    if (!is_whole(scale) || !is_whole(offset)) {
      std::vector<float> floats;
      for (const std::int64_t i : ints) floats.push_back(static_cast<float>(scale * static_cast<double>(i) + offset));
      return from_list(std::move(floats), is_list);
    }
    for (std::int64_t& i : ints) {
      if (__builtin_mul_overflow(i, static_cast<std::int64_t>(scale), &i) ||
          __builtin_add_overflow(i, static_cast<std::int64_t>(offset), &i))
        return out_of_range();
    }
    return from_list(std::move(ints), is_list);
  }
  if (value.index() == kFloat || value.index() == kFloats) {
    auto [floats, is_list] = as_list<float>(value);
    for (float& f : floats) f = static_cast<float>(scale * static_cast<double>(f) + offset);
    return from_list(std::move(floats), is_list);
  }
  return problem(Fault::kUnsupported, "only numbers have a scale and an offset");
}

Result<Storage> to_kind(Storage value, std::size_t kind) {
  if (value.index() == kind) return value;
  const bool wants_text = kind == kString || kind == kStrings;
  if (value.index() == kString || value.index() == kStrings) {
    if (wants_text) return in_kind(as_list<std::string>(value).first, kind);
    return problem(Fault::kUnsupported, "a text cannot be made a number");
  }
  if (value.index() > kStrings || kind > kStrings) {
    return problem(Fault::kUnsupported, "only numbers and texts can be made another kind of attribute");
  }
  std::vector<std::int64_t> ints;
  std::vector<float> floats;
  if (value.index() == kInt || value.index() == kInts) {
    ints = as_list<std::int64_t>(value).first;
    for (const std::int64_t i : ints) floats.push_back(static_cast<float>(i));
  } else {
    floats = as_list<float>(value).first;
    const auto broken = std::ranges::find_if_not(floats, [](float f) { return is_whole(static_cast<double>(f)); });
    if (broken != floats.end() && (kind == kInt || kind == kInts)) {
      return problem(Fault::kUnsupported, fmt::format("{} is no whole number", *broken));
    }
    if (broken == floats.end()) {
      for (const float f : floats) ints.push_back(static_cast<std::int64_t>(f));
    }
  }
  // An empty list does not say of what.
  if (kind == kStrings && floats.empty()) return Storage(std::vector<std::string>());
  if (wants_text) return problem(Fault::kUnsupported, "a number cannot be made a text");
  if (kind == kInts) return Storage(std::move(ints));
  if (kind == kFloats) return Storage(std::move(floats));
  if (floats.size() != 1)
    return problem(Fault::kUnsupported, fmt::format("{} numbers cannot be made one", floats.size()));
  if (kind == kInt) return Storage(ints.front());
  return Storage(floats.front());
}

}  // namespace flowport::convert

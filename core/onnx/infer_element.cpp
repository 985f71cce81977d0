#include "onnx/infer_element.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace flowport::ir {
namespace {

/// The result of a checked operation: unknown when it overflows.
template <typename Operation>
Element checked(const Element& a, const Element& b, Operation operation) {
  std::int64_t value = 0;
  if (!a.known || !b.known || operation(a.value, b.value, &value)) return {};
  return known_element(value);
}

bool divides(const Element& a, const Element& b) {
  return a.known && b.known && b.value != 0 && !(a.value == std::numeric_limits<std::int64_t>::min() && b.value == -1);
}

Element truth(bool value) { return known_element(value ? 1 : 0); }

bool is_symbol(const Element& element) { return !element.known && element.symbol != 0; }

}  // namespace

Element add(const Element& a, const Element& b) {
  if (is_known(a, 0)) return b;
  if (is_known(b, 0)) return a;
  return checked(a, b, [](auto x, auto y, auto* result) { return __builtin_add_overflow(x, y, result); });
}

Element subtract(const Element& a, const Element& b) {
  if (is_known(b, 0)) return a;
  if (same_symbol(a, b)) return known_element(0);
  return checked(a, b, [](auto x, auto y, auto* result) { return __builtin_sub_overflow(x, y, result); });
}

Element multiply(const Element& a, const Element& b) {
  if (is_known(a, 0) || is_known(b, 0)) return known_element(0);
  if (is_known(a, 1)) return b;
  if (is_known(b, 1)) return a;
  return checked(a, b, [](auto x, auto y, auto* result) { return __builtin_mul_overflow(x, y, result); });
}

Element divide(const Element& a, const Element& b) {
  if (is_known(b, 1)) return a;
  return divides(a, b) ? known_element(a.value / b.value) : Element{};
}

Element remainder(const Element& a, const Element& b) {
  if (is_known(b, 1)) return known_element(0);
  return divides(a, b) ? known_element(a.value % b.value) : Element{};
}

Element modulo(const Element& a, const Element& b) {
  Element rest = remainder(a, b);
  if (rest.known && rest.value != 0 && (rest.value < 0) != (b.value < 0)) rest.value += b.value;
  return rest;
}

Element minimum(const Element& a, const Element& b) {
  if (a.known && b.known) return known_element(std::min(a.value, b.value));
  if (same_symbol(a, b)) return a;
  if (is_symbol(a) && b.known && b.value <= 0) return b;
  if (is_symbol(b) && a.known && a.value <= 0) return a;
  return {};
}

Element maximum(const Element& a, const Element& b) {
  if (a.known && b.known) return known_element(std::max(a.value, b.value));
  if (same_symbol(a, b)) return a;
  if (is_symbol(a) && b.known && b.value <= 0) return a;
  if (is_symbol(b) && a.known && a.value <= 0) return b;
  return {};
}

Element equal(const Element& a, const Element& b) {
  if (a.known && b.known) return truth(a.value == b.value);
  if (same_symbol(a, b)) return truth(true);
  if ((is_symbol(a) && b.known && b.value < 0) || (is_symbol(b) && a.known && a.value < 0)) return truth(false);
  return {};
}

Element less(const Element& a, const Element& b) {
  if (a.known && b.known) return truth(a.value < b.value);
  if (same_symbol(a, b) || (is_symbol(a) && b.known && b.value <= 0)) return truth(false);
  if (a.known && a.value < 0 && is_symbol(b)) return truth(true);
  return {};
}

Element less_or_equal(const Element& a, const Element& b) {
  const Element above = less(b, a);
  return above.known ? logical_not(above) : Element{};
}

Element logical_and(const Element& a, const Element& b) {
  if (is_known(a, 0) || is_known(b, 0)) return truth(false);
  return a.known && b.known ? truth(true) : Element{};
}

Element logical_or(const Element& a, const Element& b) {
  if ((a.known && a.value != 0) || (b.known && b.value != 0)) return truth(true);
  return a.known && b.known ? truth(false) : Element{};
}

Element logical_not(const Element& a) { return a.known ? truth(a.value == 0) : Element{}; }

SliceRange slice_range(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (size == 0) return {};
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, size);
    end = std::clamp<std::int64_t>(end, 0, size);
    return {start, end <= start ? 0 : (end - start - 1) / step + 1};
  }
  start = std::clamp<std::int64_t>(start, 0, size - 1);
  end = std::clamp<std::int64_t>(end, -1, size - 1);
  // Towards the front with a negative divisor: no step is too small to be negated.
  return {start, start <= end ? 0 : (end - start + 1) / step + 1};
}

void Product::multiply(const Element& factor) {
  if (factor.known) {
    if (factor.value < 0 || __builtin_mul_overflow(number_, factor.value, &number_)) unknown_ = true;
  } else if (factor.symbol != 0) {
    symbols_.push_back(factor.symbol);
  } else {
    unknown_ = true;
  }
}

Element Product::divided_by(Product other) const {
  if (unknown_ || other.unknown_ || other.number_ == 0) return {};
  std::vector<SymbolId> rest = symbols_;
  std::sort(rest.begin(), rest.end());
  std::sort(other.symbols_.begin(), other.symbols_.end());
  if (!std::includes(rest.begin(), rest.end(), other.symbols_.begin(), other.symbols_.end())) return {};
  std::vector<SymbolId> left;
  std::set_difference(rest.begin(), rest.end(), other.symbols_.begin(), other.symbols_.end(), std::back_inserter(left));
  if (left.empty() && number_ % other.number_ == 0) return known_element(number_ / other.number_);
  if (left.size() == 1 && number_ == other.number_) return {false, 0, left.front()};
  return {};
}

}  // namespace flowport::ir

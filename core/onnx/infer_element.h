// Arithmetic on elements of which a number, a symbol or nothing is known. A symbol stands for a dim: never negative.
#pragma once

#include <cstdint>
#include <vector>

#include "onnx/graph.h"

namespace flowport::ir {

using Element = Content::Element;

inline Element known_element(std::int64_t value) { return {true, value, 0}; }
inline Element element_of(const Dim& dim) {
  return dim.is_known() ? known_element(dim.size) : Element{false, 0, dim.symbol};
}
/// The dim that `element` stands for; unknown where it is negative.
inline Dim dim_of(const Element& element) {
  if (element.known) return element.value >= 0 ? Dim{element.value, 0} : Dim{};
  return Dim{-1, element.symbol};
}
inline bool is_known(const Element& element, std::int64_t value) { return element.known && element.value == value; }
inline bool same_symbol(const Element& a, const Element& b) {
  return !a.known && !b.known && a.symbol != 0 && a.symbol == b.symbol;
}
/// Surely equal at run time.
inline bool surely_equal(const Element& a, const Element& b) {
  return (a.known && b.known && a.value == b.value) || same_symbol(a, b);
}

Element add(const Element& a, const Element& b);
Element subtract(const Element& a, const Element& b);
Element multiply(const Element& a, const Element& b);
/// Toward zero, as ONNX Div.
Element divide(const Element& a, const Element& b);
/// Sign of the divisor, as ONNX Mod without fmod.
Element modulo(const Element& a, const Element& b);
/// Sign of the dividend, as ONNX Mod with fmod.
Element remainder(const Element& a, const Element& b);
Element minimum(const Element& a, const Element& b);
Element maximum(const Element& a, const Element& b);
/// 1, 0 or unknown.
Element equal(const Element& a, const Element& b);
Element less(const Element& a, const Element& b);
Element less_or_equal(const Element& a, const Element& b);
Element logical_and(const Element& a, const Element& b);
Element logical_or(const Element& a, const Element& b);
Element logical_not(const Element& a);

/// The indices that ONNX Slice takes of `size`: start, start + step, ... `step` is not 0.
struct SliceRange {
  std::int64_t start = 0;
  std::int64_t count = 0;
};
SliceRange slice_range(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step);

/// A product with its symbols, so that equal ones can be taken out of two products.
class Product {
 public:
  void multiply(const Element& factor);
  /// this / other, where that is a number or one symbol; unknown otherwise. Assumes that `other` is not 0.
  Element divided_by(Product other) const;

 private:
  bool unknown_ = false;
  std::int64_t number_ = 1;
  std::vector<SymbolId> symbols_;
};

}  // namespace flowport::ir

#include "onnx/constant.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace flowport::ir {
namespace {

std::int64_t count_of(std::span<const std::int64_t> dims) {
  std::int64_t count = 1;
  for (const auto dim : dims) {
    assert(dim >= 0);
    [[maybe_unused]] const bool overflow = __builtin_mul_overflow(count, dim, &count);
    assert(!overflow);
  }
  return count;
}

template <typename T>
Bytes bytes_of(std::span<const T> values) {
  std::vector<std::byte> bytes(values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), values.size_bytes());
  return Bytes(std::move(bytes));
}

/// True when `perm` only moves dims of one element, so that the bytes lie in order as they are.
bool keeps_order(std::span<const std::int64_t> perm, std::span<const std::int64_t> source_dims) {
  std::int64_t last = -1;
  for (const auto axis : perm) {
    if (source_dims[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

std::vector<std::int64_t> without_ones(std::span<const std::int64_t> dims) {
  std::vector<std::int64_t> rest;
  std::copy_if(dims.begin(), dims.end(), std::back_inserter(rest), [](std::int64_t dim) { return dim != 1; });
  return rest;
}

}  // namespace

ConstantPtr Constant::make(DType dtype, std::vector<std::int64_t> dims, Bytes bytes) {
  std::shared_ptr<Constant> constant(new Constant());
  constant->dtype_ = dtype;
  constant->count_ = count_of(dims);
  constant->source_dims_ = dims;
  constant->dims_ = std::move(dims);
  constant->source_ = std::move(bytes);
  assert(constant->source_.size() == constant->byte_size());
  return constant;
}

ConstantPtr Constant::make_strings(std::vector<std::int64_t> dims, std::vector<std::string> strings) {
  std::shared_ptr<Constant> constant(new Constant());
  constant->dtype_ = DType::kString;
  constant->count_ = count_of(dims);
  assert(static_cast<std::size_t>(constant->count_) == strings.size());
  constant->source_dims_ = dims;
  constant->dims_ = std::move(dims);
  constant->strings_ = std::make_shared<const std::vector<std::string>>(std::move(strings));
  return constant;
}

ConstantPtr Constant::ints(std::span<const std::int64_t> values) {
  return make(DType::kInt64, {static_cast<std::int64_t>(values.size())}, bytes_of(values));
}

ConstantPtr Constant::int_scalar(std::int64_t value) {
  return make(DType::kInt64, {}, bytes_of(std::span<const std::int64_t>(&value, 1)));
}

ConstantPtr Constant::floats(std::vector<std::int64_t> dims, std::span<const float> values) {
  return make(DType::kFloat, std::move(dims), bytes_of(values));
}

ConstantPtr Constant::transposed(std::span<const std::int64_t> perm) const {
  assert(perm.size() == rank());
  if (dtype_ == DType::kString) return transposed_strings(perm);
  if (is_regrouped()) return make(dtype_, dims_, bytes())->transposed(perm);
  std::shared_ptr<Constant> view(new Constant(*this));
  view->perm_.resize(perm.size());
  for (std::size_t i = 0; i < perm.size(); ++i) {
    const auto from = static_cast<std::size_t>(perm[i]);
    view->dims_[i] = dims_[from];
    view->perm_[i] = perm_.empty() ? perm[i] : perm_[from];
    if (factors_ != nullptr && from == factor_axis_) view->factor_axis_ = i;
  }
  if (keeps_order(view->perm_, source_dims_)) {
    view->perm_.clear();
    view->source_dims_ = view->dims_;
  }
  return view;
}

ConstantPtr Constant::transposed_strings(std::span<const std::int64_t> perm) const {
  std::vector<std::int64_t> dims(rank());
  std::vector<std::size_t> strides(rank());
  std::vector<std::size_t> source_strides(rank());
  for (std::size_t i = rank(), stride = 1; i-- > 0; stride *= static_cast<std::size_t>(dims_[i]))
    source_strides[i] = stride;
  for (std::size_t i = 0; i < rank(); ++i) {
    dims[i] = dims_[static_cast<std::size_t>(perm[i])];
    strides[i] = source_strides[static_cast<std::size_t>(perm[i])];
  }
  std::vector<std::string> strings(static_cast<std::size_t>(count_));
  for (std::size_t at = 0; at < strings.size(); ++at) {
    std::size_t rest = at;
    std::size_t from = 0;
    for (std::size_t i = rank(); i-- > 0;) {
      from += rest % static_cast<std::size_t>(dims[i]) * strides[i];
      rest /= static_cast<std::size_t>(dims[i]);
    }
    strings[at] = (*strings_)[from];
  }
  return make_strings(std::move(dims), std::move(strings));
}

ConstantPtr Constant::reshaped(std::vector<std::int64_t> dims) const {
  assert(count_of(dims) == count_);
  std::shared_ptr<Constant> view(new Constant(*this));
  view->dims_ = std::move(dims);
  if (is_plain()) {
    view->source_dims_ = view->dims_;
    return view;
  }
  if (!is_regrouped() && without_ones(dims_) == without_ones(view->dims_)) return moved_ones(std::move(view));
  return factors_ == nullptr ? view : make(dtype_, std::move(view->dims_), bytes());
}

bool Constant::is_regrouped() const {
  if (perm_.empty()) return false;
  if (perm_.size() != dims_.size()) return true;
  for (std::size_t i = 0; i < perm_.size(); ++i) {
    if (dims_[i] != source_dims_[static_cast<std::size_t>(perm_[i])]) return true;
  }
  return false;
}

/// Finishes a reshape that only puts in and takes out dims of one element: `view` has its new dims_, the rest is made
/// to fit.
ConstantPtr Constant::moved_ones(std::shared_ptr<Constant> view) const {
  // Source dims without ones, then the ones of the result: in row-major order, a dim of one element can be anywhere.
  std::vector<std::int64_t> squeezed(source_dims_.size(), -1);
  view->source_dims_.clear();
  for (std::size_t i = 0; i < source_dims_.size(); ++i) {
    if (source_dims_[i] == 1) continue;
    squeezed[i] = static_cast<std::int64_t>(view->source_dims_.size());
    view->source_dims_.push_back(source_dims_[i]);
  }
  std::vector<std::int64_t> perm;
  std::size_t old_axis = 0;
  bool factor_placed = factors_ == nullptr;
  for (std::size_t i = 0; i < view->dims_.size(); ++i) {
    if (view->dims_[i] == 1) {
      perm.push_back(static_cast<std::int64_t>(view->source_dims_.size()));
      view->source_dims_.push_back(1);
      // A factor on a dim of one element holds for all elements, whichever dim of one element it is said of.
      if (!factor_placed && dims_[factor_axis_] == 1) {
        view->factor_axis_ = i;
        factor_placed = true;
      }
      continue;
    }
    while (dims_[old_axis] == 1) ++old_axis;
    perm.push_back(
        squeezed[static_cast<std::size_t>(perm_.empty() ? static_cast<std::int64_t>(old_axis) : perm_[old_axis])]);
    if (!factor_placed && old_axis == factor_axis_) {
      view->factor_axis_ = i;
      factor_placed = true;
    }
    ++old_axis;
  }
  if (!factor_placed) return make(dtype_, std::move(view->dims_), bytes());
  view->perm_ = std::move(perm);
  if (keeps_order(view->perm_, view->source_dims_)) {
    view->perm_.clear();
    view->source_dims_ = view->dims_;
  }
  return view;
}

ConstantPtr Constant::scaled(std::size_t axis, std::vector<float> factors) const {
  assert(dtype_ == DType::kFloat && axis < rank() && factors.size() == static_cast<std::size_t>(dims_[axis]));
  if (factors_ != nullptr && axis != factor_axis_)
    return make(dtype_, dims_, bytes())->scaled(axis, std::move(factors));
  if (factors_ != nullptr) {
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i] *= (*factors_)[i];
  }
  std::shared_ptr<Constant> view(new Constant(*this));
  view->factor_axis_ = axis;
  view->factors_ = std::make_shared<const std::vector<float>>(std::move(factors));
  return view;
}

std::vector<std::int64_t> Constant::as_ints() const {
  const Bytes all = bytes();
  const std::size_t size = size_of(dtype_);
  std::vector<std::int64_t> values(size == 0 ? 0 : static_cast<std::size_t>(count_));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = element_as_int(dtype_, all.data() + i * size);
  return values;
}

std::vector<double> Constant::as_doubles() const {
  const Bytes all = bytes();
  const std::size_t size = size_of(dtype_);
  std::vector<double> values(size == 0 ? 0 : static_cast<std::size_t>(count_));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = element_as_double(dtype_, all.data() + i * size);
  return values;
}

bool Constant::same_as(const Constant& other) const {
  if (dtype_ != other.dtype_ || dims_ != other.dims_) return false;
  if (dtype_ == DType::kString) return strings_ == other.strings_;
  if (source_.data() != other.source_.data() || source_.size() != other.source_.size()) return false;
  if (perm_ != other.perm_ || source_dims_ != other.source_dims_) return false;
  if (factors_ == nullptr || other.factors_ == nullptr) return factors_ == other.factors_;
  return factor_axis_ == other.factor_axis_ && *factors_ == *other.factors_;
}

}  // namespace flowport::ir

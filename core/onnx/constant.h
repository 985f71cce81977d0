// Known content of a tensor: a view of bytes which may lie in a mapped checkpoint, seen through a permutation of its axes and a
// per-channel factor. Neither is applied until the bytes are asked for or written, so a transposed or batch-norm-folded
// weight never exists twice in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "onnx/dtype.h"

namespace flowport::ir {

class Constant;
using ConstantPtr = std::shared_ptr<const Constant>;

class Constant {
 public:
  /// Row-major little-endian elements; `bytes` has element count * size_of(dtype) bytes.
  static ConstantPtr make(DType dtype, std::vector<std::int64_t> dims, Bytes bytes);
  static ConstantPtr make_strings(std::vector<std::int64_t> dims, std::vector<std::string> strings);
  /// int64; rank 1, and scalar.
  static ConstantPtr ints(std::span<const std::int64_t> values);
  static ConstantPtr int_scalar(std::int64_t value);
  static ConstantPtr floats(std::vector<std::int64_t> dims, std::span<const float> values);

  DType dtype() const { return dtype_; }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  std::size_t rank() const { return dims_.size(); }
  /// Number of elements; never overflows (checked where constants are made).
  std::int64_t count() const { return count_; }
  std::size_t byte_size() const { return static_cast<std::size_t>(count_) * size_of(dtype_); }

  /// The same elements with axes permuted: result.dims[i] = dims[perm[i]]. A view.
  ConstantPtr transposed(std::span<const std::int64_t> perm) const;
  /// The same elements, row-major, in other dims of equal count. A view, unless a factor is pending and more than dims of one
  /// element come and go.
  ConstantPtr reshaped(std::vector<std::int64_t> dims) const;
  /// DType::kFloat only: element * factors[index along axis], in float. A view; factors of several calls multiply when on
  /// one axis, and materialise otherwise.
  ConstantPtr scaled(std::size_t axis, std::vector<float> factors) const;

  /// True when no permutation and no factor is pending: bytes() is free.
  bool is_plain() const { return perm_.empty() && factors_ == nullptr; }
  /// All bytes, row-major, permutation and factors applied.
  Bytes bytes() const;
  const std::vector<std::string>& strings() const { return *strings_; }

  /// Hands the bytes to `sink` piece by piece, and releases pages of a mapped file that have been read. A piece of a pending
  /// view lives until `sink` returns and has at most 4 MB or a sixteenth of the tensor. False as soon as `sink` gives false.
  bool stream(const std::function<bool(std::span<const std::byte>)>& sink) const;

  /// Elements as int64 / double; for integer, bool and floating types (see element_as_int). Small tensors only.
  std::vector<std::int64_t> as_ints() const;
  std::vector<double> as_doubles() const;

  /// The mapped bytes below, for telling whether two constants are the same weight seen in the same way.
  bool same_as(const Constant& other) const;
  /// Where those bytes (or strings) lie: equal for constants that are same_as each other.
  const void* source() const { return strings_ != nullptr ? static_cast<const void*>(strings_.get()) : source_.data(); }

 private:
  Constant() = default;

  ConstantPtr transposed_strings(std::span<const std::int64_t> perm) const;
  ConstantPtr moved_ones(std::shared_ptr<Constant> view) const;
  /// True when the permuted source dims have been reshaped: dims_ say nothing about perm_ then.
  bool is_regrouped() const;

  DType dtype_ = DType::kUndefined;
  std::vector<std::int64_t> dims_;
  std::int64_t count_ = 0;
  Bytes source_;                           // row-major in source_dims_
  std::vector<std::int64_t> source_dims_;  // dims before perm_
  std::vector<std::int64_t> perm_;         // empty: identity
  std::shared_ptr<const std::vector<float>> factors_;
  std::size_t factor_axis_ = 0;  // axis of dims_
  std::shared_ptr<const std::vector<std::string>> strings_;
};

}  // namespace flowport::ir

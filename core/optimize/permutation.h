// Orders of a tensor's axes, in the sense of Transpose: after `p`, axis i is what axis p[i] was.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "onnx/graph.h"

namespace flowport::optimize {

class Permutation {
 public:
  static constexpr std::size_t kMaxRank = 8;

  /// The order that changes nothing; `rank` at most kMaxRank.
  static Permutation identity(std::size_t rank);
  /// nullopt unless `axes` has each of 0 ... size-1 once, and at most kMaxRank of them.
  static std::optional<Permutation> of(std::span<const std::int64_t> axes);
  /// The order of a Transpose node whose input has rank `rank`.
  static std::optional<Permutation> of_transpose(const ir::Node& node, std::size_t rank);

  std::size_t rank() const { return rank_; }
  std::size_t operator[](std::size_t i) const { return axes_[i]; }
  bool is_identity() const;
  /// Where axis `axis` has gone.
  std::size_t position_of(std::size_t axis) const;
  Permutation inverse() const;
  /// First this, then `next`.
  Permutation then(const Permutation& next) const;
  std::vector<std::int64_t> to_ints() const;

  template <typename T>
  std::vector<T> applied_to(const std::vector<T>& items) const {
    std::vector<T> result;
    result.reserve(rank_);
    for (std::size_t i = 0; i < rank_; ++i) result.push_back(items[axes_[i]]);
    return result;
  }

  friend bool operator==(const Permutation&, const Permutation&) = default;

 private:
  std::uint8_t rank_ = 0;
  std::array<std::uint8_t, kMaxRank> axes_{};
};

/// The type of a tensor of type `type` (with rank) after `order`.
ir::Type permuted(const ir::Type& type, const Permutation& order);

/// True when `order` moves no axis of `dims` but those of size 1: the elements stay where they are.
bool moves_only_units(const std::vector<ir::Dim>& dims, const Permutation& order);

}  // namespace flowport::optimize

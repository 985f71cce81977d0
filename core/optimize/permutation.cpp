#include "optimize/permutation.h"

namespace flowport::optimize {

Permutation Permutation::identity(std::size_t rank) {
  Permutation result;
  result.rank_ = static_cast<std::uint8_t>(rank);
  for (std::size_t i = 0; i < rank; ++i) result.axes_[i] = static_cast<std::uint8_t>(i);
  return result;
}

std::optional<Permutation> Permutation::of(std::span<const std::int64_t> axes) {
  if (axes.size() > kMaxRank) return std::nullopt;
  Permutation result;
  result.rank_ = static_cast<std::uint8_t>(axes.size());
  std::array<bool, kMaxRank> seen{};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= static_cast<std::int64_t>(axes.size())) return std::nullopt;
    const auto axis = static_cast<std::size_t>(axes[i]);
    if (seen[axis]) return std::nullopt;
    seen[axis] = true;
    result.axes_[i] = static_cast<std::uint8_t>(axis);
  }
  return result;
}

std::optional<Permutation> Permutation::of_transpose(const ir::Node& node, std::size_t rank) {
  if (rank > kMaxRank) return std::nullopt;
  if (const auto* axes = node.ints_attr("perm")) return axes->size() == rank ? of(*axes) : std::nullopt;
  Permutation result;
  result.rank_ = static_cast<std::uint8_t>(rank);
  for (std::size_t i = 0; i < rank; ++i) result.axes_[i] = static_cast<std::uint8_t>(rank - 1 - i);
  return result;
}

bool Permutation::is_identity() const {
  for (std::size_t i = 0; i < rank_; ++i) {
    if (axes_[i] != i) return false;
  }
  return true;
}

std::size_t Permutation::position_of(std::size_t axis) const {
  std::size_t i = 0;
  while (axes_[i] != axis) ++i;
  return i;
}

Permutation Permutation::inverse() const {
  Permutation result;
  result.rank_ = rank_;
  for (std::size_t i = 0; i < rank_; ++i) result.axes_[axes_[i]] = static_cast<std::uint8_t>(i);
  return result;
}

Permutation Permutation::then(const Permutation& next) const {
  Permutation result;
  result.rank_ = rank_;
  for (std::size_t i = 0; i < rank_; ++i) result.axes_[i] = axes_[next.axes_[i]];
  return result;
}

std::vector<std::int64_t> Permutation::to_ints() const { return {axes_.begin(), axes_.begin() + rank_}; }

ir::Type permuted(const ir::Type& type, const Permutation& order) {
  ir::Type result = type;
  result.dims = order.applied_to(type.dims);
  return result;
}

bool moves_only_units(const std::vector<ir::Dim>& dims, const Permutation& order) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < order.rank(); ++i) {
    if (dims[order[i]].size == 1) continue;
    if (order[i] < last) return false;
    last = order[i];
  }
  return true;
}

}  // namespace flowport::optimize

// Reading structs that the other side of the ABI wrote: sizes and strides are theirs, the structs are ours.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include <flowport/abi.h>

namespace flowport::host {

/// The size in ABI 1.0: what every plugin has. A struct that grows after 1.0 gets a specialisation with its old size.
template <typename T>
inline constexpr std::size_t kFirstSize = sizeof(T);

template <>
inline constexpr std::size_t kFirstSize<flowport_target> = offsetof(flowport_target, allowed);
template <>
inline constexpr std::size_t kFirstSize<flowport_plugin> = offsetof(flowport_plugin, tf_ops);

/// The first `size` bytes at `from`, the rest zero.
template <typename T>
T copy_prefix(const void* from, std::size_t size) {
  static_assert(std::is_trivially_copyable_v<T>);
  T to{};
  std::memcpy(&to, from, std::min(size, sizeof(T)));
  return to;
}

}  // namespace flowport::host

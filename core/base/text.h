// Text helpers for messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowport {

/// The candidates nearest to `name` by edit distance (at most a third of its length and 8 away), nearest first, then by name.
std::vector<std::string> near_names(std::string_view name, std::span<const std::string_view> candidates,
                                    std::size_t most = 3);

/// "did you mean 'a' or 'b'?" from near_names, or an empty string where nothing is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

/// "a, b, c" and at most `most` items, then ", ... (17 more)".
std::string join(std::span<const std::string> items, std::string_view separator = ", ", std::size_t most = SIZE_MAX);

}  // namespace flowport

// SHA-256 (FIPS 180-4) of a file's content, through libmd.
#pragma once

#include <optional>
#include <string>

namespace flowport {

/// 64 lower-case hex digits for all that the open file `descriptor` holds, whatever its position; nothing where reading fails
/// (errno says why).
std::optional<std::string> sha256_of(int descriptor);

}  // namespace flowport

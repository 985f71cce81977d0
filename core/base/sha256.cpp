#include "base/sha256.h"

#include <sys/types.h>

#include <sha256.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

namespace flowport {

std::optional<std::string> sha256_of(int descriptor) {
  SHA256_CTX context;
  SHA256_Init(&context);
  std::vector<std::uint8_t> block(1U << 16);
  off_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(descriptor, block.data(), block.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    SHA256_Update(&context, block.data(), static_cast<std::size_t>(got));
    offset += got;
  }
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256_End(&context, text.data());
  return std::string(text.data());
}

}  // namespace flowport

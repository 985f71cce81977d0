// Files for targets that can only read from disk.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace flowport::fuzz {

using Input = std::span<const std::uint8_t>;

/// A folder of this process. The target empties it.
inline const std::filesystem::path& scratch() {
  static const std::filesystem::path kFolder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "flowport-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    return std::filesystem::path(name);
  }();
  return kFolder;
}

inline void put(const std::filesystem::path& path, Input bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace flowport::fuzz

// Folders and fixture plugins for tests of the host.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "host/host.h"

namespace flowport::host {

/// A folder of its own, removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "flowport-host-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = std::filesystem::canonical(name);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::filesystem::path fixture(std::string_view name) {
  return std::filesystem::path(FLOWPORT_FIXTURES) / ("flowport_" + std::string(name) + ".so");
}

/// Copies the fixture, so that it is a file of its own.
inline std::filesystem::path copy_fixture(std::string_view name, const std::filesystem::path& to) {
  std::filesystem::create_directories(to.parent_path());
  std::filesystem::copy_file(fixture(name), to, std::filesystem::copy_options::overwrite_existing);
  return to;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_content(const std::filesystem::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

/// Options under which nothing but what the test names is searched.
inline LoadOptions only(std::vector<std::filesystem::path> files) {
  LoadOptions options;
  options.files = std::move(files);
  options.search_environment = false;
  return options;
}

/// A host of which a handler can only call fail.
inline const flowport_host kBareHost = [] {
  flowport_host host{};
  host.struct_size = sizeof(host);
  host.fail = [](flowport_node*, flowport_status code, flowport_str, flowport_str) { return code; };
  return host;
}();

}  // namespace flowport::host

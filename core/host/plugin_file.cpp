#include "host/plugin_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include <flowport/manifest.h>

#include "host/elf_file.h"

namespace flowport::host {
namespace {

FileIdentity identity_of(const struct stat& s) {
  return {s.st_dev, s.st_ino, static_cast<std::uint64_t>(s.st_size), s.st_mtim.tv_sec, s.st_mtim.tv_nsec};
}

/// Rules P-003 and P-004 for a file or a folder.
Checked<void> check_owner(const struct stat& s, std::string_view what, const std::filesystem::path& path) {
  if (s.st_uid != 0 && s.st_uid != ::geteuid()) {
    return refuse(Rule::kOwner, fmt::format("the {} belongs to user {}, who is neither root nor you", what, s.st_uid),
                  fmt::format("make a copy that you own, or `chown` {}", path.string()));
  }
  if ((s.st_mode & S_IWOTH) != 0) {
    return refuse(Rule::kPermissions, fmt::format("the {} can be written by everybody", what),
                  fmt::format("chmod o-w {}", path.string()));
  }
  return {};
}

Checked<void> check_owners(const struct stat& s, const std::filesystem::path& file) {
  if (auto checked = check_owner(s, "file", file); !checked) return checked;
  const std::filesystem::path folder = file.parent_path();
  struct stat of_folder;
  if (::stat(folder.c_str(), &of_folder) != 0) {
    return refuse(Rule::kExists, fmt::format("its folder cannot be looked at: {}", std::strerror(errno)),
                  "check the permissions on the way to the file");
  }
  return check_owner(of_folder, "folder", folder);
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Checked<PluginFile> inspect(const std::filesystem::path& path, bool is_installed) {
  std::error_code error;
  PluginFile file;
  file.canonical = std::filesystem::canonical(path, error);
  if (error) {
    const bool is_link = std::filesystem::is_symlink(std::filesystem::symlink_status(path, error));
    return refuse(Rule::kExists, is_link ? "it is a link that leads to no file" : "there is no such file",
                  is_link ? "make the link again, or remove it" : "check the path");
  }
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  file.opened =
      std::make_shared<Descriptor>(::open(file.canonical.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  const int opened = file.opened->number();
  struct stat s;
  if (opened < 0 || ::fstat(opened, &s) != 0) {
    return refuse(Rule::kRegularFile, fmt::format("it cannot be opened: {}", std::strerror(errno)),
                  "check the permissions of the file");
  }
  if (!S_ISREG(s.st_mode)) return refuse(Rule::kRegularFile, "it is not a regular file", "name the plugin's .so file");
  if (!is_installed) {
    if (auto checked = check_owners(s, file.canonical); !checked) return tl::make_unexpected(checked.error());
  }
  file.identity = identity_of(s);
  if (auto checked = check_elf(opened, file.identity.size); !checked) {
    return tl::make_unexpected(checked.error());
  }
  auto manifest = read_section(opened, file.identity.size, FLOWPORT_MANIFEST_SECTION);
  if (!manifest) return tl::make_unexpected(manifest.error());
  file.manifest = *std::move(manifest);
  return file;
}

Checked<void> check_unchanged(const PluginFile& file) {
  struct stat s;
  if (::stat(file.canonical.c_str(), &s) != 0 || identity_of(s) != file.identity) {
    return refuse(Rule::kUnchanged, "the file was replaced while it was being loaded", "try again");
  }
  return {};
}

}  // namespace flowport::host

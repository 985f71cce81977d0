#include "host/lock.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/sha256.h"
#include "host/elf_file.h"
#include "host/host.h"

namespace flowport::host {
namespace {

constexpr const char* kHead =
    "# Plugins that flowport may load under --locked: sha256, id, version. Written by `flowport plugin lock`.\n";

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

Result<Lock> read_lock(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    return problem(Fault::kPlugin, fmt::format("the lock file cannot be read: {}", std::strerror(errno)), path.string(),
                   "write one: flowport plugin lock -o " + path.string());
  }
  Lock lock;
  lock.source = path.string();
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string sha256, id, version, more;
    words >> sha256 >> id >> version;
    const std::string where = fmt::format("{}:{}", lock.source, number);
    if (!is_sha256(sha256) || version.empty() || words >> more) {
      return problem(Fault::kPlugin, fmt::format("no line of a lock file: '{}'", line.substr(0, 100)), where,
                     "a line is: sha256, two spaces, id, space, version");
    }
    if (!lock.entries.emplace(id, Lock::Entry{version, sha256}).second)
      return problem(Fault::kPlugin, fmt::format("'{}' is locked twice", id), where, "remove one of the two lines");
  }
  return lock;
}

Result<Lock> lock_of(const std::vector<PluginRecord>& records) {
  Lock lock;
  for (const PluginRecord& record : records) {
    if (!record.is_usable()) continue;
    const auto file = inspect(record.path, true);
    const auto hash = file ? sha256_of(file->opened->number()) : std::nullopt;
    if (!hash) {
      return problem(Fault::kPlugin, fmt::format("plugin '{}' cannot be read any more", record.id),
                     record.path.string(), "try again");
    }
    lock.entries.emplace(record.id, Lock::Entry{record.version, *hash});
  }
  return lock;
}

std::string lock_text(const Lock& lock) {
  std::string text = kHead;
  for (const auto& [id, entry] : lock.entries) text += fmt::format("{}  {} {}\n", entry.sha256, id, entry.version);
  return text;
}

Checked<void> check_lock(const Lock& lock, const std::string& id, PluginFile& file) {
  const char* const kAgain = "leave it out, or write the lock file again: flowport plugin lock";
  const auto hash = sha256_of(file.opened->number());
  if (!hash) return refuse(Rule::kLocked, fmt::format("it cannot be read: {}", std::strerror(errno)), "try again");
  const auto entry = id.empty() ? std::ranges::find(lock.entries, *hash, [](const auto& e) { return e.second.sha256; })
                                : lock.entries.find(id);
  if (entry == lock.entries.end()) {
    return refuse(Rule::kLocked,
                  fmt::format("{} is not in {}", id.empty() ? "sha256 " + *hash : fmt::format("'{}'", id), lock.source),
                  kAgain);
  }
  const auto linkage = read_linkage(file.opened->number(), file.identity.size);
  const auto asks_for_neighbours = [](const std::string& path) { return path.find("$ORIGIN") != path.npos; };
  if (!linkage || std::ranges::any_of(linkage->runpath, asks_for_neighbours)) {
    return refuse(Rule::kLocked, "it loads libraries that lie beside it ($ORIGIN), which no lock covers",
                  "link them statically into the plugin, or go without --locked");
  }
  if (*hash != entry->second.sha256) {
    return refuse(
        Rule::kLocked,
        fmt::format("{} has sha256 {} for '{}', this file has {}", lock.source, entry->second.sha256, id, *hash),
        "find out why it changed; if that is right, write the lock file again: flowport plugin lock");
  }
  file.is_pinned = true;
  return {};
}

}  // namespace flowport::host

#include "cli/plugin_new.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "cli/parse.h"
#include "host/host.h"

namespace flowport::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestName = 64;

// By the letters of ASCII, whatever the locale.
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

/// The TF op of a plugin named "text_ops": "TextOps".
std::string op_of(std::string_view name) {
  std::string op;
  bool starts_word = true;
  for (const char c : name) {
    if (c != '_') op += starts_word ? to_upper(c) : c;
    starts_word = c == '_';
  }
  return op;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

/// A folder that is there under its name only once it is complete: made beside its place, then renamed. Gone again where
/// that does not come about.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create(fs::path target) {
    std::string name = (target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())).string();
    if (::mkdtemp(name.data()) == nullptr) {
      return problem(Fault::kCheck,
                     fmt::format("the folder cannot be made: {}", std::generic_category().message(errno)),
                     target.string(), "name a folder that can be written with --dir");
    }
    return TemporaryFolder(std::move(target), std::move(name));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept
      : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }

  Result<void> write(const std::string& name, std::string_view text) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (file) return {};
    return problem(Fault::kCheck, "the file cannot be written", (target_ / name).string(),
                   "see that there is space and that --dir can be written");
  }

  Result<void> commit() {
    std::error_code error;
    // mkdtemp makes folders for their owner alone; this one is made as any other.
    const ::mode_t mask = ::umask(0);
    ::umask(mask);
    fs::permissions(path_, fs::perms::all & ~static_cast<fs::perms>(mask), error);
    // To rename onto an empty folder would replace it.
    if (!error && fs::exists(fs::symlink_status(target_))) error = std::make_error_code(std::errc::file_exists);
    if (!error) fs::rename(path_, target_, error);
    if (error) {
      return problem(Fault::kCheck, fmt::format("the folder cannot be made: {}", error.message()), target_.string(),
                     "give the plugin another name, or another --dir");
    }
    path_.clear();
    return {};
  }

 private:
  TemporaryFolder(fs::path target, fs::path path) : target_(std::move(target)), path_(std::move(path)) {}

  fs::path target_, path_;
};

struct TemplateFile {
  std::string name, text;
};

/// The files of the template, with the plugin's names in them.
Result<std::vector<TemplateFile>> instantiate(const fs::path& folder, const std::string& name) {
  const auto damaged = [&](std::string what) {
    return problem(Fault::kInternal, std::move(what), folder.string(), "install flowport again: its SDK is incomplete");
  };
  std::error_code error;
  std::vector<TemplateFile> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::ifstream file(entry->path(), std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) return damaged(fmt::format("the template's {} cannot be read", entry->path().filename().string()));
    text = replaced(replaced(std::move(text), "@NAME@", name), "@OP@", op_of(name));
    files.push_back({replaced(entry->path().filename().string(), "NAME", name), std::move(text)});
  }
  if (error) return damaged(fmt::format("the template of plugins cannot be read: {}", error.message()));
  if (files.empty()) return damaged("the template of plugins is empty");
  std::ranges::sort(files, {}, &TemplateFile::name);
  return files;
}

Result<std::vector<TemplateFile>> write_plugin(const fs::path& folder, const std::string& name) {
  auto files = instantiate(host::Installation::find().sdk / "template", name);
  if (!files) return files;
  auto made = TemporaryFolder::create(folder);
  if (!made) return tl::make_unexpected(made.error());
  for (const auto& file : *files) {
    if (auto written = made->write(file.name, file.text); !written) return tl::make_unexpected(written.error());
  }
  if (auto kept = made->commit(); !kept) return tl::make_unexpected(kept.error());
  return files;
}

}  // namespace

int run_plugin_new(const Arguments& arguments) {
  bool json = false;
  std::string parent = ".";
  po::options_description options("options");
  options.add_options()("help,h", "show this text")("json", po::bool_switch(&json), "as JSON")(
      "dir", po::value(&parent)->value_name("DIR"), "where the folder is made (default: here)");
  const auto parsed =
      parse(arguments, options, {"name"},
            "usage: flowport plugin new NAME [--dir DIR] [--json]\n\nWrites a folder NAME with a plugin for one op: "
            "it builds with Meson, with CMake or with one command, passes `flowport plugin check`, and converts the "
            "graph that comes with it. Its README.md tells how.\n\n"
            "  flowport plugin new text_ops\n\n");
  if (!parsed) return parsed.error();
  const std::string& name = parsed->positional.at("name");
  if (!is_name(name)) {
    return report_problems({{Fault::kUsage,
                             fmt::format("'{}' cannot be the name of a plugin", name),
                             {},
                             fmt::format("a name is a letter, then letters, digits or _, {} at most", kLongestName)}});
  }
  const fs::path folder = fs::path(parent) / name;
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error))) {
    return report_problems({{Fault::kUsage, "there is such a file or folder already", folder.string(),
                             "give the plugin another name, or another --dir"}});
  }
  const auto files = write_plugin(folder, name);
  if (!files) return report_problems({files.error()});

  if (json) {
    Json names = Json::array();
    for (const auto& file : *files) names.push_back(file.name);
    std::cout << Json{{"name", name},
                      {"op", op_of(name)},
                      {"folder", folder.string()},
                      {"library", fmt::format("flowport_{}.so", name)},
                      {"files", std::move(names)}}
                     .dump(2)
              << '\n';
    return 0;
  }
  for (const auto& file : *files) std::cout << fmt::format("Written    {}\n", (folder / file.name).string());
  std::cout << fmt::format("Next       see {}: how to build it and to convert its graph\n",
                           (folder / "README.md").string());
  return 0;
}

}  // namespace flowport::cli

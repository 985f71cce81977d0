#include "host/check_plugin.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "host/elf_file.h"
#include "host/plugin_file.h"
#include "host/probe.h"

namespace flowport::host {
namespace {

/// The findings of a file without a look at what its code does.
void check_linkage(const PluginFile& file, PluginCheck& check) {
  const auto linkage = read_linkage(file.opened->number(), file.identity.size);
  if (!linkage) return;
  std::vector<std::string> others = linkage->exports;
  std::erase(others, FLOWPORT_QUERY_SYMBOL);
  if (!others.empty()) {
    check.findings.push_back({Rule::kOneExport,
                              fmt::format("it exports {} further symbols: {}", others.size(), join(others, ", ", 4)),
                              "compile with -fvisibility=hidden and link with the SDK's flowport.map"});
  }
  for (const std::string& library : linkage->needed) {
    if (library.starts_with("libprotobuf") || library.starts_with("libonnx")) {
      check.findings.push_back({Rule::kNoHostLibraries, fmt::format("it needs {}", library),
                                "emit nodes through the host, or link the library statically with hidden symbols"});
    }
  }
}

/// A line that the child writes: a kind, then fields, all separated by tabs; no field has one or a line's end.
std::string line_of(std::initializer_list<std::string_view> fields) {
  std::string line;
  for (const std::string_view field : fields) {
    if (!line.empty()) line += '\t';
    for (const char c : field) line += c == '\t' || c == '\n' ? ' ' : c;
  }
  return line + '\n';
}

void write_line(int to, std::initializer_list<std::string_view> fields) {
  const std::string line = line_of(fields);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(to, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(1);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string number_text(Rule rule) { return std::to_string(static_cast<int>(rule)); }

[[noreturn]] void run_child(const PluginFile& file, std::size_t first, int to) {
  // What the plugin prints must not be taken for our own output.
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ProbeEvents events;
  events.begins = [&](const std::string& what) { write_line(to, {"begins", what}); };
  events.finds = [&](Rule rule, const std::string& reason, const std::string& next) {
    write_line(to, {"finds", number_text(rule), reason, next});
  };
  const auto probed = probe(file, first, events);
  if (probed) {
    write_line(to, {"done", std::to_string(*probed)});
  } else {
    write_line(to, {"refused", number_text(probed.error().rule), probed.error().reason, probed.error().next});
  }
  // No destructors: a plugin's own might do anything.
  ::_exit(0);
}

/// Talks to one child after the other until every call was made or one refusal says that none can be.
class Supervisor {
 public:
  Supervisor(const PluginFile& file, std::chrono::milliseconds limit, PluginCheck& check)
      : file_(file), limit_(limit), check_(check) {}

  void run();

 private:
  /// One child, from call `next_call_` on. True: there is more to call after what ended it.
  bool run_one();
  void take(std::string_view line);
  void crashed(int status, bool timed_out);

  const PluginFile& file_;
  std::chrono::milliseconds limit_;
  PluginCheck& check_;
  std::size_t next_call_ = 0;  ///< number of the call that comes after the one that runs
  std::string running_ = "starting";
  bool is_done_ = false, is_calling_ = false;
};

void Supervisor::take(std::string_view line) {
  std::vector<std::string> fields;
  for (;;) {
    const std::size_t tab = line.find('\t');
    fields.emplace_back(line.substr(0, tab));
    if (tab == line.npos) break;
    line.remove_prefix(tab + 1);
  }
  fields.resize(std::max<std::size_t>(fields.size(), 4));
  const auto rule = [&] {
    int number = 0;
    std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), number);
    return static_cast<Rule>(std::clamp(number, 0, static_cast<int>(Rule::kNumRules) - 1));
  };
  if (fields[0] == "begins") {
    running_ = fields[1];
    is_calling_ = running_ != "loading" && running_ != "init";
    if (is_calling_) {
      ++next_call_;
      ++check_.calls;
    }
  } else if (fields[0] == "finds" || fields[0] == "refused") {
    check_.findings.push_back({rule(), fields[2], fields[3]});
    is_done_ = is_done_ || fields[0] == "refused";
  } else if (fields[0] == "done") {
    is_done_ = check_.has_run = true;
  }
}

void Supervisor::crashed(int status, bool timed_out) {
  if (timed_out) {
    check_.findings.push_back({Rule::kTimely, fmt::format("{} was not over after {} ms", running_, limit_.count()),
                               "find what it waits for"});
  } else if (WIFSIGNALED(status)) {
    check_.findings.push_back({Rule::kNoCrash,
                               fmt::format("{} ended the process by signal {} ({})", running_, WTERMSIG(status),
                                           ::strsignal(WTERMSIG(status))),
                               "run it under a debugger: gdb --args flowport plugin check FILE"});
  } else {
    check_.findings.push_back(
        {Rule::kNoCrash, fmt::format("{} ended the process", running_), "a plugin must not call exit"});
  }
}

bool Supervisor::run_one() {
  int ends[2];
  if (::pipe(ends) != 0) {
    check_.findings.push_back(
        {Rule::kNoCrash, fmt::format("no child process can be had: {}", std::strerror(errno)), "try again"});
    return false;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_child(file_, next_call_, ends[1]);
  }
  ::close(ends[1]);
  std::string text;
  bool timed_out = false;
  for (;;) {
    pollfd waiting{ends[0], POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(limit_.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      timed_out = true;
      break;
    }
    char block[4096];
    const ssize_t got = ::read(ends[0], block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(block, static_cast<std::size_t>(got));
    for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
      take(std::string_view(text).substr(0, end));
      text.erase(0, end + 1);
    }
  }
  ::close(ends[0]);
  if (timed_out) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (is_done_) return false;
  crashed(status, timed_out);
  // One crash of a handler says enough: on with the next handler.
  constexpr auto kWays = static_cast<std::size_t>(OddNode::kCount);
  next_call_ = (next_call_ + kWays - 1) / kWays * kWays;
  return is_calling_;
}

void Supervisor::run() {
  while (run_one()) is_calling_ = false;
}

}  // namespace

bool PluginCheck::is_refused() const {
  return std::ranges::any_of(findings,
                             [](const Finding& finding) { return rule_text(finding.rule).breach != Breach::kRemark; });
}

PluginCheck check_plugin(const std::filesystem::path& path, std::chrono::milliseconds limit) {
  PluginCheck check;
  check.path = path;
  const auto add = [&](const Refusal& refusal) {
    check.findings.push_back({refusal.rule, refusal.reason, refusal.next});
  };
  const auto file = inspect(path, false);
  if (!file) {
    add(file.error());
    return check;
  }
  check_linkage(*file, check);
  if (!file->manifest) {
    check.findings.push_back({Rule::kHasManifest, "it has no manifest: its code is loaded whenever flowport starts",
                              "end the source with FLOWPORT_PLUGIN(...), or in C write it with flowport/manifest.h"});
  } else if (const auto read = read_manifest(*file->manifest, check.manifest); !read) {
    add(read.error());
    return check;
  }
  Supervisor(*file, limit, check).run();
  return check;
}

}  // namespace flowport::host

#include "host/crash_note.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace flowport::host {
namespace {

thread_local CrashNote* innermost = nullptr;

constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

std::string_view name_of_signal(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGFPE: return "SIGFPE";
    case SIGABRT: return "SIGABRT";
    default: return "a signal";
  }
}

void write_all(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write_crash_note(int signal) noexcept {
  write_all("\nflowport: crashed by ");
  write_all(name_of_signal(signal));
  if (const CrashNote* note = innermost; note != nullptr) {
    write_all(" in ");
    write_all({note->text_, note->size_});
    write_all("\n  next: report this to the plugin's author; --disable the plugin to go on without it\n");
  } else {
    write_all(", outside of any plugin\n  next: report this to the authors of flowport\n");
  }
}

namespace {

extern "C" void flowport_on_crash(int signal) {
  write_crash_note(signal);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

CrashNote::CrashNote(std::string_view plugin, std::string_view handler, std::string_view node) noexcept
    : outer_(innermost) {
  append("plugin '");
  append(plugin);
  append("', handler '");
  append(handler);
  append("', TF node '");
  append(node);
  append("'");
  innermost = this;
}

CrashNote::CrashNote(std::string_view what, std::string_view plugin) noexcept : outer_(innermost) {
  append(what);
  append(" plugin '");
  append(plugin);
  append("'");
  innermost = this;
}

CrashNote::~CrashNote() { innermost = outer_; }

void CrashNote::append(std::string_view text) noexcept {
  const std::size_t count = std::min(text.size(), kLongest - size_);
  std::memcpy(text_ + size_, text.data(), count);
  size_ += count;
}

void install_crash_handler() {
  static std::array<char, 64 * 1024> stack;
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  ::sigaltstack(&alternative, nullptr);

  struct sigaction action {};
  action.sa_handler = flowport_on_crash;
  action.sa_flags = SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

}  // namespace flowport::host

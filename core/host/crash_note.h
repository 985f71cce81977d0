// Who was at work when the process crashed. A handler's code is not ours: where it takes the process down, the user learns
// which plugin it was and at which node.
#pragma once

#include <string_view>

namespace flowport::host {

/// For the time of its life: this thread runs `handler` of `plugin` on TF node `node`. Texts are copied (and cut when long).
/// Notes nest: the outer one holds again when the inner one ends.
class CrashNote {
 public:
  CrashNote(std::string_view plugin, std::string_view handler, std::string_view node) noexcept;
  /// `what` is done with a plugin: "init of", "com.example.ops".
  CrashNote(std::string_view what, std::string_view plugin) noexcept;
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;
  ~CrashNote();

 private:
  friend void write_crash_note(int signal) noexcept;
  static constexpr std::size_t kLongest = 480;
  void append(std::string_view text) noexcept;

  CrashNote* outer_;
  std::size_t size_ = 0;
  char text_[kLongest];
};

/// Installs a handler for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT that writes the note of the crashing thread to the
/// standard error stream and then lets the signal take its course. For the main thread also when its stack has run over.
void install_crash_handler();

}  // namespace flowport::host

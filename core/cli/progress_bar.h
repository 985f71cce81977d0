// A progress bar on a terminal, for work that takes longer than a second.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/progress.h"

namespace flowport::cli {

/// Drawn on standard error while it lives, from one second on; nothing of it is left afterwards. Does nothing where standard
/// error is no terminal. While it lives nothing else may be printed there.
class ProgressBar {
 public:
  /// A part of the work, and the share of the bar at which it begins.
  struct Phase {
    const char* name;
    double begin, end;
  };

  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Begins `phase`, which must outlive the bar. Gives the counter that says how far it is; null where nothing is drawn.
  Progress* begin(const Phase& phase);

 private:
  void draw_until_stopped();
  void draw();

  Progress progress_;
  std::atomic<const Phase*> phase_ = nullptr;
  std::size_t drawn_ = 0;  ///< columns that the bar takes on the terminal
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace flowport::cli

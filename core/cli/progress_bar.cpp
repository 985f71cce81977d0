#include "cli/progress_bar.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace flowport::cli {

namespace {

constexpr auto kBefore = std::chrono::seconds(1);
constexpr auto kBetween = std::chrono::milliseconds(100);
constexpr std::size_t kWidth = 40;

void put(std::string_view text) {
  // A terminal that takes nothing is no reason to stop converting.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

ProgressBar::ProgressBar() {
  if (::isatty(STDERR_FILENO) == 0) return;
  // Signals are for the thread that works.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { draw_until_stopped(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ProgressBar::~ProgressBar() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Progress* ProgressBar::begin(const Phase& phase) {
  if (!thread_.joinable()) return nullptr;
  progress_.total = 0;
  progress_.done = 0;
  phase_ = &phase;
  return &progress_;
}

void ProgressBar::draw_until_stopped() {
  std::unique_lock lock(mutex_);
  auto pause = std::chrono::milliseconds(kBefore);
  while (!changed_.wait_for(lock, pause, [this] { return stop_; })) {
    draw();
    pause = kBetween;
  }
  if (drawn_ != 0) put(fmt::format("\r{:{}}\r", "", drawn_));
}

void ProgressBar::draw() {
  const Phase* phase = phase_;
  if (phase == nullptr) return;
  const auto total = static_cast<double>(progress_.total);
  const double part = total > 0 ? std::min(1.0, static_cast<double>(progress_.done) / total) : 0;
  const double share = phase->begin + (phase->end - phase->begin) * part;
  const auto filled = static_cast<std::size_t>(share * kWidth);
  const std::string text =
      fmt::format("[{:#<{}}{:{}}] {:3.0f} % {}", "", filled, "", kWidth - filled, share * 100, phase->name);
  put(fmt::format("\r{:<{}}", text, drawn_));
  drawn_ = std::max(drawn_, text.size());
}

}  // namespace flowport::cli

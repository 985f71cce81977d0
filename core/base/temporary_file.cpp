#include "base/temporary_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flowport {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;
constexpr int kMostTries = 100;

// A signal handler can reach nothing but globals, and may not allocate: hence a fixed list.
struct LiveFile {
  enum State : int { kFree, kFilling, kLive };
  std::atomic<int> state = kFree;
  std::array<char, PATH_MAX> path = {};
};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<LiveFile, 16> live_files;

/// The slot that now holds `path`, or -1 when the list is full or the path is longer than the system takes.
int enlist(const std::string& path) {
  if (path.size() >= PATH_MAX) return -1;
  for (std::size_t i = 0; i < live_files.size(); ++i) {
    int expected = LiveFile::kFree;
    if (!live_files[i].state.compare_exchange_strong(expected, LiveFile::kFilling)) continue;
    std::memcpy(live_files[i].path.data(), path.c_str(), path.size() + 1);
    live_files[i].state.store(LiveFile::kLive);
    return static_cast<int>(i);
  }
  return -1;
}

void strike_off(int slot) { live_files[static_cast<std::size_t>(slot)].state.store(LiveFile::kFree); }

extern "C" void remove_live_files_and_end(int signal) {
  for (const LiveFile& file : live_files) {
    if (file.state.load() == LiveFile::kLive) ::unlink(file.path.data());
  }
  // The handler is reset on entry (SA_RESETHAND), so this ends the program the way the signal does by itself.
  ::raise(signal);
}

constexpr std::array kEndingSignals = {SIGINT, SIGTERM, SIGHUP};

/// While one lives, ending signals wait: no file can be left between its creation and its entry in the list.
class SignalPause {
 public:
  SignalPause() {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : kEndingSignals) sigaddset(&ending, signal);
    ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
  }
  SignalPause(const SignalPause&) = delete;
  SignalPause& operator=(const SignalPause&) = delete;
  ~SignalPause() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_ = {};
};

Result<std::filesystem::path> resolve_target(const std::filesystem::path& target) {
  std::error_code error;
  std::filesystem::path resolved = std::filesystem::absolute(target, error);
  for (int i = 0; i < kMostTries && std::filesystem::is_symlink(resolved, error); ++i) {
    const std::filesystem::path link = std::filesystem::read_symlink(resolved, error);
    if (!error) resolved = resolved.parent_path() / link;
  }
  if (std::filesystem::is_symlink(resolved, error)) {
    return problem(Fault::kCheck, "the output is a link that leads to itself", target.string(), "remove it");
  }
  const std::filesystem::file_status status = std::filesystem::status(resolved, error);
  if (std::filesystem::is_directory(status) || !resolved.has_filename()) {
    return problem(Fault::kCheck, "the output is a folder", target.string(), "give the name of a file in it");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return problem(Fault::kCheck, "the output is not a regular file", target.string(), "give the name of a file");
  }
  return resolved;
}

const char* advice(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return "create the folder, or give another one";
    case EACCES:
    case EPERM:
    case EROFS: return "give a folder that you may write to";
    case ENOSPC:
    case EDQUOT: return "make room, or give a folder on another disk";
    case EFBIG: return "raise the limit on the size of files (ulimit -f), or give a folder on another disk";
    default: return "";
  }
}

}  // namespace

Result<TemporaryFile> TemporaryFile::create(const std::filesystem::path& target) {
  Result<std::filesystem::path> resolved = resolve_target(target);
  if (!resolved) return tl::make_unexpected(resolved.error());

  const SignalPause pause;
  TemporaryFile file;
  file.target_ = *std::move(resolved);
  const std::string stem = ".flowport-" + std::to_string(::getpid()) + "-";
  int error = EEXIST;
  for (int i = 0; i < kMostTries && error == EEXIST; ++i) {
    file.path_ = file.target_.parent_path() / (stem + std::to_string(i) + ".tmp");
    file.fd_ = ::open(file.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    error = file.fd_ < 0 ? errno : 0;
  }
  if (file.fd_ < 0) return file.failed("cannot write to the folder of the output", error);

  file.slot_ = enlist(file.path_.string());
  if (file.slot_ < 0) {
    ::unlink(file.path_.c_str());
    return problem(Fault::kInternal, "too many output files are open at once", target.string());
  }
  return file;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      offset_(std::exchange(other.offset_, 0)),
      fd_(std::exchange(other.fd_, -1)),
      slot_(std::exchange(other.slot_, -1)) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  target_ = std::move(other.target_);
  path_ = std::move(other.path_);
  buffer_ = std::move(other.buffer_);
  offset_ = std::exchange(other.offset_, 0);
  fd_ = std::exchange(other.fd_, -1);
  slot_ = std::exchange(other.slot_, -1);
  return *this;
}

TemporaryFile::~TemporaryFile() { discard(); }

void TemporaryFile::discard() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  if (slot_ < 0) return;
  ::unlink(path_.c_str());
  strike_off(std::exchange(slot_, -1));
}

Result<void> TemporaryFile::write(std::span<const std::byte> bytes) {
  offset_ += bytes.size();
  if (bytes.size() < kBufferSize) {
    if (buffer_.size() + bytes.size() > kBufferSize) {
      if (Result<void> flushed = flush(); !flushed) return flushed;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return {};
  }
  if (Result<void> flushed = flush(); !flushed) return flushed;
  return put(bytes);
}

Result<void> TemporaryFile::pad_to(std::uint64_t alignment) {
  static constexpr std::array<std::byte, 4096> kZeros = {};
  std::uint64_t missing = (alignment - offset_ % alignment) % alignment;
  while (missing > 0) {
    const std::size_t piece = std::min<std::uint64_t>(missing, kZeros.size());
    if (Result<void> written = write(std::span(kZeros).first(piece)); !written) return written;
    missing -= piece;
  }
  return {};
}

Result<void> TemporaryFile::put(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return failed("cannot write the output", errno);
    }
  }
  return {};
}

Result<void> TemporaryFile::flush() {
  Result<void> written = put(buffer_);
  buffer_.clear();
  return written;
}

Result<void> TemporaryFile::close() {
  if (fd_ < 0) return {};
  if (Result<void> flushed = flush(); !flushed) return flushed;
  if (::close(std::exchange(fd_, -1)) != 0) return failed("cannot write the output", errno);
  return {};
}

Result<void> TemporaryFile::commit() {
  if (Result<void> closed = close(); !closed) return closed;
  if (::rename(path_.c_str(), target_.c_str()) != 0) return failed("cannot put the output in its place", errno);
  strike_off(std::exchange(slot_, -1));
  return {};
}

tl::unexpected<Problem> TemporaryFile::failed(const char* what, int error) const {
  return problem(Fault::kCheck, std::string(what) + ": " + std::generic_category().message(error), target_.string(),
                 advice(error));
}

void install_cleanup_on_signal() {
  struct sigaction action = {};
  action.sa_handler = remove_live_files_and_end;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : kEndingSignals) {
    struct sigaction before = {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace flowport

#include "base/mapped_file.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flowport {
namespace {

tl::unexpected<Problem> cannot(const char* what, const std::filesystem::path& path, int error) {
  std::string next;
  if (error == ENOENT || error == ENOTDIR) next = "check the path";
  if (error == EACCES) next = "check who may read the file";
  return problem(Fault::kModel, std::string(what) + ": " + std::generic_category().message(error), path.string(), next);
}

std::size_t page_size() {
  static const auto kSize = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return kSize;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  // Without O_NONBLOCK, a pipe that nobody writes to would block here.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return cannot("cannot open the file", path, errno);

  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return cannot("cannot open the file", path, errno);
  if (S_ISDIR(status.st_mode)) return problem(Fault::kModel, "this is a folder, not a file", path.string());
  if (!S_ISREG(status.st_mode)) {
    return problem(Fault::kModel, "this is not a regular file", path.string(), "give a file that lies on a disk");
  }

  std::span<const std::byte> bytes;
  if (status.st_size > 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (start == MAP_FAILED) return cannot("cannot map the file into memory", path, errno);
    bytes = std::span(static_cast<const std::byte*>(start), size);
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, bytes));
}

MappedFile::MappedFile(std::filesystem::path path, std::span<const std::byte> bytes)
    : path_(std::move(path)), bytes_(bytes) {}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::release(std::span<const std::byte> slice) const {
  if (slice.empty()) return;
  const std::size_t page = page_size();
  const auto base = static_cast<std::size_t>(slice.data() - bytes_.data());
  const std::size_t first = (base + page - 1) / page * page;
  std::size_t last = base + slice.size();
  // The last page of the file belongs to nobody else.
  if (last != bytes_.size()) last = last / page * page;
  if (first >= last) return;
  // Advice: when the system does not take it, nothing is wrong.
  ::madvise(const_cast<std::byte*>(bytes_.data()) + first, last - first, MADV_DONTNEED);
}

}  // namespace flowport

#include "base/mapped_file.h"

#include <cstring>
#include <string>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch_folder.h"

namespace flowport {
namespace {

using MappedFileTest = test::ScratchFolder;

std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(MappedFileTest, GivesTheBytes) {
  const auto file = MappedFile::open(file_with("a", "some bytes"));
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(as_text((*file)->bytes()), "some bytes");
  EXPECT_EQ((*file)->path(), folder() / "a");
}

TEST_F(MappedFileTest, TakesAnEmptyFile) {
  const auto file = MappedFile::open(file_with("empty", ""));
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_TRUE((*file)->bytes().empty());
  (*file)->release((*file)->bytes());
}

TEST_F(MappedFileTest, NamesTheMissingFile) {
  const auto file = MappedFile::open(folder() / "none");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().fault, Fault::kModel);
  EXPECT_EQ(file.error().where, (folder() / "none").string());
  EXPECT_EQ(file.error().next, "check the path");
}

TEST_F(MappedFileTest, RefusesAFolder) {
  const auto file = MappedFile::open(folder());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().what, "this is a folder, not a file");
}

TEST_F(MappedFileTest, RefusesAPipeWithoutWaitingForIt) {
  const auto pipe = folder() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto file = MappedFile::open(pipe);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().what, "this is not a regular file");
}

TEST_F(MappedFileTest, KeepsTheBytesAfterRelease) {
  const std::string text(std::size_t{5} << 16, 'x');
  const auto file = MappedFile::open(file_with("a", text));
  ASSERT_TRUE(file) << file.error().what;
  (*file)->release((*file)->bytes().subspan(1, 100'000));
  EXPECT_EQ(as_text((*file)->bytes()), text);
}

TEST_F(MappedFileTest, ReleasesWholePagesInsideTheSliceOnly) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  // Bytes that were never read are resident only as the system reads ahead, so this looks at what release() itself does:
  // a private mapping's copy of a page is lost by it, and of its neighbours is not.
  const auto file = MappedFile::open(file_with("a", std::string(4 * page, 'x')));
  ASSERT_TRUE(file) << file.error().what;
  auto* start = const_cast<std::byte*>((*file)->bytes().data());
  ASSERT_EQ(::mprotect(start, 4 * page, PROT_READ | PROT_WRITE), 0);
  std::memset(start, 'y', 4 * page);

  (*file)->release((*file)->bytes().subspan(page / 2, 2 * page));

  const std::string y(page, 'y');
  EXPECT_EQ(as_text((*file)->bytes()), y + std::string(page, 'x') + y + y);
}

TEST_F(MappedFileTest, SlicesKeepTheFileMapped) {
  Bytes slice;
  {
    const auto file = MappedFile::open(file_with("a", "some bytes"));
    ASSERT_TRUE(file) << file.error().what;
    slice = Bytes::of_file(*file, (*file)->bytes()).slice(5, 5);
  }
  EXPECT_EQ(as_text(slice.span()), "bytes");
}

}  // namespace
}  // namespace flowport

#include "base/temporary_file.h"

#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch_folder.h"

namespace flowport {
namespace {

using TemporaryFileTest = test::ScratchFolder;
using TemporaryFileDeathTest = test::ScratchFolder;

TEST_F(TemporaryFileTest, AppearsWholeOnCommit) {
  auto file = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_TRUE(file->write(bytes_of("some ")));
  ASSERT_TRUE(file->write(bytes_of("bytes")));
  EXPECT_EQ(file->offset(), 10U);
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
  EXPECT_EQ(file->path().parent_path(), folder());

  ASSERT_TRUE(file->commit());

  EXPECT_EQ(text_of(folder() / "out"), "some bytes");
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(TemporaryFileTest, LeavesNothingWithoutCommit) {
  {
    auto file = TemporaryFile::create(file_with("out", "before"));
    ASSERT_TRUE(file) << file.error().what;
    ASSERT_TRUE(file->write(bytes_of("some bytes")));
    EXPECT_EQ(files_in_folder(), 2U);
  }
  EXPECT_EQ(files_in_folder(), 1U);
  EXPECT_EQ(text_of(folder() / "out"), "before");
}

TEST_F(TemporaryFileTest, ReplacesTheTarget) {
  auto file = TemporaryFile::create(file_with("out", "before"));
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_TRUE(file->write(bytes_of("after")));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(text_of(folder() / "out"), "after");
}

TEST_F(TemporaryFileTest, KeepsTheOrderOfSmallAndLargePieces) {
  const std::string large(1'000'000, 'L');
  std::string expected;
  auto file = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(file) << file.error().what;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(file->write(bytes_of("small")));
    ASSERT_TRUE(file->write(bytes_of(large)));
    expected += "small" + large;
  }
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(file->write(bytes_of("small")));
    expected += "small";
  }
  EXPECT_EQ(file->offset(), expected.size());
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(text_of(folder() / "out"), expected);
}

TEST_F(TemporaryFileTest, PadsToAnAlignment) {
  auto file = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_TRUE(file->pad_to(4096));
  EXPECT_EQ(file->offset(), 0U);
  ASSERT_TRUE(file->write(bytes_of("x")));
  ASSERT_TRUE(file->pad_to(65536));
  EXPECT_EQ(file->offset(), 65536U);
  ASSERT_TRUE(file->pad_to(4096));
  EXPECT_EQ(file->offset(), 65536U);
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(text_of(folder() / "out"), "x" + std::string(65535, '\0'));
}

TEST_F(TemporaryFileTest, CanBeReadAtItsPathOnceClosed) {
  auto file = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_TRUE(file->write(bytes_of("bytes")));
  ASSERT_TRUE(file->close());
  ASSERT_TRUE(file->close());
  EXPECT_EQ(text_of(file->path()), "bytes");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(text_of(folder() / "out"), "bytes");
}

TEST_F(TemporaryFileTest, MovesWithItsFile) {
  auto file = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(file) << file.error().what;
  TemporaryFile moved = *std::move(file);
  ASSERT_TRUE(moved.write(bytes_of("one")));
  auto other = TemporaryFile::create(folder() / "other");
  ASSERT_TRUE(other) << other.error().what;
  *other = std::move(moved);
  EXPECT_EQ(files_in_folder(), 1U);
  ASSERT_TRUE(other->commit());
  EXPECT_EQ(text_of(folder() / "out"), "one");
}

TEST_F(TemporaryFileTest, TwoForOneTargetDoNotMix) {
  auto one = TemporaryFile::create(folder() / "out");
  auto two = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(one && two);
  ASSERT_TRUE(one->write(bytes_of("one")));
  ASSERT_TRUE(two->write(bytes_of("two")));
  ASSERT_TRUE(one->commit());
  EXPECT_EQ(text_of(folder() / "out"), "one");
  ASSERT_TRUE(two->commit());
  EXPECT_EQ(text_of(folder() / "out"), "two");
}

TEST_F(TemporaryFileTest, FollowsALink) {
  std::filesystem::create_directory(folder() / "there");
  std::filesystem::create_symlink("there/out", folder() / "link");
  auto file = TemporaryFile::create(folder() / "link");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_TRUE(file->write(bytes_of("bytes")));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(text_of(folder() / "there" / "out"), "bytes");
  EXPECT_TRUE(std::filesystem::is_symlink(folder() / "link"));
}

TEST_F(TemporaryFileTest, HasTheRightsOfAnOrdinaryFile) {
  auto file = TemporaryFile::create(folder() / "out");
  ASSERT_TRUE(file && file->commit());
  const mode_t mask = ::umask(0);
  ::umask(mask);
  struct stat status = {};
  ASSERT_EQ(::stat((folder() / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0666U & ~mask);
}

TEST_F(TemporaryFileTest, NamesWhatIsWrongWithTheTarget) {
  const auto missing = TemporaryFile::create(folder() / "none" / "out");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::kCheck);
  EXPECT_EQ(missing.error().where, (folder() / "none" / "out").string());
  EXPECT_EQ(missing.error().next, "create the folder, or give another one");

  const auto a_folder = TemporaryFile::create(folder());
  ASSERT_FALSE(a_folder);
  EXPECT_EQ(a_folder.error().what, "the output is a folder");

  const auto trailing_slash = TemporaryFile::create(folder() / "none" / "");
  ASSERT_FALSE(trailing_slash);
  EXPECT_EQ(trailing_slash.error().what, "the output is a folder");

  const auto device = TemporaryFile::create("/dev/null");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().what, "the output is not a regular file");
}

[[noreturn]] void write_without_permission(const std::filesystem::path& target) {
  constexpr uid_t kNobody = 65534;
  if (::geteuid() == 0 && ::setuid(kNobody) != 0) std::_Exit(2);
  const auto file = TemporaryFile::create(target);
  const bool refused = !file && file.error().fault == Fault::kCheck;
  std::_Exit(refused && file.error().next == "give a folder that you may write to" ? 0 : 3);
}

TEST_F(TemporaryFileDeathTest, NamesAFolderThatCannotBeWritten) {
  using std::filesystem::perms;
  constexpr perms kReadOnly = perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec;
  std::filesystem::permissions(folder(), kReadOnly);
  EXPECT_EXIT(write_without_permission(folder() / "out"), ::testing::ExitedWithCode(0), "");
  std::filesystem::permissions(folder(), perms::owner_all);
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(TemporaryFileTest, NamesLinksInACircle) {
  std::filesystem::create_symlink("b", folder() / "a");
  std::filesystem::create_symlink("a", folder() / "b");
  const auto file = TemporaryFile::create(folder() / "a");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().fault, Fault::kCheck);
}

// Runs in a process of its own: the limit stays for good.
[[noreturn]] void write_past_the_limit(const std::filesystem::path& target, bool in_small_pieces) {
  install_cleanup_on_signal();
  const rlimit limit = {100'000, 100'000};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(2);
  {
    auto file = TemporaryFile::create(target);
    if (!file) std::_Exit(3);
    Result<void> written;
    const std::string piece(in_small_pieces ? 1000 : 1'000'000, 'x');
    for (int i = 0; i < 1000 && written; ++i) written = file->write(std::as_bytes(std::span(piece)));
    if (written || written.error().fault != Fault::kCheck || written.error().next.empty()) std::_Exit(4);
  }
  std::_Exit(0);
}

TEST_F(TemporaryFileDeathTest, NoRoomIsAProblemAndLeavesNothing) {
  for (const bool in_small_pieces : {true, false}) {
    EXPECT_EXIT(write_past_the_limit(folder() / "out", in_small_pieces), ::testing::ExitedWithCode(0), "");
    EXPECT_EQ(files_in_folder(), 0U);
  }
}

[[noreturn]] void be_interrupted(const std::filesystem::path& folder, int signal) {
  install_cleanup_on_signal();
  auto committed = TemporaryFile::create(folder / "committed");
  auto open = TemporaryFile::create(folder / "open");
  auto closed = TemporaryFile::create(folder / "closed");
  if (!committed || !open || !closed || !committed->commit() || !closed->close()) std::_Exit(2);
  ::raise(signal);
  std::_Exit(3);
}

TEST_F(TemporaryFileDeathTest, ASignalRemovesWhatIsOpenAndEndsTheProgram) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(be_interrupted(folder(), signal), ::testing::KilledBySignal(signal), "");
    EXPECT_EQ(files_in_folder(), 1U);
    EXPECT_TRUE(std::filesystem::exists(folder() / "committed"));
  }
}

[[noreturn]] void ignore_hangups(const std::filesystem::path& target) {
  ::signal(SIGHUP, SIG_IGN);
  install_cleanup_on_signal();
  auto file = TemporaryFile::create(target);
  ::raise(SIGHUP);
  std::_Exit(file && file->commit() ? 0 : 2);
}

TEST_F(TemporaryFileDeathTest, AnIgnoredSignalStaysIgnored) {
  EXPECT_EXIT(ignore_hangups(folder() / "out"), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(files_in_folder(), 1U);
}

}  // namespace
}  // namespace flowport

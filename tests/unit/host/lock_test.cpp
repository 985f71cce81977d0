// --locked: nothing is loaded but what the lock file has.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/lock.h"
#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LockTest : public ::testing::Test {
 protected:
  LockTest() {
    installation_.contrib_plugins = scratch_ / "contrib";
    copy_fixture("lazy", scratch_ / "contrib/flowport_lazy.so");
    copy_fixture("good", scratch_ / "contrib/flowport_good.so");
  }

  std::filesystem::path write_lock() {
    registry::Registry registry;
    const auto lock = lock_of(load_plugins(only({}), installation_, registry).plugins);
    EXPECT_TRUE(lock.has_value());
    write_content(scratch_ / "plugins.lock", lock_text(*lock));
    return scratch_ / "plugins.lock";
  }
  LoadResult load_locked(std::vector<std::filesystem::path> files = {}) {
    LoadOptions options = only(std::move(files));
    const auto lock = read_lock(scratch_ / "plugins.lock");
    EXPECT_TRUE(lock.has_value());
    options.lock = *lock;
    return load_plugins(options, installation_, registry_);
  }

  Scratch scratch_;
  Installation installation_;
  registry::Registry registry_;
};

TEST_F(LockTest, TheSameFilesAreLoadedAndWork) {
  const auto path = write_lock();
  EXPECT_THAT(content_of(path), HasSubstr("  fixture.good 1.0.0\n"));
  EXPECT_THAT(content_of(path), HasSubstr("  fixture.lazy 1.0.0\n"));
  const LoadResult result = load_locked();
  EXPECT_THAT(result.problems, IsEmpty());
  for (const auto& record : result.plugins) EXPECT_TRUE(record.is_usable()) << record.reason;
  EXPECT_TRUE(registry_.rows("LazyOp")[0]->function().has_value());
  EXPECT_TRUE(registry_.rows("FixtureOp")[0]->function().has_value());
}

TEST_F(LockTest, AChangedFileIsRefused) {
  write_lock();
  write_content(scratch_ / "contrib/flowport_lazy.so", content_of(fixture("lazy")) + "x");
  const LoadResult result = load_locked();
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_EQ(result.plugins[1].rule, "P-029");
  EXPECT_THAT(result.plugins[1].reason, HasSubstr("this file has"));
  EXPECT_THAT(registry_.no_handler("LazyOp", {}).what, HasSubstr("P-029"));
}

/// What is loaded is what was hashed, whatever lies at the path by then.
TEST_F(LockTest, AFileReplacedAfterItsInspectionIsNotLoaded) {
  write_lock();
  const LoadResult result = load_locked();
  EXPECT_THAT(result.problems, IsEmpty());
  copy_fixture("ctor_crash", scratch_ / "new.so");
  std::filesystem::rename(scratch_ / "new.so", scratch_ / "contrib/flowport_lazy.so");
  const auto function = registry_.rows("LazyOp")[0]->function();
  ASSERT_FALSE(function.has_value());
  EXPECT_THAT(function.error().what, HasSubstr("[P-010]"));
}

TEST_F(LockTest, OthersAreRefused) {
  write_lock();
  const LoadResult result = load_locked({fixture("plain_a")});
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].what, HasSubstr("is not in"));
  EXPECT_EQ(result.plugins[0].rule, "P-029");
  EXPECT_EQ(result.plugins[0].id, "") << "no code of it may run";
}

TEST_F(LockTest, AbsentOnesAreErrors) {
  write_lock();
  std::filesystem::remove(scratch_ / "contrib/flowport_lazy.so");
  const LoadResult result = load_locked();
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].what, HasSubstr("'fixture.lazy' 1.0.0, which is locked, was not found"));
}

TEST_F(LockTest, FilesThatAreNone) {
  EXPECT_THAT(read_lock(scratch_ / "nothing").error().what, HasSubstr("cannot be read"));
  const auto error_of = [&](std::string_view text) {
    write_content(scratch_ / "plugins.lock", text);
    const auto lock = read_lock(scratch_ / "plugins.lock");
    return lock ? std::string() : lock.error().where + " " + lock.error().what;
  };
  const std::string hash(64, 'a');
  EXPECT_EQ(error_of("# nothing\n\n"), "");
  EXPECT_THAT(error_of("\nnonsense\n"), HasSubstr("plugins.lock:2 no line of a lock file: 'nonsense'"));
  EXPECT_THAT(error_of(hash + "  com.example\n"), HasSubstr("no line"));
  EXPECT_THAT(error_of(hash + "  com.example 1.0 more\n"), HasSubstr("no line"));
  EXPECT_THAT(error_of(hash + "  com.example 1.0\n" + hash + "  com.example 1.0\n"),
              HasSubstr(":2 'com.example' is locked twice"));
}

}  // namespace
}  // namespace flowport::host

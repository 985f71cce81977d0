#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "host/crash_note.h"

// A sanitizer has handlers of its own for some of these signals; SIGABRT is ours in every build.
namespace flowport::host {
namespace {

class CrashNoteDeathTest : public ::testing::Test {
 protected:
  CrashNoteDeathTest() { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(CrashNoteDeathTest, NamesPluginHandlerAndNode) {
  EXPECT_EXIT(
      {
        install_crash_handler();
        const CrashNote note("org.example", "MatMul", "model/dense/MatMul");
        std::abort();
      },
      ::testing::KilledBySignal(SIGABRT),
      "crashed by SIGABRT in plugin 'org.example', handler 'MatMul', TF node 'model/dense/MatMul'");
}

TEST_F(CrashNoteDeathTest, SignalTakesItsCourse) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    EXPECT_EXIT(
        {
          install_crash_handler();
          const CrashNote note("org.example", "Op", "node");
          std::raise(signal);
        },
        ::testing::KilledBySignal(signal), "plugin 'org.example'");
  }
}

TEST_F(CrashNoteDeathTest, OuterNoteHoldsAgain) {
  EXPECT_EXIT(
      {
        install_crash_handler();
        const CrashNote outer("outer", "Op", "node");
        { const CrashNote inner("inner", "Op", "node"); }
        std::abort();
      },
      ::testing::KilledBySignal(SIGABRT), "in plugin 'outer'");
}

TEST_F(CrashNoteDeathTest, OutsideOfPlugins) {
  EXPECT_EXIT(
      {
        install_crash_handler();
        { const CrashNote note("org.example", "Op", "node"); }
        std::abort();
      },
      ::testing::KilledBySignal(SIGABRT), "outside of any plugin");
}

TEST_F(CrashNoteDeathTest, OtherThreadsNoteIsNotOurs) {
  EXPECT_EXIT(
      {
        install_crash_handler();
        const CrashNote note("org.example", "Op", "node");
        std::thread([] { std::abort(); }).join();
      },
      ::testing::KilledBySignal(SIGABRT), "outside of any plugin");
}

TEST_F(CrashNoteDeathTest, LongTextsAreCut) {
  EXPECT_EXIT(
      {
        install_crash_handler();
        const CrashNote note("org.example", "Op", std::string(100000, 'x'));
        std::abort();
      },
      ::testing::KilledBySignal(SIGABRT), "TF node 'xxx");
}

}  // namespace
}  // namespace flowport::host

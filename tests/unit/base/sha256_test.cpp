#include "base/sha256.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace flowport {
namespace {

class Sha256 : public test::ScratchFolder {
 protected:
  std::string hash_of(const std::string& content) const {
    const int descriptor = ::open(file_with("file", content).c_str(), O_RDONLY);
    const auto hash = sha256_of(descriptor);
    EXPECT_EQ(sha256_of(descriptor), hash) << "the position does not matter";
    ::close(descriptor);
    return hash.value_or("none");
  }
};

/// The examples of FIPS 180-4.
TEST_F(Sha256, KnownAnswers) {
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_F(Sha256, UnreadableFile) { EXPECT_EQ(sha256_of(-1), std::nullopt); }

}  // namespace
}  // namespace flowport

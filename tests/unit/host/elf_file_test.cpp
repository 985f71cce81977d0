#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/elf_file.h"
#include "scratch.h"

namespace flowport::host {
namespace {

/// The number of the rule that `content` breaks, or "".
std::string broken_rule(const Scratch& scratch, std::string_view content) {
  write_content(scratch / "file", content);
  const int descriptor = ::open((scratch / "file").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_GE(descriptor, 0);
  const auto checked = check_elf(descriptor, content.size());
  ::close(descriptor);
  return checked ? std::string() : std::string(number_of(checked.error().rule));
}

class ElfFile : public ::testing::Test {
 protected:
  ElfFile() : content_(content_of(fixture("plain_a"))) { std::memcpy(&header_, content_.data(), sizeof(header_)); }
  std::string rule() {
    std::memcpy(content_.data(), &header_, sizeof(header_));
    return broken_rule(scratch_, content_);
  }
  /// The first segment of `type`, to be changed in place.
  void change_segment(std::uint32_t type, auto&& change) {
    for (std::size_t i = 0; i < header_.e_phnum; ++i) {
      Elf64_Phdr segment;
      char* const at = content_.data() + header_.e_phoff + i * sizeof(segment);
      std::memcpy(&segment, at, sizeof(segment));
      if (segment.p_type != type) continue;
      change(segment);
      std::memcpy(at, &segment, sizeof(segment));
      return;
    }
    FAIL() << "no segment of type " << type;
  }

  Scratch scratch_;
  std::string content_;
  Elf64_Ehdr header_;
};

TEST_F(ElfFile, WholeFile) { EXPECT_EQ(rule(), ""); }

TEST_F(ElfFile, Class32) {
  header_.e_ident[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(rule(), "P-005");
}

TEST_F(ElfFile, BigEndian) {
  header_.e_ident[EI_DATA] = ELFDATA2MSB;
  EXPECT_EQ(rule(), "P-005");
}

TEST_F(ElfFile, ProgramHeadersBehindTheEnd) {
  header_.e_phoff = content_.size() - 8;
  EXPECT_EQ(rule(), "P-008");
  header_.e_phoff = UINT64_MAX - 16;
  EXPECT_EQ(rule(), "P-008");
}

TEST_F(ElfFile, NoProgramHeaders) {
  header_.e_phnum = 0;
  EXPECT_EQ(rule(), "P-005");
}

TEST_F(ElfFile, TooManyProgramHeaders) {
  header_.e_phnum = 0xffff;
  EXPECT_EQ(rule(), "P-005");
}

TEST_F(ElfFile, OddProgramHeaderSize) {
  header_.e_phentsize = 32;
  EXPECT_EQ(rule(), "P-005");
}

TEST_F(ElfFile, SegmentBehindTheEnd) {
  change_segment(PT_LOAD, [&](Elf64_Phdr& segment) { segment.p_offset = content_.size() + 1; });
  EXPECT_EQ(rule(), "P-008");
}

TEST_F(ElfFile, SegmentWhoseEndOverflows) {
  change_segment(PT_LOAD, [&](Elf64_Phdr& segment) {
    segment.p_offset = 4096;
    segment.p_filesz = UINT64_MAX - 4000;
  });
  EXPECT_EQ(rule(), "P-008");
}

TEST_F(ElfFile, NoDynamicSection) {
  change_segment(PT_DYNAMIC, [](Elf64_Phdr& segment) { segment.p_type = PT_NULL; });
  EXPECT_EQ(rule(), "P-007");
}

/// Random bytes in the headers never do more than break a rule.
TEST_F(ElfFile, RandomHeaders) {
  std::mt19937 random(7);
  const std::size_t headers = sizeof(header_) + header_.e_phnum * sizeof(Elf64_Phdr);
  const std::string whole = content_;
  for (int round = 0; round < 500; ++round) {
    std::string content = whole;
    for (int i = 0; i < 4; ++i) content[random() % headers] = static_cast<char>(random());
    const std::string broken = broken_rule(scratch_, content);
    EXPECT_THAT(broken, ::testing::AnyOf("", "P-005", "P-006", "P-007", "P-008"));
  }
}

}  // namespace
}  // namespace flowport::host

#include "host/elf_file.h"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace flowport::host {
namespace {

#if defined(__x86_64__)
constexpr unsigned kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = EM_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr unsigned kMachine = EM_RISCV;
#else
#error "which ELF machine is this?"
#endif

constexpr std::uint64_t kMostProgramHeaders = 4096;
constexpr std::uint64_t kMostSections = 65536;
constexpr std::uint64_t kLongestSection = 16U << 20;

bool read_exactly(int descriptor, std::uint64_t offset, void* to, std::size_t count) {
  auto* at = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor, at, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

Checked<void> check_elf(int descriptor, std::uint64_t size) {
  const char* const kRebuild = "build the plugin as a shared library (meson: shared_module), and copy it whole";
  Elf64_Ehdr header;
  if (size < sizeof(header) || !read_exactly(descriptor, 0, &header, sizeof(header))) {
    return refuse(Rule::kElf, fmt::format("{} bytes are too few for an ELF file", size), kRebuild);
  }
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return refuse(Rule::kElf, "not an ELF file", kRebuild);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return refuse(Rule::kElf, "not a 64-bit little-endian ELF file", "build the plugin for this machine");
  }
  if (header.e_machine != kMachine) {
    return refuse(Rule::kMachine,
                  fmt::format("built for ELF machine {}, this is machine {}", header.e_machine, kMachine),
                  "build the plugin for this machine");
  }
  if (header.e_type != ET_DYN) {
    return refuse(Rule::kSharedObject, fmt::format("ELF type {} is not a shared object", header.e_type), kRebuild);
  }
  const std::uint64_t count = header.e_phnum;
  if (header.e_phentsize != sizeof(Elf64_Phdr) || count == 0 || count > kMostProgramHeaders) {
    return refuse(Rule::kElf, "its program headers are not readable", kRebuild);
  }
  if (header.e_phoff > size || count * sizeof(Elf64_Phdr) > size - header.e_phoff) {
    return refuse(Rule::kSegments, "its program headers lie behind the end of the file", kRebuild);
  }
  std::vector<Elf64_Phdr> segments(count);
  if (!read_exactly(descriptor, header.e_phoff, segments.data(), count * sizeof(Elf64_Phdr))) {
    return refuse(Rule::kSegments, "its program headers cannot be read", kRebuild);
  }
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC) continue;
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset) {
      return refuse(Rule::kSegments,
                    fmt::format("the file has {} bytes, but a segment of {} bytes begins at {}: it is cut off", size,
                                segment.p_filesz, segment.p_offset),
                    "copy or build the file again");
    }
  }
  if (std::ranges::none_of(segments, [](const Elf64_Phdr& s) { return s.p_type == PT_DYNAMIC; })) {
    return refuse(Rule::kSharedObject, "it has no dynamic section", kRebuild);
  }
  return {};
}

Checked<std::optional<std::string>> read_section(int descriptor, std::uint64_t size, std::string_view name) {
  const auto cut_off = [] {
    return refuse(Rule::kSegments, "its table of sections lies behind the end of the file: it is cut off",
                  "copy or build the file again");
  };
  const auto content_of = [&](const Elf64_Shdr& section) -> std::optional<std::string> {
    if (section.sh_type == SHT_NOBITS || section.sh_offset > size || section.sh_size > size - section.sh_offset ||
        section.sh_size > kLongestSection) {
      return std::nullopt;
    }
    std::string content(static_cast<std::size_t>(section.sh_size), '\0');
    if (!read_exactly(descriptor, section.sh_offset, content.data(), content.size())) return std::nullopt;
    return content;
  };

  Elf64_Ehdr header;
  if (!read_exactly(descriptor, 0, &header, sizeof(header))) return cut_off();
  const std::uint64_t count = header.e_shnum;
  if (header.e_shoff == 0 || count == 0) return std::nullopt;
  if (header.e_shentsize != sizeof(Elf64_Shdr) || count > kMostSections || header.e_shoff > size ||
      count * sizeof(Elf64_Shdr) > size - header.e_shoff || header.e_shstrndx >= count) {
    return cut_off();
  }
  std::vector<Elf64_Shdr> sections(count);
  if (!read_exactly(descriptor, header.e_shoff, sections.data(), count * sizeof(Elf64_Shdr))) return cut_off();
  const auto names = content_of(sections[header.e_shstrndx]);
  if (!names) return cut_off();
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_name >= names->size()) continue;
    const std::string_view rest = std::string_view(*names).substr(section.sh_name);
    if (rest.substr(0, rest.find('\0')) != name) continue;
    auto content = content_of(section);
    if (!content) return cut_off();
    return content;
  }
  return std::nullopt;
}

}  // namespace flowport::host

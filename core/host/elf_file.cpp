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

namespace {

/// The sections of a file, each read when it is asked for and only within the file's bounds.
class Sections {
 public:
  Sections(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  /// False: the table lies behind the end of the file, or is none.
  bool read();
  bool empty() const { return headers_.empty(); }
  const Elf64_Shdr* find(std::string_view name) const;
  std::optional<std::string> content(const Elf64_Shdr& section) const;
  std::optional<std::string> content(std::string_view name) const {
    const Elf64_Shdr* section = find(name);
    return section == nullptr ? std::nullopt : content(*section);
  }

 private:
  int descriptor_;
  std::uint64_t size_;
  std::vector<Elf64_Shdr> headers_;
  std::string names_;
};

bool Sections::read() {
  Elf64_Ehdr header;
  if (!read_exactly(descriptor_, 0, &header, sizeof(header))) return false;
  const std::uint64_t count = header.e_shnum;
  if (header.e_shoff == 0 || count == 0) return true;
  if (header.e_shentsize != sizeof(Elf64_Shdr) || count > kMostSections || header.e_shoff > size_ ||
      count * sizeof(Elf64_Shdr) > size_ - header.e_shoff || header.e_shstrndx >= count) {
    return false;
  }
  headers_.resize(count);
  if (!read_exactly(descriptor_, header.e_shoff, headers_.data(), count * sizeof(Elf64_Shdr))) return false;
  auto names = content(headers_[header.e_shstrndx]);
  if (names) names_ = *std::move(names);
  return names.has_value();
}

std::string_view text_at(std::string_view table, std::uint64_t offset) {
  if (offset >= table.size()) return {};
  table.remove_prefix(static_cast<std::size_t>(offset));
  return table.substr(0, table.find('\0'));
}

const Elf64_Shdr* Sections::find(std::string_view name) const {
  const auto it = std::ranges::find_if(headers_, [&](const auto& s) { return text_at(names_, s.sh_name) == name; });
  return it == headers_.end() ? nullptr : &*it;
}

std::optional<std::string> Sections::content(const Elf64_Shdr& section) const {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > size_ || section.sh_size > size_ - section.sh_offset ||
      section.sh_size > kLongestSection) {
    return std::nullopt;
  }
  std::string bytes(static_cast<std::size_t>(section.sh_size), '\0');
  if (!read_exactly(descriptor_, section.sh_offset, bytes.data(), bytes.size())) return std::nullopt;
  return bytes;
}

/// The whole entries of a table.
template <typename Entry>
std::vector<Entry> entries_of(std::string_view bytes) {
  std::vector<Entry> entries(bytes.size() / sizeof(Entry));
  if (!entries.empty()) std::memcpy(entries.data(), bytes.data(), entries.size() * sizeof(Entry));
  return entries;
}

}  // namespace

Checked<std::optional<std::string>> read_section(int descriptor, std::uint64_t size, std::string_view name) {
  const auto cut_off = [] {
    return refuse(Rule::kSegments, "its sections lie behind the end of the file: it is cut off",
                  "copy or build the file again");
  };
  Sections sections(descriptor, size);
  if (!sections.read()) return cut_off();
  const Elf64_Shdr* section = sections.find(name);
  if (section == nullptr) return std::nullopt;
  auto content = sections.content(*section);
  if (!content) return cut_off();
  return content;
}

std::optional<Linkage> read_linkage(int descriptor, std::uint64_t size) {
  Sections sections(descriptor, size);
  if (!sections.read() || sections.empty()) return std::nullopt;
  const auto texts = sections.content(".dynstr"), symbols = sections.content(".dynsym"),
             dynamic = sections.content(".dynamic");
  if (!texts || !symbols || !dynamic) return std::nullopt;
  Linkage linkage;
  for (const auto& entry : entries_of<Elf64_Dyn>(*dynamic)) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) linkage.needed.emplace_back(text_at(*texts, entry.d_un.d_val));
    if (entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH)
      linkage.runpath.emplace_back(text_at(*texts, entry.d_un.d_val));
  }
  for (const auto& symbol : entries_of<Elf64_Sym>(*symbols)) {
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    const bool is_visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
    const bool is_version = symbol.st_shndx == SHN_ABS;
    if (symbol.st_shndx != SHN_UNDEF && !is_version && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL && is_visible)
      linkage.exports.emplace_back(text_at(*texts, symbol.st_name));
  }
  std::ranges::sort(linkage.exports);
  return linkage;
}

}  // namespace flowport::host

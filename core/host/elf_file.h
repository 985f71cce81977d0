// As much of the ELF format as it takes to know that the dynamic linker will not run off the end of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/refusal.h"

namespace flowport::host {

/// Rules P-005 to P-008 for the open file `descriptor` of `size` bytes. Reads the header and the program headers, nothing else.
Checked<void> check_elf(int descriptor, std::uint64_t size);

/// The content of section `name` of a file that passed check_elf; nothing where it has no such section. Refuses a section, or a
/// table of sections, that lies behind the end of the file or is longer than any honest one (P-008).
Checked<std::optional<std::string>> read_section(int descriptor, std::uint64_t size, std::string_view name);

/// What a shared object asks of the dynamic linker, and what it offers.
struct Linkage {
  std::vector<std::string> needed;   ///< DT_NEEDED: names of libraries
  std::vector<std::string> runpath;  ///< DT_RPATH and DT_RUNPATH
  std::vector<std::string> exports;  ///< dynamic symbols that it defines, by name
};

/// Reads the linkage of a file that passed check_elf; nothing where it has no readable tables of sections and symbols.
std::optional<Linkage> read_linkage(int descriptor, std::uint64_t size);

}  // namespace flowport::host

// As much of the ELF format as it takes to know that the dynamic linker will not run off the end of a file.
#pragma once

#include <cstdint>

#include "host/refusal.h"

namespace flowport::host {

/// Rules P-005 to P-008 for the open file `descriptor` of `size` bytes. Reads the header and the program headers, nothing else.
Checked<void> check_elf(int descriptor, std::uint64_t size);

}  // namespace flowport::host

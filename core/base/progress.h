// How far a long piece of work is, told by who does it to who shows it. May be read from another thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace flowport {

struct Progress {
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> total = 0;  ///< 0: not known yet; an estimate, `done` may pass it

  void add(std::uint64_t amount) { done.fetch_add(amount, std::memory_order_relaxed); }
};

}  // namespace flowport

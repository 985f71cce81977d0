// Why a plugin is not taken.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "host/rules.h"

namespace flowport::host {

struct Refusal {
  Rule rule;
  std::string reason;
  std::string next;
};

template <typename T>
using Checked = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(Rule rule, std::string reason, std::string next) {
  return tl::make_unexpected(Refusal{rule, std::move(reason), std::move(next)});
}

}  // namespace flowport::host

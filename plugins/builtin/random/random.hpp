// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::random {

extern const HandlerRows kFractionalPool;
extern const HandlerRows kStateful;
extern const HandlerRows kStateless;

/// What the stateless ops do where not all of their inputs are known: the numbers, or the key and the counter of a seed.
void draw_at_run_time(const Node& node);
void scramble_at_run_time(const Node& node);

}  // namespace flowport::random

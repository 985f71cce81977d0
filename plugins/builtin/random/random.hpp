// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::random {

extern const HandlerRows kStateful;
extern const HandlerRows kStateless;

}  // namespace flowport::random

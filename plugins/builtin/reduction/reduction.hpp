// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::reduction {

extern const HandlerRows kReduce;

}  // namespace flowport::reduction

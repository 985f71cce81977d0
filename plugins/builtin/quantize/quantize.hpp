// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::quantize {

extern const HandlerRows kFake;

}  // namespace flowport::quantize

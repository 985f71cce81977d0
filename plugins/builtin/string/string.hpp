// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::string {

extern const HandlerRows kHash;
extern const HandlerRows kJoin;
extern const HandlerRows kText;

}  // namespace flowport::string

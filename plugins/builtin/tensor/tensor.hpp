// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::tensor {

extern const HandlerRows kGather;
extern const HandlerRows kJoin;
extern const HandlerRows kOrder;
extern const HandlerRows kPad;
extern const HandlerRows kShape;
extern const HandlerRows kSlice;
extern const HandlerRows kSpace;

}  // namespace flowport::tensor

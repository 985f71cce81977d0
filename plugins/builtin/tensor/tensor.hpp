// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::tensor {

extern const HandlerRows kChoose;
extern const HandlerRows kGather;
extern const HandlerRows kJoin;
extern const HandlerRows kOrder;
extern const HandlerRows kPad;
extern const HandlerRows kPatches;
extern const HandlerRows kRank;
extern const HandlerRows kScatter;
extern const HandlerRows kSequence;
extern const HandlerRows kShape;
extern const HandlerRows kSlice;
extern const HandlerRows kSpace;
extern const HandlerRows kTranspose;
extern const HandlerRows kUpdate;

/// What StridedSlice with its inputs 1 to 3 (begin, end, strides) and its masks takes of `x`.
Value strided_slice_of(const Node& node, const Value& x);

}  // namespace flowport::tensor

// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::image {

extern const HandlerRows kBoxes;
extern const HandlerRows kColour;
extern const HandlerRows kCrop;
extern const HandlerRows kDraw;
extern const HandlerRows kResample;
extern const HandlerRows kResize;
extern const HandlerRows kTransform;

}  // namespace flowport::image

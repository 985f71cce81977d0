#include "image.hpp"

using namespace flowport::image;

FLOWPORT_PLUGIN_OF(
    (flowport::PluginInfo{
        .id = "org.flowport.image", .version = "0.1.0", .summary = "Resizing, colour, boxes", .license = "Apache-2.0"}),
    kBoxes, kColour, kCrop, kDraw, kResample, kResize, kTransform)

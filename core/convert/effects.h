// What a TensorFlow program does beside computing its outputs.
#pragma once

#include <span>

#include "convert/engine.h"

namespace flowport::convert {

/// After a run: refuses, by name, every assignment that TensorFlow would carry out before one of `roots`, by data or by control,
/// unless nothing that was run reads what it writes.
/// Only graphs that write state at all are looked at.
void refuse_writes(Engine& engine, std::span<const Ref> roots);

}  // namespace flowport::convert

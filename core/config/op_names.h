// Names of TF ops in configuration files.
#pragma once

#include <string>

#include "config/fields.h"
#include "tensorflow/op_table.h"

namespace flowport::config {

/// Reports a name that TensorFlow does not have, and has but for case and underscores: an op of the model is hardly called so.
void check_op_name(const std::string& name, Mark mark, const tf::OpTable& ops, Diagnostics& diagnostics);

}  // namespace flowport::config

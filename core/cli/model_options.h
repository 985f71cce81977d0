// The options that choose a model and its interface; of `convert` and `check`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/problem.h"
#include "convert/interface.h"
#include "registry/registry.h"
#include "tensorflow/program.h"

namespace boost::program_options {
class options_description;
}

namespace flowport::cli {

struct ModelOptions {
  std::string path;
  std::vector<std::string> tags;
  convert::InterfaceOptions interface;

  /// --signature, --tag, --inputs, --outputs, --shape.
  void describe(boost::program_options::options_description& options);
  /// Reads what describe()'s options were given; all problems at once.
  Problems finish();
  /// Ops that TensorFlow does not have are what the model says of them, else what `registry` has declarations of.
  Result<std::unique_ptr<tf::Program>> read(const registry::Registry& registry) const;

 private:
  std::string inputs_, outputs_;
  std::vector<std::string> shapes_;
};

}  // namespace flowport::cli

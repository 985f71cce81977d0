// The options that choose a model and its interface; of `convert` and `check`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/problem.h"
#include "convert/interface.h"
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
  Result<std::unique_ptr<tf::Program>> read() const;

 private:
  std::string inputs_, outputs_;
  std::vector<std::string> shapes_;
};

}  // namespace flowport::cli

#include "cli/model_options.h"

#include <boost/program_options.hpp>

#include "cli/parse.h"
#include "tensorflow/reader.h"

namespace flowport::cli {

namespace po = boost::program_options;

void ModelOptions::describe(po::options_description& options) {
  options.add_options()("signature", po::value(&interface.signature)->value_name("KEY"),
                        "signature to convert (default serving_default)")(
      "tag", po::value(&tags)->value_name("TAG"), "tag of the MetaGraph of a SavedModel; repeatable")(
      "inputs", po::value(&inputs_)->value_name("A:0,B:0"), "tensors that become the inputs; anywhere in the graph")(
      "outputs", po::value(&outputs_)->value_name("C:0"), "tensors that become the outputs; anywhere in the graph")(
      "shape", po::value(&shapes_)->value_name("X=N,224,224,3"),
      "shape of an input; names stand for unknown dims; repeatable");
}

Problems ModelOptions::finish() {
  Problems problems;
  interface.inputs = split_names(inputs_);
  interface.outputs = split_names(outputs_);
  for (const auto& shape : shapes_) {
    auto spec = parse_shape(shape);
    if (spec) {
      interface.shapes.insert(*std::move(spec));
    } else {
      problems.push_back(spec.error());
    }
  }
  return problems;
}

Result<std::unique_ptr<tf::Program>> ModelOptions::read(const registry::Registry& registry) const {
  return tf::read_model(path, {tags, registry.tf_op_list()});
}

}  // namespace flowport::cli

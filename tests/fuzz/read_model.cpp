// Model files with any bytes: read them, and look at everything that the converter would look at. The first byte chooses the
// format. A SavedModel with weights is made of three parts: graph and index, each after its size in two bytes, and the shard.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "scratch.h"
#include "tensorflow/reader.h"

namespace {

using flowport::fuzz::Input;
using flowport::fuzz::put;
using flowport::fuzz::scratch;

/// Takes two bytes of size, and as many bytes as they say, from the front of `input`.
Input take_sized(Input& input) {
  if (input.size() < 2) return {};
  const std::size_t size = std::min<std::size_t>(input[0] * 256U + input[1], input.size() - 2);
  const Input part = input.subspan(2, size);
  input = input.subspan(2 + size);
  return part;
}

void look_at_graph(const flowport::tf::Program& program, const flowport::tf::Graph& graph) {
  for (const flowport::tf::Node& node : graph.nodes) {
    const std::int32_t outputs = std::min(program.output_count(node), 100);
    for (std::int32_t i = 0; i < outputs; ++i) static_cast<void>(program.output_type(node, i));
    static_cast<void>(program.tensor_attr(node, "value"));
    static_cast<void>(program.variable(node));
  }
}

void look_at(const std::filesystem::path& path) {
  const auto program = flowport::tf::read_model(path);
  if (!program) return;
  look_at_graph(**program, (*program)->main());
  for (const std::string_view name : (*program)->function_names()) {
    if (const auto graph = (*program)->function(name)) look_at_graph(**program, **graph);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  if (input.empty()) return 0;
  const unsigned format = input[0] % 4U;
  input = input.subspan(1);
  std::filesystem::remove_all(scratch());
  switch (format) {
    case 0:
      put(scratch() / "graph.pb", input);
      look_at(scratch() / "graph.pb");
      break;
    case 1:
      put(scratch() / "graph.pbtxt", input);
      look_at(scratch() / "graph.pbtxt");
      break;
    case 2:
      put(scratch() / "model" / "saved_model.pb", input);
      look_at(scratch() / "model");
      break;
    default: {
      const Input graph = take_sized(input);
      const Input index = take_sized(input);
      put(scratch() / "model" / "saved_model.pb", graph);
      put(scratch() / "model" / "variables" / "variables.index", index);
      put(scratch() / "model" / "variables" / "variables.data-00000-of-00001", input);
      look_at(scratch() / "model");
    }
  }
  std::filesystem::remove_all(scratch());
  return 0;
}

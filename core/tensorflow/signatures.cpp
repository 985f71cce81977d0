#include "tensorflow/signatures.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tensorflow/initializers.h"
#include "tensorflow/protos/saved_model.pb.h"

namespace flowport::tf {
namespace {

std::optional<std::vector<std::int64_t>> dims_of(const proto::TensorInfo& info) {
  if (!info.has_tensor_shape() || info.tensor_shape().unknown_rank()) return std::nullopt;
  std::vector<std::int64_t> dims;
  for (const auto& dim : info.tensor_shape().dim()) dims.push_back(dim.size() < 0 ? -1 : dim.size());
  return dims;
}

Endpoint endpoint(std::string name, const std::string& tensor, DataType dtype,
                  std::optional<std::vector<std::int64_t>> dims) {
  return {std::move(name), tensor.find(':') == std::string::npos ? tensor + ":0" : tensor, base_type(dtype),
          std::move(dims)};
}

void add(const std::string& name, const proto::TensorInfo& info, std::vector<Endpoint>& endpoints) {
  const auto dtype = static_cast<DataType>(info.dtype());
  switch (info.encoding_case()) {
    case proto::TensorInfo::kCooSparse: {
      const auto& sparse = info.coo_sparse();
      endpoints.push_back(endpoint(name + "/indices", sparse.indices_tensor_name(), DataType::kInt64,
                                   std::vector<std::int64_t>{-1, -1}));
      endpoints.push_back(
          endpoint(name + "/values", sparse.values_tensor_name(), dtype, std::vector<std::int64_t>{-1}));
      endpoints.push_back(endpoint(name + "/dense_shape", sparse.dense_shape_tensor_name(), DataType::kInt64,
                                   std::vector<std::int64_t>{-1}));
      break;
    }
    case proto::TensorInfo::kCompositeTensor: {
      int index = 0;
      for (const auto& part : info.composite_tensor().components()) {
        endpoints.push_back(endpoint(fmt::format("{}/{}", name, index++), part.name(),
                                     static_cast<DataType>(part.dtype()), dims_of(part)));
      }
      break;
    }
    default: endpoints.push_back(endpoint(name, info.name(), dtype, dims_of(info)));
  }
}

/// Where the tensor stands in the graph; behind everything when it does not.
std::pair<NodeIndex, std::int32_t> position(const std::string& tensor, const Graph& main) {
  const Edge edge = edge_of(main, tensor);
  return {edge.node < 0 ? std::numeric_limits<NodeIndex>::max() : edge.node, edge.output};
}

std::vector<Endpoint> read_endpoints(const google::protobuf::Map<std::string, proto::TensorInfo>& infos,
                                     const Graph& main) {
  std::vector<std::pair<std::string, const proto::TensorInfo*>> by_name;
  for (const auto& [name, info] : infos) by_name.emplace_back(name, &info);
  std::ranges::sort(by_name, {}, [](const auto& entry) -> const std::string& { return entry.first; });
  std::vector<Endpoint> endpoints;
  for (const auto& [name, info] : by_name) add(name, *info, endpoints);
  std::ranges::stable_sort(endpoints, {}, [&](const Endpoint& at) { return position(at.tensor, main); });
  return endpoints;
}

}  // namespace

Edge edge_of(const Graph& main, std::string_view tensor) {
  const auto colon = std::min(tensor.rfind(':'), tensor.size());
  Edge edge{main.find(tensor.substr(0, colon)), 0};
  if (colon < tensor.size()) std::from_chars(tensor.data() + colon + 1, tensor.data() + tensor.size(), edge.output);
  return edge;
}

std::vector<Signature> read_signatures(const proto::MetaGraphDef& meta_graph, const Graph& main) {
  std::vector<Signature> signatures;
  for (const auto& [key, def] : meta_graph.signature_def()) {
    if (key == kInitSignature || key == kTrainSignature) continue;
    signatures.push_back(
        {key, def.method_name(), read_endpoints(def.inputs(), main), read_endpoints(def.outputs(), main)});
  }
  std::ranges::sort(signatures, {}, &Signature::key);
  return signatures;
}

}  // namespace flowport::tf

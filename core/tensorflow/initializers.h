// What TensorFlow runs after it has loaded a model.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "tensorflow/program.h"

namespace flowport::tf {

namespace proto {
class MetaGraphDef;
}

/// The signature that names the initializer in a TF2 SavedModel; it is no signature for users, nor is the second.
constexpr std::string_view kInitSignature = "__saved_model_init_op";
constexpr std::string_view kTrainSignature = "__saved_model_train_op";

/// Collections of TF1 that name such nodes.
constexpr std::array<std::string_view, 3> kInitializerCollections = {"saved_model_main_op", "legacy_init_op",
                                                                     "table_initializer"};

/// The nodes, in order of their mention; names that the graph does not have are left out.
std::vector<NodeIndex> find_initializers(const proto::MetaGraphDef& meta_graph, const Graph& main);

}  // namespace flowport::tf

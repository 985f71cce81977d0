// A TensorFlow program as it was saved: a main graph, functions, signatures and weights. Nothing here knows ONNX.
//
// A Program is made by one of the readers (read_model in reader.h) and is read-only afterwards. Nodes keep their NodeDef,
// from which attributes are read; edges are resolved to (node, flat output index) when a graph is built.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/problem.h"
#include "tensorflow/data_type.h"

namespace flowport::tf {

namespace proto {  // core/tensorflow/protos/*.proto, package flowport.tf.proto
class NodeDef;
class AttrValue;
class OpDef;
class TensorProto;
}  // namespace proto

using NodeIndex = std::int32_t;

/// Output `output` (flat index over all output arguments) of node `node`.
struct Edge {
  NodeIndex node = -1;
  std::int32_t output = 0;
  friend bool operator==(const Edge&, const Edge&) = default;
};

/// What a graph tells of an output of a node whose op nobody defines.
struct OutputFact {
  DataType type = DataType::kInvalid;
  bool presumed = false;  ///< by the customary names of attributes only: whoever converts the op may know better
};

struct Node {
  std::string_view name;
  std::string_view op;
  const proto::NodeDef* def = nullptr;
  std::vector<Edge> inputs;  ///< data inputs, flat
  std::vector<NodeIndex> control_inputs;
  std::int32_t used_outputs = 0;  ///< one more than the highest flat output that something in the graph refers to
  const std::vector<OutputFact>* facts = nullptr;  ///< null where the op is defined (undefined_ops.h)
};

/// A dense tensor with all of TensorProto's compressed forms undone. `bytes` is little-endian, row-major; 4-bit types take
/// a byte an element as in TensorFlow; strings are in `strings`.
struct Tensor {
  DataType dtype = DataType::kInvalid;
  std::vector<std::int64_t> dims;
  Bytes bytes;
  std::vector<std::string> strings;
};

/// The main graph (name "") or the body of a function.
struct Graph {
  std::string name;
  std::vector<Node> nodes;
  /// Functions only. Arguments are nodes with op "_Arg" (attr "index", "T"), made by the reader, in argument order.
  std::vector<NodeIndex> args;
  std::vector<std::string> arg_names;
  std::vector<Edge> rets;
  std::vector<std::string> ret_names;
  std::vector<NodeIndex> control_rets;
  /// True when a node here, or in a function that is called from here, writes a variable or a table.
  bool may_write_state = false;
  /// True when a node here, or in a function that is called from here, is an op on stacks.
  bool may_use_stacks = false;
  /// Nodes with an input that does not exist, or that is ambiguous: the edge has node -1. Such a node may be of no use to
  /// the wanted outputs (training graphs), so that it is a problem only for whoever needs the node.
  std::map<NodeIndex, Problem> broken;

  /// Index of the node called `node_name`, or -1.
  NodeIndex find(std::string_view node_name) const {
    const auto it = index.find(node_name);
    return it == index.end() ? -1 : it->second;
  }

  std::unordered_map<std::string_view, NodeIndex> index;
  std::map<NodeIndex, std::vector<OutputFact>> undefined;  ///< what `Node::facts` points to
};

/// One named input or output of a signature.
struct Endpoint {
  std::string name;    ///< the signature's name for it: the name in the ONNX model
  std::string tensor;  ///< TF tensor name in the main graph, "node:0"
  DataType dtype = DataType::kInvalid;
  std::optional<std::vector<std::int64_t>> dims;  ///< -1 = unknown dim; nullopt = unknown rank
};

struct Signature {
  std::string key;  ///< "serving_default", ...
  std::string method;
  std::vector<Endpoint> inputs;   ///< in order of the main graph's nodes
  std::vector<Endpoint> outputs;  ///< in order of (node, output index)
};

/// Which format a model came from, for `inspect` and messages.
enum class Format { kSavedModel, kGraphDef, kGraphDefText, kCheckpoint };

/// Name, arguments and attribute defaults of all TF ops known to us, of those listed in the model's own stripped_op_list and
/// of those that plugins declare. Arguments expand by number_attr / type_list_attr as in tensorflow/core/framework/op_def.proto.
class OpTable;

class Program {
 public:
  virtual ~Program() = default;

  virtual Format format() const = 0;
  virtual const std::filesystem::path& path() const = 0;
  virtual const Graph& main() const = 0;
  virtual const std::vector<Signature>& signatures() const = 0;
  /// Tags of the chosen MetaGraph; empty for other formats.
  virtual const std::vector<std::string>& tags() const = 0;
  virtual std::vector<std::string_view> function_names() const = 0;
  /// Nodes of the main graph and of all functions, called or not.
  virtual std::size_t node_count() const = 0;

  /// The body of function `name`; built on first use. Errors: missing function (near names given), bad edges.
  virtual Result<const Graph*> function(std::string_view name) const = 0;
  /// True when the library has a function of that name (its name may stand as the op of a node).
  virtual bool has_function(std::string_view name) const = 0;

  /// OpDef of `op` (model's list first, then the op table), or null.
  virtual const proto::OpDef* op_def(std::string_view op) const = 0;

  /// Attribute `name` of `node`, the OpDef's default where the node has none, or null.
  virtual const proto::AttrValue* attr(const Node& node, std::string_view name) const = 0;

  /// Content of a Const node's "value" attribute, or of any other TensorProto attribute `name`.
  virtual Result<Tensor> tensor_attr(const Node& node, std::string_view name) const = 0;

  /// Content of the variable that the main graph's node `node` (VarHandleOp, VariableV2, Variable, VarIsInitialized's input ...)
  /// stands for, as saved in the checkpoint. Errors: no checkpoint, variable not in it (near names given), bad entry.
  virtual Result<Tensor> variable(const Node& node) const = 0;
  /// Keys and values of the lookup table that the main graph's node `node` (MutableHashTableV2 and kin) makes, where the
  /// checkpoint has them: tables that initializers fill are not in it. Errors: no checkpoint, table not in it, bad entry.
  virtual Result<std::pair<Tensor, Tensor>> table(const Node& node) const = 0;

  /// Dtype of flat output `i` of `node`, by its OpDef and attributes, or by `Node::facts`; kInvalid where unknown.
  virtual DataType output_type(const Node& node, std::int32_t i) const = 0;
  /// Number of flat outputs; where the op is not defined, as many as are known of, and at least 1.
  virtual std::int32_t output_count(const Node& node) const = 0;
  /// Flat index of the first input of argument `arg` and how many it has; nullopt where the OpDef has no such argument.
  virtual std::optional<std::pair<std::int32_t, std::int32_t>> input_range(const Node& node,
                                                                           std::string_view arg) const = 0;
  /// A file of the SavedModel's assets folder, by the name that the graph has for it. Parts ".." and a root are left out of
  /// `name`. Other formats look beside the model file.
  virtual std::filesystem::path asset(std::string_view name) const = 0;
  /// True for a node of the main graph that TensorFlow replaces by the path of an asset when it loads: a Const, or a
  /// Placeholder whose value a variable is set to. Its `tensor_attr(node, "value")`, and the content of that variable, is
  /// the name of the asset.
  virtual bool is_asset(const Node& node) const = 0;
  /// Nodes of the main graph that TensorFlow runs after loading: they fill tables and set variables that no checkpoint has.
  virtual const std::vector<NodeIndex>& initializers() const = 0;
};

}  // namespace flowport::tf

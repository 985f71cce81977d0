// An op of a domain of its own: the schema that emitted nodes are checked against, and what the run-time needs.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;

// TF:   MyBlur(x: float) -> y: float, attr sigma: float
// ONNX: com.example::Blur
void blur(const Node& node) {
  const flowport::Value x = node.input(0);
  const flowport::Value y = node.emit("Blur", {x}, {{"sigma", node.attr<float>("sigma")}}, "com.example");
  node.set_type(y, {x.dtype(), x.dims()});  // nothing else knows
  node.bind(y);
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<blur>("MyBlur")};

constexpr flowport_schema_attr kBlurAttrs[] = {{.name = "sigma", .kind = FLOWPORT_ATTR_FLOAT, .required = 1}};
constexpr flowport_schema kSchemas[] = {{.domain = "com.example",
                                         .op = "Blur",
                                         .since_version = 1,
                                         .min_inputs = 1,
                                         .max_inputs = 1,
                                         .min_outputs = 1,
                                         .max_outputs = 1,
                                         .attrs = flowport::table_of<flowport_schema_attr>(kBlurAttrs),
                                         .library = "libexample_blur.so",
                                         .registration = "SessionOptions.register_custom_ops_library"}};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.custom_domain", .version = "1.0.0", .summary = "Blur", .license = "Apache-2.0"},
                kHandlers, {}, kSchemas)

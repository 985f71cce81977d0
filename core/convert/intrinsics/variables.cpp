#include <fmt/format.h>

#include "convert/intrinsics/intrinsics.h"
#include "convert/types.h"

namespace flowport::convert::intrinsics {

Step variable(Frame& frame) {
  frame.bind(Bound::variable(frame.engine().variable_of(frame.node())));
  return Step::kDone;
}

Step read_variable(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_input(0);
    return Step::kNeed;
  }
  if (frame.input(0).kind == Bound::Kind::kDead) {
    frame.bind(Bound::dead());
    return Step::kDone;
  }
  if (const auto value = frame.tensor_input(0)) frame.bind(Bound::tensor(*value));
  return Step::kDone;
}

Step variable_is_initialized(Frame& frame) {
  auto& model = frame.engine().model();
  const std::byte yes{1};
  frame.bind(Bound::tensor(model.add_constant(ir::Constant::make(ir::DType::kBool, {}, Bytes(std::vector{yes})))));
  return Step::kDone;
}

Step variable_shape(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_input(0);
    return Step::kNeed;
  }
  auto& engine = frame.engine();
  const auto value = frame.tensor_input(0);
  if (!value) return Step::kDone;
  engine.set_origin(frame.scope(), frame.node(), "core");
  auto& graph = *frame.scope().target;
  auto shape = engine.emitter().emit(graph, "Shape", {*value});
  if (shape && is_complex(engine.dtype_of({&frame.scope(), frame.node().inputs[0]}))) {
    const auto ints = [&](std::int64_t number) {
      return engine.model().add_constant(ir::Constant::ints(std::span(&number, 1)));
    };
    shape = engine.emitter().emit(graph, "Slice", {*shape, ints(0), ints(-1)});  // without the dim of the parts
  }
  if (shape && engine.program().output_type(frame.node(), 0) == tf::DataType::kInt32) {
    shape = engine.emitter().cast(graph, *shape, ir::DType::kInt32);
  }
  if (!shape) return frame.fail(shape.error());
  frame.bind(Bound::tensor(*shape));
  return Step::kDone;
}

Problem refusal_of_write() {
  return {Fault::kUnsupported,
          "an output depends on this assignment, and an ONNX model has no variables to write",
          {},
          "export the inference function (training=False), or choose outputs that do not need it with --outputs"};
}

Step write_variable(Frame& frame) { return frame.fail(refusal_of_write()); }

}  // namespace flowport::convert::intrinsics

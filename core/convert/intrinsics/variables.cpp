#include <fmt/format.h>

#include "convert/intrinsics/intrinsics.h"

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
  auto shape = engine.emitter().emit(*frame.scope().target, "Shape", {*value});
  if (shape && engine.program().output_type(frame.node(), 0) == tf::DataType::kInt32) {
    shape = engine.emitter().cast(*frame.scope().target, *shape, ir::DType::kInt32);
  }
  if (!shape) return frame.fail(shape.error());
  frame.bind(Bound::tensor(*shape));
  return Step::kDone;
}

Step write_variable(Frame& frame) {
  return frame.fail(
      "an output depends on this assignment, and an ONNX model has no variables to write",
      "export the inference function (training=False), or choose outputs that do not need it with --outputs");
}

}  // namespace flowport::convert::intrinsics

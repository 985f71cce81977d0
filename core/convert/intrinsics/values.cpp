#include <fmt/format.h>

#include "convert/interface.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/types.h"

namespace flowport::convert::intrinsics {

Step constant(Frame& frame) {
  auto& engine = frame.engine();
  auto tensor = engine.program().tensor_attr(frame.node(), "value");
  if (!tensor) return frame.fail(tensor.error());
  auto content = to_constant(*tensor);
  if (!content) return frame.fail(content.error());
  frame.bind(Bound::tensor(engine.model().add_constant(*content)));
  return Step::kDone;
}

Step placeholder(Frame& frame) {
  auto& engine = frame.engine();
  if (!engine.open_inputs()) {
    return frame.fail("the output needs this input, which is not among the chosen ones",
                      fmt::format("add {} to --inputs", frame.node().name), Fault::kUsage);
  }
  auto input = add_input(engine, frame.scope(), {frame.index(), 0}, std::string(frame.node().name), nullptr);
  if (!input) return frame.fail(input.error());
  frame.bind(Bound::tensor(*input));
  return Step::kDone;
}

Step placeholder_with_default(Frame& frame) {
  frame.need_input(0);
  if (frame.state().step == 0) return Step::kNeed;
  frame.bind(frame.input(0));
  return Step::kDone;
}

Step identity(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  std::vector<Bound> outputs;
  for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) outputs.push_back(frame.input(i));
  frame.bind(std::move(outputs));
  return Step::kDone;
}

}  // namespace flowport::convert::intrinsics

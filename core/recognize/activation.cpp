#include "recognize/activation.h"

#include <cmath>

namespace flowport::recognize {

namespace {

/// scale * operand + shift
struct Affine {
  double scale = 1, shift = 0;
  Part operand;
};

class Reader {
 public:
  explicit Reader(const LoopStep& step) : step_(step), index_(step.index()) {}

  std::optional<ActivationOf> op_of(const Part& part) const {
    const auto* made = index_.maker(part.value);
    if (made == nullptr || !made->domain.empty() || made->inputs.size() != 1) return std::nullopt;
    const auto operand = step_.operand(*made, 0, part);
    if (!operand) return std::nullopt;
    ActivationOf found{{made->op, {}, {}}, *operand};
    for (const auto& attribute : made->attributes) {
      const auto* number = std::get_if<float>(&attribute.value);
      if (number == nullptr || (attribute.name != "alpha" && attribute.name != "beta")) return std::nullopt;
      (attribute.name == "alpha" ? found.activation.alpha : found.activation.beta) = *number;
    }
    return found;
  }

  std::optional<ActivationOf> hard_sigmoid_of(const Part& part) const {
    const Affine outer = affine(part);
    const auto clip = clip_of(outer.operand);
    if (!clip || outer.shift != 0 || !is_near(outer.scale * clip->most, 1) || clip->least != 0) return std::nullopt;
    const Affine inner = affine(clip->operand);
    const Activation activation{"HardSigmoid", static_cast<float>(outer.scale * inner.scale),
                                static_cast<float>(outer.scale * inner.shift)};
    return ActivationOf{activation, inner.operand};
  }

 private:
  struct Clip {
    double least = 0, most = 0;
    Part operand;
  };

  static bool is_near(double a, double b) { return std::abs(a - b) <= 1e-6 * std::abs(b); }

  /// A number that is input `i`.
  std::optional<double> number(const ir::Node& node, std::size_t i) const {
    return i < node.inputs.size() ? index_.number(node.inputs[i]) : std::nullopt;
  }

  /// `part` as a multiple of a value and a number, as far as it is made so.
  Affine affine(const Part& part) const {
    Affine of{1, 0, part};
    while (const auto* made = index_.maker(of.operand.value)) {
      if (!made->domain.empty() || made->inputs.size() != 2) break;
      const std::size_t side = number(*made, 0) ? 1 : 0;
      const auto by = number(*made, 1 - side);
      const auto operand = step_.operand(*made, side, of.operand);
      if (!by || !operand) break;
      if (made->op == "Mul") {
        of.scale *= *by;
      } else if (made->op == "Div" && side == 0 && *by != 0) {
        of.scale /= *by;
      } else if (made->op == "Add") {
        of.shift += of.scale * *by;
      } else if (made->op == "Sub" && side == 0) {
        of.shift -= of.scale * *by;
      } else {
        break;
      }
      of.operand = *operand;
    }
    return of;
  }

  /// Clip, or Min and Max in either order: the same where the least bound is not above the other.
  std::optional<Clip> clip_of(const Part& part) const {
    if (const auto* made = index_.made_by(part.value, "Clip")) {
      const auto least = number(*made, 1);
      const auto most = number(*made, 2);
      const auto operand = step_.operand(*made, 0, part);
      if (!least || !most || !operand) return std::nullopt;
      return Clip{*least, *most, *operand};
    }
    for (const bool min_last : {true, false}) {
      const auto last = bounded(part, min_last ? "Min" : "Max");
      const auto first = last ? bounded(last->operand, min_last ? "Max" : "Min") : std::nullopt;
      if (!first) continue;
      return min_last ? Clip{first->bound, last->bound, first->operand}
                      : Clip{last->bound, first->bound, first->operand};
    }
    return std::nullopt;
  }

  struct Bounded {
    double bound = 0;
    Part operand;
  };

  std::optional<Bounded> bounded(const Part& part, std::string_view op) const {
    const auto* made = index_.made_by(part.value, op);
    if (made == nullptr || made->inputs.size() != 2) return std::nullopt;
    const std::size_t side = number(*made, 0) ? 1 : 0;
    const auto bound = number(*made, 1 - side);
    const auto operand = step_.operand(*made, side, part);
    if (!bound || !operand) return std::nullopt;
    return Bounded{*bound, *operand};
  }

  const LoopStep& step_;
  const Index& index_;
};

}  // namespace

std::optional<ActivationOf> activation_of(const LoopStep& step, const Part& part) {
  const Reader reader(step);
  if (auto op = reader.op_of(part)) return op;
  return reader.hard_sigmoid_of(part);
}

}  // namespace flowport::recognize

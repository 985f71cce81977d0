#include "optimize/optimize.h"

#include <algorithm>
#include <array>

#include "optimize/editor.h"
#include "optimize/fold/fold.h"
#include "optimize/fuse/fuse.h"
#include "optimize/identities/identities.h"
#include "optimize/known.h"
#include "optimize/layout/layout.h"
#include "optimize/merge.h"

namespace flowport::optimize {

namespace {

using Run = std::size_t (*)(Editor&);

struct Pass {
  PassInfo info;
  Run run;
};

constexpr std::array kPasses = {
    Pass{{"known", "Replace nodes whose inputs are known by their result."}, &evaluate_known},
    Pass{{"identities", "Remove nodes that change nothing, and join reshapes and transposes that follow one another."},
         &remove_identities},
    Pass{{"merge", "Let equal nodes with equal inputs be one."}, &merge_equal},
    Pass{{"layout", "Reorder axes so that few Transposes of data are left."}, &change_layout},
    Pass{{"fold", "Fold constant factors, biases, normalisation and padding into convolutions and matrix products."},
         &fold_constants},
    Pass{{"fuse", "Say formulas by the ONNX op that exists for them: normalisation, Gelu, HardSwish, PRelu."},
         &fuse_formulas},
};

/// Passes by their place in kPasses. What layout leaves behind is joined and merged again; folding wants that done.
constexpr std::array<std::size_t, 10> kOrder = {0, 1, 2, 3, 1, 4, 5, 0, 1, 2};

constexpr auto kInfos = [] {
  std::array<PassInfo, kPasses.size()> infos{};
  for (std::size_t i = 0; i < kPasses.size(); ++i) infos[i] = kPasses[i].info;
  return infos;
}();

}  // namespace

std::span<const PassInfo> passes() { return kInfos; }

std::vector<PassResult> optimize(ir::Model& model, const OptimizeOptions& options) {
  std::array<std::size_t, kPasses.size()> changes{};
  std::array<bool, kPasses.size()> enabled{};
  for (std::size_t i = 0; i < kPasses.size(); ++i) {
    enabled[i] =
        std::find(options.disabled.begin(), options.disabled.end(), kPasses[i].info.name) == options.disabled.end();
  }
  {
    Editor editor(model, options.takes);
    editor.drop_unused();
    std::array<std::uint64_t, kPasses.size()> seen{};  // by pass: the revision that it left
    for (const std::size_t pass : kOrder) {
      if (!enabled[pass] || seen[pass] == editor.revision()) continue;
      const std::uint64_t before = editor.revision();
      changes[pass] += kPasses[pass].run(editor);
      if (editor.revision() != before) editor.drop_unused();
      seen[pass] = editor.revision();
    }
  }
  std::vector<PassResult> results;
  for (std::size_t i = 0; i < kPasses.size(); ++i) {
    if (enabled[i]) results.push_back({std::string(kPasses[i].info.name), changes[i]});
  }
  return results;
}

}  // namespace flowport::optimize

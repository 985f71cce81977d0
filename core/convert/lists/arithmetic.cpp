// Arithmetic on whole lists, item by item.
#include <vector>

#include "convert/lists/operations.h"
#include "convert/lists/parts.h"

namespace flowport::convert::lists {

namespace {

void fail_ragged(Emission& emit) {
  emit.fail("lists are added, or zeros are made like one, whose items may have different shapes",
            "give the shapes of the model's inputs with --shape");
}

/// The dims of tensors of one shape, of which each type may tell some.
std::vector<ir::Dim> common_dims(const ir::Type& a, const ir::Type& b) {
  std::vector<ir::Dim> dims = a.dims;
  for (std::size_t i = 0; i < dims.size() && i < b.dims.size(); ++i) {
    const bool tells_more = !dims[i].is_known() && (b.dims[i].is_known() || dims[i].symbol == 0);
    if (tells_more) dims[i] = b.dims[i];
  }
  return dims;
}

}  // namespace

List zeros_like(Emission& emit, const List& list) {
  if (reads_collection(emit, list) || list.form == List::Form::kBlank) return list;
  if (list.form == List::Form::kItems) {
    List zeros = list;
    for (auto& item : zeros.items) {
      if (item != 0) item = emit.zeros(list.item.dtype, emit("Shape", {item}));
    }
    return zeros;
  }
  if (may_be_ragged(emit.model(), list)) {
    fail_ragged(emit);
    return list;
  }
  return dense_list(list, emit.zeros(list.item.dtype, emit("Shape", {dense(emit, list)})));
}

List add(Emission& emit, const List& a, const List& b) {
  if (reads_collections(emit, a, b) || b.form == List::Form::kBlank) return a;
  if (a.form == List::Form::kBlank) return b;
  if (a.form == List::Form::kItems && b.form == List::Form::kItems && a.items.size() == b.items.size()) {
    List sum = a;
    for (std::size_t i = 0; i < sum.items.size(); ++i) {
      if (a.items[i] == 0 || b.items[i] == 0) {
        sum.items[i] = a.items[i] == 0 ? b.items[i] : a.items[i];
      } else {
        sum.items[i] = emit("Add", {a.items[i], b.items[i]});
      }
    }
    return sum;
  }
  if (may_be_ragged(emit.model(), a) || may_be_ragged(emit.model(), b)) {
    fail_ragged(emit);
    return a;
  }
  const auto left = dense(emit, a);
  const auto right = dense(emit, b);
  const auto total = emit("Add", {left, right});
  const bool have_ranks = emit.ok() && emit.type(left).has_rank && emit.type(right).has_rank;
  if (have_ranks) emit.type(total).dims = common_dims(emit.type(left), emit.type(right));
  return dense_list(a, total);
}

}  // namespace flowport::convert::lists

// Two ops that TensorFlow does not have, with their kernels, by TensorFlow's C API (its C++ API does as well, and compiles longer):
//   Cube(x: T) -> y: T                              T is float or double
//   Collatz(n: int64) -> steps: int64, limit: int   the steps from n to 1 by n/2 or 3n+1, at most `limit` of them
#include <tensorflow/c/kernels.h>
#include <tensorflow/c/ops.h>
#include <tensorflow/c/tf_status.h>
#include <tensorflow/c/tf_tensor.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

struct Delete {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
};
using Status = std::unique_ptr<TF_Status, Delete>;
using Tensor = std::unique_ptr<TF_Tensor, Delete>;

/// y[i] = function(x[i])
template <typename T, typename Function>
void for_each(TF_OpKernelContext* context, Function function) {
  const Status status(TF_NewStatus());
  TF_Tensor* input = nullptr;
  TF_GetInput(context, 0, &input, status.get());
  const Tensor x(input);
  if (TF_GetCode(status.get()) == TF_OK) {
    std::vector<int64_t> dims;
    for (int i = 0; i < TF_NumDims(x.get()); ++i) dims.push_back(TF_Dim(x.get(), i));
    const Tensor y(TF_AllocateOutput(context, 0, TF_TensorType(x.get()), dims.data(), static_cast<int>(dims.size()),
                                     TF_TensorByteSize(x.get()), status.get()));
    if (TF_GetCode(status.get()) == TF_OK) {
      const auto* from = static_cast<const T*>(TF_TensorData(x.get()));
      auto* to = static_cast<T*>(TF_TensorData(y.get()));
      for (int64_t i = 0; i < TF_TensorElementCount(x.get()); ++i) to[i] = function(from[i]);
    }
  }
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelContext_Failure(context, status.get());
}

template <typename T>
void cube(void*, TF_OpKernelContext* context) {
  for_each<T>(context, [](T x) { return x * x * x; });
}

void* make_collatz(TF_OpKernelConstruction* construction) {
  const Status status(TF_NewStatus());
  auto limit = std::make_unique<int64_t>();
  TF_OpKernelConstruction_GetAttrInt64(construction, "limit", limit.get(), status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return limit.release();
}

void collatz(void* kernel, TF_OpKernelContext* context) {
  for_each<int64_t>(context, [limit = *static_cast<int64_t*>(kernel)](int64_t n) {
    int64_t steps = 0;
    for (; n > 1 && steps < limit; ++steps) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    return steps;
  });
}

void delete_collatz(void* kernel) { delete static_cast<int64_t*>(kernel); }

void same_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, 0, shape, status);
  TF_DeleteShapeHandle(shape);
}

void must(const Status& status) {
  if (TF_GetCode(status.get()) != TF_OK) std::abort();
}

void add_kernel(const char* op, const char* name, void* (*make)(TF_OpKernelConstruction*),
                void (*compute)(void*, TF_OpKernelContext*), void (*remove)(void*), TF_DataType type = TF_DataType(0)) {
  const Status status(TF_NewStatus());
  TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU", make, compute, remove);
  if (type != TF_DataType(0)) TF_KernelBuilder_TypeConstraint(builder, "T", type, status.get());
  must(status);
  TF_RegisterKernelBuilder(name, builder, status.get());
  must(status);
}

/// Runs when TensorFlow loads the library.
const bool kRegistered = [] {
  const Status status(TF_NewStatus());
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder("Cube");
  TF_OpDefinitionBuilderAddAttr(op, "T: {float, double}");
  TF_OpDefinitionBuilderAddInput(op, "x: T");
  TF_OpDefinitionBuilderAddOutput(op, "y: T");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, same_shape);
  TF_RegisterOpDefinition(op, status.get());
  must(status);

  op = TF_NewOpDefinitionBuilder("Collatz");
  TF_OpDefinitionBuilderAddInput(op, "n: int64");
  TF_OpDefinitionBuilderAddOutput(op, "steps: int64");
  TF_OpDefinitionBuilderAddAttr(op, "limit: int = 1000");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, same_shape);
  TF_RegisterOpDefinition(op, status.get());
  must(status);

  add_kernel("Cube", "CubeFloat", nullptr, cube<float>, nullptr, TF_FLOAT);
  add_kernel("Cube", "CubeDouble", nullptr, cube<double>, nullptr, TF_DOUBLE);
  add_kernel("Collatz", "Collatz", make_collatz, collatz, delete_collatz);
  return true;
}();

}  // namespace

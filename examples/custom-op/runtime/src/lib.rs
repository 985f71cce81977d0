//! The kernel of com.example::Collatz for ONNX Runtime: for each element n of an int64 tensor, the steps from n to 1 by n/2 or
//! 3n+1, at most `limit` of them.
use std::ffi::{c_char, c_int, c_void, CStr};
use std::ptr::{null, null_mut};

use ort_sys::*;

/// The API whose functions the kernel uses, of the version that it was written for.
const API_VERSION: u32 = 17;

struct Kernel {
    api: *const OrtApi,
    limit: i64,
}

/// Returns from the function where a call of the API fails: the status tells ONNX Runtime why.
macro_rules! attempt {
    ($call:expr) => {{
        let status: OrtStatusPtr = $call;
        if !status.0.is_null() {
            return status;
        }
    }};
}

fn steps(mut n: i64, limit: i64) -> i64 {
    let mut count = 0;
    while n > 1 && count < limit {
        n = if n % 2 == 0 { n / 2 } else { n.wrapping_mul(3).wrapping_add(1) };
        count += 1;
    }
    count
}

unsafe extern "system" fn create(_: *const OrtCustomOp, api: *const OrtApi, info: *const OrtKernelInfo, kernel: *mut *mut c_void) -> OrtStatusPtr {
    let mut limit = 0;
    attempt!(((*api).KernelInfoGetAttribute_int64)(info, c"limit".as_ptr(), &mut limit));
    *kernel = Box::into_raw(Box::new(Kernel { api, limit })).cast();
    OrtStatusPtr::default()
}

unsafe extern "system" fn compute(kernel: *mut c_void, context: *mut OrtKernelContext) -> OrtStatusPtr {
    let kernel = &*kernel.cast::<Kernel>();
    let api = &*kernel.api;
    let mut x: *const OrtValue = null();
    attempt!((api.KernelContext_GetInput)(context, 0, &mut x));
    let mut shape: *mut OrtTensorTypeAndShapeInfo = null_mut();
    attempt!((api.GetTensorTypeAndShape)(x, &mut shape));
    let (mut rank, mut count) = (0, 0);
    let mut dims = Vec::new();
    let mut status = (api.GetDimensionsCount)(shape, &mut rank);
    if status.0.is_null() {
        dims.resize(rank, 0i64);
        status = (api.GetDimensions)(shape, dims.as_mut_ptr(), rank);
    }
    if status.0.is_null() {
        status = (api.GetTensorShapeElementCount)(shape, &mut count);
    }
    (api.ReleaseTensorTypeAndShapeInfo)(shape);
    attempt!(status);
    let mut y: *mut OrtValue = null_mut();
    attempt!((api.KernelContext_GetOutput)(context, 0, dims.as_ptr(), rank, &mut y));
    let (mut from, mut to): (*mut c_void, *mut c_void) = (null_mut(), null_mut());
    attempt!((api.GetTensorMutableData)(x.cast_mut(), &mut from));
    attempt!((api.GetTensorMutableData)(y, &mut to));
    for i in 0..count {
        *to.cast::<i64>().add(i) = steps(*from.cast::<i64>().add(i), kernel.limit);
    }
    OrtStatusPtr::default()
}

unsafe extern "system" fn destroy(kernel: *mut c_void) {
    drop(Box::from_raw(kernel.cast::<Kernel>()));
}

unsafe extern "system" fn name(_: *const OrtCustomOp) -> *const c_char {
    c"Collatz".as_ptr()
}

/// Any execution provider's: the CPU's.
unsafe extern "system" fn provider(_: *const OrtCustomOp) -> *const c_char {
    null()
}

unsafe extern "system" fn one(_: *const OrtCustomOp) -> usize {
    1
}

unsafe extern "system" fn int64(_: *const OrtCustomOp, _: usize) -> ONNXTensorElementDataType {
    ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
}

unsafe extern "system" fn required(_: *const OrtCustomOp, _: usize) -> OrtCustomOpInputOutputCharacteristic {
    OrtCustomOpInputOutputCharacteristic::INPUT_OUTPUT_REQUIRED
}

unsafe extern "system" fn memory(_: *const OrtCustomOp, _: usize) -> OrtMemType {
    OrtMemType::OrtMemTypeDefault
}

/// The version of the domain from which on the op is what it is.
unsafe extern "system" fn since(_: *const OrtCustomOp) -> c_int {
    1
}

unsafe extern "system" fn forever(_: *const OrtCustomOp) -> c_int {
    c_int::MAX
}

static COLLATZ: OrtCustomOp = OrtCustomOp {
    version: API_VERSION,
    CreateKernel: None,
    GetName: Some(name),
    GetExecutionProviderType: Some(provider),
    GetInputType: Some(int64),
    GetInputTypeCount: Some(one),
    GetOutputType: Some(int64),
    GetOutputTypeCount: Some(one),
    KernelCompute: None,
    KernelDestroy: Some(destroy),
    GetInputCharacteristic: Some(required),
    GetOutputCharacteristic: Some(required),
    GetInputMemoryType: Some(memory),
    GetVariadicInputMinArity: None,
    GetVariadicInputHomogeneity: None,
    GetVariadicOutputMinArity: None,
    GetVariadicOutputHomogeneity: None,
    CreateKernelV2: Some(create),
    KernelComputeV2: Some(compute),
    InferOutputShapeFn: None,
    GetStartVersion: Some(since),
    GetEndVersion: Some(forever),
};

const DOMAIN: &CStr = c"com.example";

/// What ONNX Runtime calls when the library is registered. The domain lives as long as the process.
///
/// # Safety
/// The arguments are ONNX Runtime's own.
#[no_mangle]
pub unsafe extern "system" fn RegisterCustomOps(options: *mut OrtSessionOptions, base: *const OrtApiBase) -> OrtStatusPtr {
    let api = &*((*base).GetApi)(API_VERSION);
    let mut domain: *mut OrtCustomOpDomain = null_mut();
    attempt!((api.CreateCustomOpDomain)(DOMAIN.as_ptr(), &mut domain));
    attempt!((api.CustomOpDomain_Add)(domain, &COLLATZ));
    (api.AddCustomOpDomain)(options, domain)
}

//! Which peak rate an engine's matrix kernels work against.

use crate::machine::{Backend, Device, Rates};
use crate::model::StorageClass;
use crate::units::FlopsPerSecond;

/// llama.cpp and what is built on its library.
pub(super) fn is_ggml(engine: &str) -> bool {
    !matches!(
        engine,
        "vllm" | "sglang" | "trtllm" | "atlas" | "exllama" | "mlx"
    )
}

/// The matrix rate for weights of a class in an engine; none where the device
/// states no rate.
///
/// llama.cpp and what is built on it multiply quantised weights as INT8 on
/// NVIDIA (ggml-cuda's MMQ kernels) and FP16 weights with FP16 accumulation
/// (cuBLAS `COMPUTE_16F`). `GeForce` cards run those at twice the rate of FP16
/// with FP32 accumulation, professional cards at once the rate, so only the INT8
/// rate puts both on one scale. A quarter of it is the unit: FP16 with FP32
/// accumulation on a `GeForce` card, which is what all else is counted in.
pub fn matrix_rate(
    rates: &Rates,
    engine: &str,
    backend: Backend,
    class: StorageClass,
) -> Option<FlopsPerSecond> {
    let plain = rates.fp16.or(rates.fp32);
    let bf16 = matches!(class, StorageClass::Bf16 | StorageClass::F32);
    if is_ggml(engine) && !bf16 && backend == Backend::Cuda {
        return rates.int8.map(|rate| rate * 0.25).or(plain);
    }
    plain
}

/// The rate of the kernels for few rows, on the scale of [`matrix_rate`]. ggml's for CUDA multiply
/// with `dp4a` on the vector units, whatever matrix units a card has: twice FP32, which on
/// `GeForce` cards is that unit, four times less than the FP16 matrix rate of a V100.
pub fn vector_rate(
    rates: &Rates,
    engine: &str,
    backend: Backend,
    matrix: FlopsPerSecond,
) -> FlopsPerSecond {
    match rates.fp32 {
        Some(vector) if is_ggml(engine) && backend == Backend::Cuda => vector * 2.0,
        _ => matrix,
    }
}

/// Share of a narrow format's higher rate that comes out, as a power: GEMMs in it fill the
/// units less, activations are quantised first, and some layers stay at 16 bits. On GB10, FP8
/// reads prompts 1.2-1.45 times as fast as BF16 at twice the rate, NVFP4 1.6-2.3 times at four
/// times; on RTX 3090, INT8 1.3-1.5 times at four. With 0, 0.5 and 1 prompts of sources left out
/// come out at 21.1, 20.7 and 21.3%.
const GAIN_POWER: f64 = 0.5;

/// How many times [`matrix_rate`] an engine multiplies weights of a class at.
///
/// `vLLM`, `SGLang` and TensorRT-LLM quantise activations to the weights' FP8, NVFP4 or INT8 where
/// the device has matrix units for it. AMD's Vulkan drivers offer no matrix units for BF16
/// (llama.cpp prints `bf16: 0`), which its shaders multiply as FP32.
pub fn format_gain(device: &Device, engine: &str, backend: Backend, class: StorageClass) -> f64 {
    let rates = &device.rates;
    let narrow = matches!(engine, "vllm" | "sglang" | "trtllm" | "atlas");
    let own = match class {
        StorageClass::Fp8 if narrow => rates.fp8,
        StorageClass::Nvfp4 if narrow => rates.fp4,
        StorageClass::Int8 if narrow => rates.int8,
        StorageClass::Bf16 if backend == Backend::Vulkan && device.vendor == "amd" => {
            return ratio(rates.fp32, rates.fp16);
        }
        _ => None,
    };
    ratio(own, rates.fp16).powf(GAIN_POWER)
}

/// One rate over another; one where either is unknown.
fn ratio(rate: Option<FlopsPerSecond>, base: Option<FlopsPerSecond>) -> f64 {
    rate.zip(base).map_or(1.0, |(rate, base)| rate.0 / base.0)
}

#[cfg(test)]
mod tests {
    use super::matrix_rate;
    use crate::machine::{Backend, Rates};
    use crate::model::StorageClass;
    use crate::units::FlopsPerSecond;

    #[test]
    fn quantised_weights_multiply_as_int8_on_cuda_only() {
        let rates = Rates {
            fp16: Some(FlopsPerSecond::from_tera(71.2)),
            int8: Some(FlopsPerSecond::from_tera(285.0)),
            ..Rates::default()
        };
        let tera = |engine, backend, class| {
            matrix_rate(&rates, engine, backend, class).map(FlopsPerSecond::tera)
        };
        assert_eq!(
            tera("llama.cpp", Backend::Cuda, StorageClass::Q4K),
            Some(71.25)
        );
        assert_eq!(
            tera("llama.cpp", Backend::Cuda, StorageClass::Bf16),
            Some(71.2)
        );
        assert_eq!(tera("vllm", Backend::Cuda, StorageClass::Int4), Some(71.2));
        assert_eq!(
            tera("llama.cpp", Backend::Vulkan, StorageClass::Q4K),
            Some(71.2)
        );
    }
}

//! Which peak rate an engine's matrix kernels work against.

use crate::machine::{Backend, Rates};
use crate::model::StorageClass;
use crate::units::FlopsPerSecond;

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
    let ggml = !matches!(
        engine,
        "vllm" | "sglang" | "trtllm" | "atlas" | "exllama" | "mlx"
    );
    let bf16 = matches!(class, StorageClass::Bf16 | StorageClass::F32);
    if ggml && !bf16 && backend == Backend::Cuda {
        return rates.int8.map(|rate| rate * 0.25).or(plain);
    }
    plain
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

//! Memory of fine-tuning: weights, gradients, optimiser states and activations.
//!
//! - **Full**, mixed precision with Adam: 2 bytes of weights, 2 of gradients and 12 of
//!   optimiser states (FP32 master copy and two moments) a parameter. Source: Rajbhandari
//!   et al., "`ZeRO`" (2020), section 3.1.
//! - **`LoRA`**: 16-bit weights stay frozen; adapters of rank `r` on every dense matrix add
//!   `r x (in + out)` parameters, which train as above. Source: Hu et al. (2021).
//! - **`QLoRA`**: the frozen matrices take 4.127 bits a parameter (NF4 with double
//!   quantisation), embedding, head and norms stay in 16 bits. Source: Dettmers et al. (2023), section 3.
//! - **Activations** with gradient checkpointing: the 16-bit input of each layer, one
//!   layer's inner activations, and the logits with their gradient in FP32. After
//!   Korthikanti et al., "Reducing activation recomputation" (2022), flash attention.
//!
//! Over several devices weights, gradients and states are sharded evenly (`ZeRO`-3, FSDP)
//! and each device gathers one layer at a time; the batch is each device's own.

use crate::machine::Machine;
use crate::model::{Architecture, FeedForward, Layer, Mixer, Quant, Weights, tensors};
use crate::units::Bytes;

/// How a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every parameter.
    Full,
    /// Adapters beside frozen 16-bit weights.
    Lora,
    /// Adapters beside frozen 4-bit weights.
    Qlora,
}

/// The run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Training {
    /// How.
    pub method: Method,
    /// Tokens of a sequence.
    pub sequence: u64,
    /// Sequences at a time on each device.
    pub batch: u64,
    /// Rank of the adapters.
    pub rank: u64,
}

/// What a run needs on one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrainingMemory {
    /// Parameters that are trained, on all devices.
    pub trainable: u64,
    /// Weights, this device's shard.
    pub weights: Bytes,
    /// Gradients.
    pub gradients: Bytes,
    /// Optimiser states.
    pub optimizer: Bytes,
    /// Activations, the gathered layer included.
    pub activations: Bytes,
    /// The runtime's own.
    pub runtime: Bytes,
    /// What the device offers.
    pub usable: Bytes,
}

/// Bytes of a gradient and of Adam's states with their master copy, a parameter.
const GRADIENT_BYTES: u64 = 2;
const OPTIMIZER_BYTES: u64 = 12;
/// Bits of a parameter in NF4 with double quantisation.
const NF4_BITS: f64 = 4.127;
/// The framework's context, kernels and fragmentation on a device. Assumed: 1 GiB.
const RUNTIME: Bytes = Bytes(1 << 30);
/// A 16-bit number.
const HALF: Bytes = Bytes(2);

impl TrainingMemory {
    /// Everything on one device.
    pub fn required(&self) -> Bytes {
        self.weights + self.gradients + self.optimizer + self.activations + self.runtime
    }

    /// Bytes left on the device, negative if it does not fit.
    pub fn headroom(&self) -> i64 {
        self.usable.minus(self.required())
    }
}

/// What a run needs on each device of a machine; none where the model's bytes
/// are beyond counting.
pub fn training(
    architecture: &Architecture,
    machine: &Machine,
    run: &Training,
) -> Option<TrainingMemory> {
    let weights = Weights::of(architecture, &Quant::from_id("bf16")?).ok()?;
    let all = weights.total_params();
    let matrices = weights.dense_read().params + weights.experts_total().params;
    let trainable = match run.method {
        Method::Full => all,
        Method::Lora | Method::Qlora => adapter_params(architecture, run.rank),
    };
    let frozen = match run.method {
        Method::Full | Method::Lora => HALF * all,
        Method::Qlora => Bytes((matrices as f64 * NF4_BITS / 8.0) as u64) + HALF * (all - matrices),
    };
    let adapters = if run.method == Method::Full {
        Bytes::ZERO
    } else {
        HALF * trainable
    };
    let devices = u64::from(machine.count.max(1));
    let shard = |bytes: Bytes| Bytes(bytes.0.div_ceil(devices));
    let gathered = if devices > 1 {
        Bytes(frozen.0 / architecture.layers.len().max(1) as u64)
    } else {
        Bytes::ZERO
    };
    Some(TrainingMemory {
        trainable,
        weights: shard(frozen + adapters),
        gradients: shard(Bytes(GRADIENT_BYTES) * trainable),
        optimizer: shard(Bytes(OPTIMIZER_BYTES) * trainable),
        activations: activations(architecture, run) + gathered,
        runtime: RUNTIME,
        usable: machine.memory.usable,
    })
}

/// Parameters of adapters of a rank on every dense matrix of the layers (routed
/// experts are left alone, as is usual).
fn adapter_params(architecture: &Architecture, rank: u64) -> u64 {
    tensors(architecture)
        .iter()
        .filter(|tensor| tensor.layer.is_some() && !tensor.routed)
        .filter_map(|tensor| match tensor.shape {
            [input, output, 1, 1] if input > 1 && output > 1 => Some(rank * (input + output)),
            _ => None,
        })
        .sum()
}

/// Activations with gradient checkpointing.
fn activations(architecture: &Architecture, run: &Training) -> Bytes {
    let tokens = run.sequence.saturating_mul(run.batch);
    let hidden = u64::from(architecture.hidden);
    let kept = HALF * (architecture.layers.len() as u64 * hidden);
    let widest = architecture
        .layers
        .iter()
        .map(|layer| inner_elements(layer, hidden))
        .max()
        .unwrap_or(0);
    // In FP32, and their gradient.
    let logits = Bytes(4) * (2 * u64::from(architecture.vocab));
    (kept + HALF * widest + logits) * tokens
}

/// Elements a token that one layer keeps for its backward pass: two norms and
/// residuals, queries, keys, values and their mix, and the network's gate, up and product.
fn inner_elements(layer: &Layer, hidden: u64) -> u64 {
    let mixer = match layer.mixer {
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
            2 * u64::from(heads.query) * u64::from(heads.key_dim) + heads.kv_elements()
        }
        Mixer::Latent(latent) => {
            u64::from(latent.heads)
                * u64::from(2 * (latent.nope_dim + latent.rope_dim) + 2 * latent.value_dim)
        }
        Mixer::Recurrent(recurrent) => 4 * u64::from(recurrent.inner),
        Mixer::None => 0,
    };
    let network = match layer.feed_forward {
        FeedForward::None => 0,
        FeedForward::Dense { width } => 3 * u64::from(width),
        FeedForward::Experts(experts) => {
            3 * (u64::from(experts.used) * u64::from(experts.width)
                + u64::from(experts.shared_width)
                + u64::from(experts.dense_width))
        }
    };
    4 * hidden + mixer + network
}

#[cfg(test)]
mod tests {
    use super::{Method, Training, adapter_params, training};
    use crate::model::{Architecture, ModelTable};

    fn llama_8b() -> Architecture {
        let table: ModelTable = toml::from_str(
            "name = \"Llama 3.1 8B\"\nfamily = \"llama\"\nlayers = 32\nhidden = 4096\nvocab = 128256\n\
             heads = 32\nkv_heads = 8\nhead_dim = 128\nffn = 14336\nmax_context = 131072",
        )
        .expect("a table");
        table.architecture().expect("an architecture")
    }

    #[test]
    fn adapters_by_hand() {
        // A layer's matrices: q and o 4096+4096 each, k and v 4096+1024 each, gate, up and
        // down 4096+14336 each: 2 x 8192 + 2 x 5120 + 3 x 18432 = 81,920; x 32 x 16 = 41,943,040.
        assert_eq!(adapter_params(&llama_8b(), 16), 41_943_040);
    }

    #[test]
    fn more_tokens_never_need_less() {
        let machine = crate::machine::Machine::example(1, 1000.0);
        let run = |sequence| Training {
            method: Method::Full,
            sequence,
            batch: 4096,
            rank: 1,
        };
        let few = training(&llama_8b(), &machine, &run(2048)).expect("countable");
        let absurd = training(&llama_8b(), &machine, &run(u64::MAX)).expect("countable");
        assert!(few.headroom() < 0);
        assert!(absurd.headroom() < few.headroom());
    }

    #[test]
    fn full_training_takes_sixteen_bytes_a_parameter() {
        let machine = crate::machine::Machine::example(1, 1000.0);
        let run = Training {
            method: Method::Full,
            sequence: 1,
            batch: 1,
            rank: 1,
        };
        let memory = training(&llama_8b(), &machine, &run).expect("countable");
        let states = memory.weights + memory.gradients + memory.optimizer;
        assert_eq!(states.0, 16 * memory.trainable);
    }
}

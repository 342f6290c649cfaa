//! The serving software, as far as it changes an answer.

use crate::evidence::Citation;
use crate::machine::Backend;
use crate::model::Packaging;
use crate::units::Bytes;

use super::Split;
use super::memory::vllm_batched_tokens;

/// Whether requests are decoded together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batching {
    /// Continuous batching: new requests join at each step.
    Continuous,
    /// A fixed number of slots decoded together.
    Slots(u32),
    /// One request after another.
    Sequential,
}

impl Batching {
    /// Most sequences decoded together; none where the engine sets no limit.
    pub const fn slots(self) -> Option<u32> {
        match self {
            Self::Continuous => None,
            Self::Slots(slots) => Some(slots),
            Self::Sequential => Some(1),
        }
    }
}

/// How an engine divides layers over the devices of a tensor split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// As many heads on each device.
    EvenHeads,
    /// Any shares.
    Any,
}

impl Division {
    /// The word used in data and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EvenHeads => "even-heads",
            Self::Any => "any",
        }
    }
}

/// What an engine can run from the host's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offloading {
    /// Whole layers.
    Layers,
    /// Whole layers, and routed experts apart from the rest of their layer.
    Experts,
}

impl Offloading {
    /// The word used in data and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Layers => "layers",
            Self::Experts => "experts",
        }
    }
}

/// What an engine takes on each device beside weights, cache and buffers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngineMemory {
    /// The runtime's own (context, kernels, graphs).
    pub footprint: Bytes,
    /// Free memory that it insists on leaving.
    pub margin: Bytes,
    /// Share of the device it claims at most; one where it takes what it needs.
    pub claim: f64,
    /// How it lays out the cache and its buffers.
    pub rules: MemoryRules,
}

/// Whose rules an engine follows in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryRules {
    /// llama.cpp's: padded caches, a graph laid out ahead.
    LlamaCpp,
    /// vLLM's: a pool of blocks of so many tokens.
    Paged {
        /// Tokens of a block.
        block: u32,
    },
    /// MLX's: caches grown in steps.
    Mlx,
}

/// An engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Engine {
    /// Its id: `llama.cpp`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Further names.
    pub aliases: Vec<String>,
    /// What kinds of files it loads.
    pub packagings: Vec<Packaging>,
    /// What it runs on, the usual first.
    pub backends: Vec<Backend>,
    /// Makers of the devices on which it is the default: what their users run.
    pub default_for: Vec<String>,
    /// The four bits that its users run: the quant that a bare `-q4` means.
    pub usual_q4: String,
    /// The eight bits that its users run: the quant that a bare `-q8` means.
    pub usual_q8: String,
    /// Splits over several devices, the usual first.
    pub splits: Vec<Split>,
    /// What a tensor split of it demands; none where it has no such split.
    pub division: Option<Division>,
    /// How requests share a step.
    pub batching: Batching,
    /// Tokens of a prompt that it processes at once on a small device; see
    /// [`Engine::micro_batch`].
    pub ubatch: u32,
    /// What it takes of the memory.
    pub memory: EngineMemory,
    /// What it can run from the host's memory; none where nothing.
    pub offloads: Option<Offloading>,
    /// Source of its numbers.
    pub citation: Citation,
    /// Sources of single keys.
    pub evidence: Vec<(String, Citation)>,
}

impl Engine {
    /// Tokens of a prompt that it processes at once on a device of so much memory:
    /// servers with a paged cache take larger chunks where there is room.
    pub fn micro_batch(&self, memory: Bytes) -> u32 {
        match self.memory.rules {
            MemoryRules::Paged { .. } => self.ubatch.max(vllm_batched_tokens(memory) as u32),
            MemoryRules::LlamaCpp | MemoryRules::Mlx => self.ubatch,
        }
    }

    /// The backend it would use on a device: the first of its own that the
    /// device offers; none where it does not run there.
    pub fn backend_on(&self, offered: &[Backend]) -> Option<Backend> {
        self.backends
            .iter()
            .copied()
            .find(|backend| offered.contains(backend))
    }
}

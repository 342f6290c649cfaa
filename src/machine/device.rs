//! One accelerator with its memory.

use crate::evidence::Citation;
use crate::units::{Bytes, BytesPerSecond, Date, FlopsPerSecond, Watts};

/// What an engine talks to the device through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    /// NVIDIA's.
    Cuda,
    /// AMD's.
    Rocm,
    /// Any GPU with a Vulkan driver.
    Vulkan,
    /// Apple's, as llama.cpp uses it.
    Metal,
    /// Apple's array framework over Metal.
    Mlx,
    /// Intel's.
    Sycl,
    /// The processor itself.
    Cpu,
}

impl Backend {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Cuda,
        Self::Rocm,
        Self::Vulkan,
        Self::Metal,
        Self::Mlx,
        Self::Sycl,
        Self::Cpu,
    ];

    /// The word used in data and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
            Self::Mlx => "mlx",
            Self::Sycl => "sycl",
            Self::Cpu => "cpu",
        }
    }

    /// The backend of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }
}

/// What kind of thing the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceClass {
    /// A card in a slot.
    Gpu,
    /// A graphics core that shares the processor's memory.
    Integrated,
    /// A processor alone.
    Cpu,
}

/// A larger usable size that one documented setting gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunedMemory {
    /// Usable with the setting.
    pub usable: Bytes,
    /// The setting.
    pub how: String,
}

/// The memory of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryPool {
    /// All of it.
    pub total: Bytes,
    /// What an engine can use in the stock set-up.
    pub usable: Bytes,
    /// What it can use after one setting.
    pub tuned: Option<TunedMemory>,
    /// Shared with the processor.
    pub unified: bool,
}

/// Dense peak rates by format; unknown or without native path is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Shader FP32.
    pub fp32: Option<FlopsPerSecond>,
    /// Matrix FP16 (and BF16) with FP32 accumulation.
    pub fp16: Option<FlopsPerSecond>,
    /// Matrix FP8.
    pub fp8: Option<FlopsPerSecond>,
    /// Matrix INT8.
    pub int8: Option<FlopsPerSecond>,
    /// Matrix FP4.
    pub fp4: Option<FlopsPerSecond>,
}

/// What one device draws, without the host.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DevicePower {
    /// The board's limit (TDP).
    pub limit: Option<Watts>,
    /// The lowest limit that its driver takes, where it is published.
    pub least_limit: Option<Watts>,
    /// Idle.
    pub idle: Option<Watts>,
    /// Flat out on this kind of work.
    pub load: Option<Watts>,
    /// Average in a layer split with one stream, where it was measured.
    pub waiting_split: Option<Watts>,
}

/// One accelerator.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its maker.
    pub vendor: String,
    /// Die family, the level at which unmeasured devices are pooled.
    pub family: String,
    /// What kind of thing it is.
    pub class: DeviceClass,
    /// Its own memory; none where it varies by machine (Apple).
    pub memory: Option<MemoryPool>,
    /// `GDDR6X`, `LPDDR5X`, ...
    pub memory_type: Option<String>,
    /// Peak bandwidth of the memory; none where unpublished.
    pub bandwidth: Option<BytesPerSecond>,
    /// Last-level cache.
    pub cache: Option<Bytes>,
    /// Peak rates.
    pub rates: Rates,
    /// Formats that its matrix units compute in.
    pub native_formats: Vec<String>,
    /// Compute capability or GPU target.
    pub compute_capability: Option<String>,
    /// What an engine can talk to it through.
    pub backends: Vec<Backend>,
    /// What it draws.
    pub power: DevicePower,
    /// Id of the link it has to its host.
    pub pcie: Option<String>,
    /// Slots it fills.
    pub slot_width: Option<u32>,
    /// When it came out.
    pub released: Option<Date>,
    /// Further names.
    pub aliases: Vec<String>,
    /// Source of its numbers.
    pub citation: Citation,
    /// Sources of single keys, with notes on contested values.
    pub evidence: Vec<(String, Citation)>,
}

impl Device {
    /// Whether CUDA programs run on it.
    pub fn has_cuda(&self) -> bool {
        self.backends.contains(&Backend::Cuda)
    }
}

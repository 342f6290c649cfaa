//! `data/devices/*.toml`: accelerators.

use serde::Deserialize;

use super::citation::{RawEvidences, citation, evidences, positive};
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::machine::{Backend, Device, DeviceClass, DevicePower, MemoryPool, Rates, TunedMemory};
use crate::units::{Bytes, BytesPerSecond, Date, FlopsPerSecond, Watts};

/// A device as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDevice {
    name: String,
    vendor: String,
    family: String,
    #[serde(default)]
    aliases: Vec<String>,
    class: RawClass,
    memory_gib: Option<f64>,
    usable_gib: Option<f64>,
    tuned_usable_gib: Option<f64>,
    tuned_how: Option<String>,
    #[serde(default)]
    unified_memory: bool,
    memory_type: Option<String>,
    bandwidth_gb_s: Option<f64>,
    last_level_cache_mb: Option<f64>,
    fp32_tflops: Option<f64>,
    fp16_tflops: Option<f64>,
    fp8_tflops: Option<f64>,
    int8_tops: Option<f64>,
    fp4_tflops: Option<f64>,
    #[serde(default)]
    native_formats: Vec<String>,
    compute_capability: Option<String>,
    backends: Vec<RawBackend>,
    tdp_w: Option<f64>,
    min_limit_w: Option<f64>,
    idle_w: Option<f64>,
    load_w: Option<f64>,
    decode_w: Option<f64>,
    pcie: Option<String>,
    slot_width: Option<u32>,
    released: Option<Date>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    #[serde(default)]
    evidence: RawEvidences,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawClass {
    Gpu,
    Integrated,
    Cpu,
}

/// A backend by its name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawBackend {
    /// NVIDIA's.
    Cuda,
    /// AMD's.
    Rocm,
    /// Vulkan.
    Vulkan,
    /// Metal.
    Metal,
    /// MLX.
    Mlx,
    /// SYCL.
    Sycl,
    /// The processor.
    Cpu,
}

impl From<RawBackend> for Backend {
    fn from(raw: RawBackend) -> Self {
        match raw {
            RawBackend::Cuda => Self::Cuda,
            RawBackend::Rocm => Self::Rocm,
            RawBackend::Vulkan => Self::Vulkan,
            RawBackend::Metal => Self::Metal,
            RawBackend::Mlx => Self::Mlx,
            RawBackend::Sycl => Self::Sycl,
            RawBackend::Cpu => Self::Cpu,
        }
    }
}

/// A validated device.
pub fn device(row: Row<'_, RawDevice>, rules: Rules, faults: &mut Vec<Fault>) -> Device {
    let Row { id, raw, place } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    positive(
        &[
            ("memory_gib", raw.memory_gib),
            ("usable_gib", raw.usable_gib),
            ("bandwidth_gb_s", raw.bandwidth_gb_s),
            ("fp16_tflops", raw.fp16_tflops),
            ("fp32_tflops", raw.fp32_tflops),
            ("tdp_w", raw.tdp_w),
            ("min_limit_w", raw.min_limit_w),
        ],
        &place,
        faults,
    );
    let memory = raw.memory_gib.map(|total| {
        let pool = MemoryKeys {
            total,
            usable: raw.usable_gib,
            tuned: raw.tuned_usable_gib,
            how: raw.tuned_how.clone(),
            unified: raw.unified_memory,
        };
        pool.validated(&place, faults)
    });
    let rate = |tera: Option<f64>| tera.map(FlopsPerSecond::from_tera);
    Device {
        name: raw.name,
        vendor: raw.vendor,
        family: raw.family,
        class: match raw.class {
            RawClass::Gpu => DeviceClass::Gpu,
            RawClass::Integrated => DeviceClass::Integrated,
            RawClass::Cpu => DeviceClass::Cpu,
        },
        memory,
        memory_type: raw.memory_type,
        bandwidth: raw.bandwidth_gb_s.map(BytesPerSecond::from_gb),
        cache: raw.last_level_cache_mb.map(|mb| Bytes((mb * 1e6) as u64)),
        rates: Rates {
            fp32: rate(raw.fp32_tflops),
            fp16: rate(raw.fp16_tflops),
            fp8: rate(raw.fp8_tflops),
            int8: rate(raw.int8_tops),
            fp4: rate(raw.fp4_tflops),
        },
        native_formats: raw.native_formats,
        compute_capability: raw.compute_capability,
        backends: raw.backends.into_iter().map(Backend::from).collect(),
        power: DevicePower {
            limit: raw.tdp_w.map(Watts),
            least_limit: raw.min_limit_w.map(Watts),
            idle: raw.idle_w.map(Watts),
            load: raw.load_w.map(Watts),
            waiting_split: raw.decode_w.map(Watts),
        },
        pcie: raw.pcie,
        slot_width: raw.slot_width,
        released: raw.released,
        aliases: raw.aliases,
        evidence: evidences(raw.evidence, &citation),
        citation,
        id,
    }
}

/// The keys of a memory pool, which devices and machines both have.
pub struct MemoryKeys {
    /// `memory_gib`
    pub total: f64,
    /// `usable_gib`; all of it where absent.
    pub usable: Option<f64>,
    /// `tuned_usable_gib`
    pub tuned: Option<f64>,
    /// `tuned_how`
    pub how: Option<String>,
    /// `unified_memory`
    pub unified: bool,
}

impl MemoryKeys {
    /// The pool; usable above total is refused.
    pub fn validated(
        self,
        place: &super::document::Place<'_>,
        faults: &mut Vec<Fault>,
    ) -> MemoryPool {
        let usable = self.usable.unwrap_or(self.total);
        for (key, value) in [
            ("usable_gib", Some(usable)),
            ("tuned_usable_gib", self.tuned),
        ] {
            if value.is_some_and(|value| value > self.total) {
                faults.push(place.fault(
                    key,
                    format!("`{key}` is more than the {} GiB there are", self.total),
                    "give what an engine can use of the memory",
                ));
            }
        }
        MemoryPool {
            total: Bytes::from_gib(self.total),
            usable: Bytes::from_gib(usable),
            tuned: self.tuned.map(|tuned| TunedMemory {
                usable: Bytes::from_gib(tuned),
                how: self
                    .how
                    .unwrap_or_else(|| "a documented setting".to_owned()),
            }),
            unified: self.unified,
        }
    }
}

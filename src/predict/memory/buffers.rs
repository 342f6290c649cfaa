//! Compute buffers of one model that are kept once computed.
//!
//! A search asks for the same graph thousands of times: it depends on the model and the
//! settings of the cache alone, and a buffer on the layers that a device holds. Building the
//! graph takes longer than all the rest of an estimate.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::compute_buffer::{DeviceBuffers, Outputs};
use super::graph::Graph;
use super::kv_cache::CacheSettings;
use super::llama_graph;
use crate::model::Architecture;
use crate::units::Bytes;

/// Copies of its inputs that each of several devices keeps, so that they can work on
/// different micro-batches at once (`GGML_SCHED_MAX_COPIES` in `ggml-backend.cpp`).
const PIPELINE_COPIES: u32 = 4;

/// The compute buffers of one model, each computed once; shared between threads.
#[derive(Debug)]
pub struct Buffers<'a> {
    architecture: &'a Architecture,
    graphs: Mutex<HashMap<(CacheSettings, Outputs), Arc<Kept>>>,
}

/// What of a graph a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    /// Everything in one memory.
    Whole,
    /// The layers of a device, from the first to before the last, and the copies of inputs.
    Layers(u32, u32, u32),
    /// The host's, and the copies of inputs.
    Host(u32),
}

/// A graph and the buffers that were asked for.
#[derive(Debug)]
struct Kept {
    graph: Graph,
    bytes: Mutex<HashMap<Part, u64>>,
}

/// What a lock guards; a thread that died in between left nothing half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Buffers<'a> {
    /// None computed yet.
    pub fn of(architecture: &'a Architecture) -> Self {
        Self {
            architecture,
            graphs: Mutex::new(HashMap::new()),
        }
    }

    /// Whether these are the buffers of that very model.
    pub(super) fn are_of(&self, architecture: &Architecture) -> bool {
        std::ptr::eq(self.architecture, architecture)
    }

    /// As the function of that name.
    pub(super) fn compute_buffer(&self, settings: &CacheSettings, outputs: Outputs) -> Bytes {
        self.kept(settings, outputs).bytes(Part::Whole)
    }

    /// As the function of that name; several devices work on different micro-batches at once
    /// only where everything lies on devices (`llama_context`, "pipeline parallelism").
    pub(super) fn device_buffers(
        &self,
        settings: &CacheSettings,
        outputs: Outputs,
        parts: &[Range<usize>],
        pipelined: bool,
    ) -> DeviceBuffers {
        let kept = self.kept(settings, outputs);
        let busy = parts.iter().filter(|part| !part.is_empty()).count();
        let copies = if pipelined && busy > 1 {
            PIPELINE_COPIES
        } else {
            1
        };
        let layers = |part: &Range<usize>| Part::Layers(part.start as u32, part.end as u32, copies);
        DeviceBuffers {
            devices: parts.iter().map(|part| kept.bytes(layers(part))).collect(),
            host: kept.bytes(Part::Host(copies)),
        }
    }

    fn kept(&self, settings: &CacheSettings, outputs: Outputs) -> Arc<Kept> {
        let mut graphs = locked(&self.graphs);
        let kept = graphs.entry((*settings, outputs)).or_insert_with(|| {
            Arc::new(Kept {
                graph: llama_graph::build(self.architecture, settings, outputs.rows()),
                bytes: Mutex::new(HashMap::new()),
            })
        });
        Arc::clone(kept)
    }
}

impl Kept {
    fn bytes(&self, part: Part) -> Bytes {
        if let Some(bytes) = locked(&self.bytes).get(&part) {
            return Bytes(*bytes);
        }
        let bytes = match part {
            Part::Whole => self.graph.whole(),
            Part::Layers(first, end, copies) => self.graph.part(first..end, copies),
            Part::Host(copies) => self.graph.host(copies),
        };
        locked(&self.bytes).insert(part, bytes);
        Bytes(bytes)
    }
}

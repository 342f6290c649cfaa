//! The compute buffer: what an engine needs beside weights and cache while it works.

use crate::model::{Architecture, FeedForward, Mixer};
use crate::units::Bytes;

/// What its size depends on besides the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferSettings {
    /// Tokens of a micro-batch.
    pub ubatch: u32,
    /// Cells of the cache.
    pub context: u64,
    /// Every token of a micro-batch yields an output row, not one a sequence.
    pub all_outputs: bool,
    /// Flash attention is on.
    pub flash_attention: bool,
}

/// Bytes of the compute buffer.
pub fn compute_buffer(architecture: &Architecture, settings: &BufferSettings) -> Bytes {
    let ubatch = u64::from(settings.ubatch);
    let hidden = u64::from(architecture.hidden);
    let widest = architecture
        .layers
        .iter()
        .map(|layer| {
            let heads = match layer.mixer {
                Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
                    u64::from(heads.query) * u64::from(heads.key_dim)
                }
                Mixer::Latent(latent) => u64::from(latent.heads) * u64::from(latent.kv_rank + latent.rope_dim),
                Mixer::Recurrent(recurrent) => u64::from(recurrent.inner),
                Mixer::None => 0,
            };
            let network = match layer.feed_forward {
                FeedForward::None => 0,
                FeedForward::Dense { width } => 3 * u64::from(width),
                FeedForward::Experts(experts) => 3 * u64::from(experts.used) * u64::from(experts.width),
            };
            heads + network
        })
        .max()
        .unwrap_or(0);
    let flow = 4 * ubatch * (3 * hidden + widest) + 2 * ubatch * settings.context;
    let outputs = if settings.all_outputs { 4 * ubatch * (u64::from(architecture.vocab) + 2 * hidden) } else { 0 };
    Bytes(flow.max(outputs))
}

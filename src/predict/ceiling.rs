//! The physical ceiling of decode: no stream is faster than its bytes can be read.

use crate::machine::Device;
use crate::model::{Architecture, Weights};
use crate::units::{Bytes, TokensPerSecond};

use super::scenario::Split;

/// The most tokens a second of one stream: peak bandwidth over the bytes that a
/// token reads from memory. Caches at no depth; no speculation. In a tensor
/// split the devices read side by side, otherwise one after another; what lies
/// in a last-level cache need not be read. None where the bandwidth is unknown,
/// or everything fits the cache.
pub fn decode_ceiling(
    device: &Device,
    count: u32,
    split: Split,
    architecture: &Architecture,
    weights: &Weights,
) -> Option<TokensPerSecond> {
    let count = u64::from(count.max(1));
    let bytes = weights.active_bytes(architecture);
    let cache = device.cache.unwrap_or(Bytes::ZERO);
    let (bytes, cache) = match split {
        Split::Tensor => (Bytes(bytes.0.div_ceil(count)), cache),
        Split::Layer => (bytes, cache * count),
        Split::None | Split::Replicas => (bytes, cache),
    };
    let seconds = (bytes.saturating_sub(cache) / device.bandwidth?).0;
    (seconds > 0.0).then(|| TokensPerSecond(1.0 / seconds))
}

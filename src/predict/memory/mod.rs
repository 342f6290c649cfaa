//! Memory: what each device holds, and whether it holds it all.
//!
//! A model fits when every device holds its share of the weights and the cache
//! *and* its own buffers. The total is never just a sum of VRAM.

mod cache_type;
mod compute_buffer;
mod kv_cache;
mod limits;
mod placement;

pub use compute_buffer::{BufferSettings, compute_buffer};
pub use kv_cache::{
    Cache, CacheSettings, CacheType, attention_flops, cache, layer_cache, layer_caches, read_at_depth,
    recurrent_state, widest_value,
};
pub use limits::{Limits, limits};
pub use placement::{DeviceShare, Fits, Plan, best_plans, plan};

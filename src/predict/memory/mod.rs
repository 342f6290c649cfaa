//! Memory that an engine allocates besides the weights: caches, compute buffers and
//! what its runtime takes.
//!
//! llama.cpp's are exact: the cache by its formulas, the compute buffer by building the
//! graph (`llama_graph`) and laying it out by its allocator's rules. vLLM's and MLX's
//! caches follow their sources; their other needs are estimates ([`Overhead`]).
//!
//! A model fits ([`plan`]) when every device holds its share of weights and cache *and*
//! its own buffers. The total is never just a sum of VRAM.

mod allocator;
mod buffers;
mod cache_reads;
mod cache_type;
mod compute_buffer;
mod division;
mod engine_memory;
mod graph;
mod kv_cache;
mod layout;
mod limits;
mod llama_graph;
mod offload;
mod other_caches;
mod overhead;
mod placement;
mod remedies;
mod sharing;
mod training;

pub use buffers::Buffers;
pub use cache_reads::{Lookback, attention_flops, read_at_depth, recurrent_state};
pub use cache_type::CacheType;
pub use compute_buffer::{DeviceBuffers, Outputs, compute_buffer, device_buffers};
pub use division::{Indivisible, indivisible, open_splits};
pub use kv_cache::{
    Cache, CacheSettings, LayerCache, cache, layer_cache, layer_caches, widest_value,
};
pub use limits::{Limits, last_true, limits, longest_context, most_sequences};
pub use other_caches::{PagedSettings, mlx_cache, paged_cache};
pub use overhead::{
    LLAMA_CPP_MARGIN, Overhead, VLLM_MEMORY_SHARE, mlx_overhead, vllm_batched_tokens, vllm_overhead,
};
pub use placement::{DeviceShare, Fits, Plan, best_plans, fits, plan, runs};
pub use remedies::{Remedy, remedies};
pub use training::{Method, Training, TrainingMemory, training};

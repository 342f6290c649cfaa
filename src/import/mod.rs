//! Files of other tools: GGUF headers, Hugging Face's config.json,
//! llama-bench's output and tables of measurements.
//!
//! All of it comes from outside and is trusted in nothing: a fault says where
//! it is and what to do, and no input makes this module panic.

pub mod gguf;
pub mod hf_config;
pub mod llama_bench;
pub mod measured_csv;
mod names;
mod series_toml;

pub use names::{device_id, quant_id, split_quant};
pub use series_toml::series_toml;

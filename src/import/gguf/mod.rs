//! GGUF headers: what a model file says about itself, without its data.
//!
//! [`Header::open`] reads a file (and the other parts of a split one),
//! [`Header::read`] anything that can be read. Counts and lengths come from
//! outside: each has a limit, memory grows only as bytes arrive, vocabularies
//! are passed over, and a fault says at which byte of which key or tensor it is.
//! Format: ggml-org/ggml docs/gguf.md; limits as in llama.cpp ggml/src/gguf.cpp.

mod architecture;
mod error;
mod extras;
mod facts;
mod feed_forward;
mod header;
mod mixer;
mod reader;
mod split;
mod tensor;
mod value;
mod weights;

pub use architecture::Described;
pub use error::{GgufError, Problem};
pub use header::Header;
pub use reader::ByteOrder;
pub use tensor::TensorInfo;
pub use value::{Metadata, Value};

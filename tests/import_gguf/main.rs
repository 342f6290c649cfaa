//! GGUF headers: real ones cut off before the data, and made ones with every
//! fault there is.

mod builder;
mod faults;
mod kinds;
mod mutations;
mod real;
mod split;
mod weights;

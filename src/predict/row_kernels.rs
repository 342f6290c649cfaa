//! Which kernels an engine multiplies weights by the few rows of a decode step with, as its
//! sources say.

use crate::machine::Backend;
use crate::model::StorageClass;
use crate::units::Date;

use super::constants::Parameter;
use super::rates::is_ggml;

/// The kernels of a decode step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowKernels {
    /// The most rows of vector kernels, whose arithmetic comes on top of reading; 1 where a
    /// step of more rows goes to matrix kernels.
    pub vector_rows: f64,
    /// Rows that a matrix kernel works on at once: fewer cost as much.
    pub tile: f64,
    /// Whether matrix kernels read weights while they multiply.
    pub overlaps: bool,
    /// Whether matrix kernels are those of a prefill, and reach its rates.
    pub as_prefill: bool,
    /// Up to which step each token reads the experts it draws for itself.
    pub own_experts: OwnExperts,
    /// Whether the device's cache holds an expert until another token of such a step reads it.
    pub own_cached: bool,
    /// Whether attention over several sequences reads what a sliding window masks.
    pub reads_masked: bool,
}

/// The largest step in which each token reads the experts that it draws, although others drew
/// them too. In larger ones experts are grouped, and each is read once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OwnExperts {
    /// So many tokens.
    Tokens(f64),
    /// So many draws, tokens times experts used.
    Draws(f64),
}

/// `MMVQ_MAX_BATCH_SIZE` 8 in `ggml-cuda/mmvq.cuh`, `ne11_mm_min` 8 in `ggml-metal-ops.cpp`,
/// `mul_mat_vec_max_cols` 8 in `ggml-vulkan.cpp` (ggml-org/llama.cpp).
const GGML_VECTOR_ROWS: f64 = 8.0;
/// `get_qmv_batch_limit` in `mlx/backend/metal/quantized.cpp` (ml-explore/mlx): 10 rows go to
/// matrix kernels on M3 and newer, 12 on an Ultra, 6 on M1 and M2; more for narrow layers.
const MLX_VECTOR_ROWS: f64 = 9.0;
/// `NR1` of `kernel_mul_mm` in `ggml-metal.metal`, and the smallest tile (`s_warptile_mmq`) in
/// `ggml-vulkan.cpp`. CUDA's MMQ picks its tile in steps of 8 rows, which pads hardly.
const GGML_TILE: f64 = 32.0;
/// `MMVQ_MMID_MAX_BATCH_SIZE` of early 2026, when the batches were measured (ggml-org/llama.cpp
/// pull request 18958). Builds since go up to 8 where that is faster.
const CUDA_OWN_TOKENS: f64 = 4.0;
/// The day that pull request was proposed: builds before it group experts from two tokens on.
const CUDA_OWN_SINCE: Date = Date::new(2026, 1, 20);
/// `ne21_mm_id_min` 32 in `ggml-metal-ops.cpp`.
const METAL_OWN_TOKENS: f64 = 31.0;
/// `ggml_vk_use_mul_mat_vec_id` in `ggml-vulkan.cpp`.
const VULKAN_OWN_TOKENS: f64 = 8.0;
/// `do_sort = indices.size >= 64` in `mlx_lm/models/switch_layers.py` (ml-explore/mlx-lm).
const MLX_OWN_DRAWS: f64 = 63.0;

/// The kernels of an engine on a backend. ggml's for Metal and Vulkan stage a tile in shared
/// memory, wait, and multiply it: on M2 Ultra their times add up, on CUDA they overlap.
pub fn row_kernels(engine: &str, backend: Backend, class: StorageClass) -> RowKernels {
    if !is_ggml(engine) {
        let (vector_rows, own_experts) = if engine == "mlx" {
            // `gemv` in `mlx/backend/metal/matmul.cpp` takes a single row of 16-bit weights.
            let rows = if class.is_unquantized() {
                1.0
            } else {
                MLX_VECTOR_ROWS
            };
            (rows, OwnExperts::Draws(MLX_OWN_DRAWS))
        } else {
            (1.0, OwnExperts::Tokens(1.0))
        };
        return RowKernels {
            vector_rows,
            tile: 1.0,
            overlaps: true,
            as_prefill: false,
            own_experts,
            own_cached: false,
            reads_masked: false,
        };
    }
    let (tile, overlaps, own) = match backend {
        Backend::Metal => (GGML_TILE, false, METAL_OWN_TOKENS),
        Backend::Vulkan => (GGML_TILE, false, VULKAN_OWN_TOKENS),
        _ => (1.0, true, CUDA_OWN_TOKENS),
    };
    RowKernels {
        vector_rows: GGML_VECTOR_ROWS,
        tile,
        overlaps,
        as_prefill: true,
        own_experts: OwnExperts::Tokens(own),
        own_cached: backend == Backend::Cuda,
        // `launch_fattn` in `ggml-cuda/fattn-common.cuh`, which HIP shares: it skips only what
        // is masked behind the last cell in use.
        reads_masked: matches!(backend, Backend::Cuda | Backend::Rocm),
    }
}

/// The same as they were in builds of a day.
pub fn row_kernels_on(
    engine: &str,
    backend: Backend,
    class: StorageClass,
    day: Date,
) -> RowKernels {
    let kernels = row_kernels(engine, backend, class);
    if is_ggml(engine) && backend == Backend::Cuda && day.days() < CUDA_OWN_SINCE.days() {
        return RowKernels {
            own_experts: OwnExperts::Tokens(1.0),
            ..kernels
        };
    }
    kernels
}

impl RowKernels {
    /// Whether a step of so many tokens goes to matrix kernels.
    pub fn are_matrices(&self, tokens: f64) -> bool {
        tokens > self.vector_rows
    }

    /// Rows that the matrix kernels work on for so many.
    pub fn padded(&self, rows: f64) -> f64 {
        (rows / self.tile).ceil() * self.tile
    }

    /// Whether each of so many tokens, of `used` experts each, reads its own.
    pub fn reads_own_experts(&self, tokens: f64, used: f64) -> bool {
        match self.own_experts {
            OwnExperts::Tokens(most) => tokens <= most,
            OwnExperts::Draws(most) => tokens * used <= most,
        }
    }

    /// The largest steps before other kernels take over, which may be the faster although they
    /// work on more tokens; `used` experts of each where there are experts.
    pub fn last_tokens(&self, used: Option<u32>) -> [f64; 2] {
        let own = match (self.own_experts, used) {
            (OwnExperts::Tokens(most), Some(_)) => most,
            (OwnExperts::Draws(most), Some(used)) => (most / f64::from(used.max(1))).floor(),
            (_, None) => self.vector_rows,
        };
        [self.vector_rows, own]
    }

    /// Tokens of a micro-batch, where attention over so many sequences reads what the ring of
    /// a sliding window holds beyond it; 0 where it reads the window alone. Rates of a lone
    /// sequence at depth show none of it.
    pub fn ring_batch(&self, sequences: u32, ubatch: f64) -> u64 {
        if self.reads_masked && sequences > 1 {
            ubatch as u64
        } else {
            0
        }
    }

    /// Experts that a layer reads from memory for so many tokens: each token's own, or those
    /// that all of them touch.
    pub fn experts_read(&self, total: f64, used: f64, popularity: f64, tokens: f64) -> f64 {
        if self.reads_own_experts(tokens, used) && !self.own_cached {
            tokens * used
        } else {
            experts_touched(total, used, popularity, tokens)
        }
    }

    /// Coefficients of reading dense weights. An engine with one kind of kernel reads them
    /// alike for any number of rows.
    pub fn read_rate(&self, matrices: bool) -> &'static [Parameter] {
        if matrices && self.as_prefill {
            &[Parameter::WeightRead, Parameter::MatrixRead]
        } else {
            &[Parameter::WeightRead]
        }
    }

    /// Coefficients of the matrix kernels' arithmetic on dense weights.
    pub fn dense_rate(&self) -> &'static [Parameter] {
        if self.as_prefill {
            &[Parameter::PrefillCompute]
        } else {
            &[Parameter::BatchCompute]
        }
    }

    /// The same on experts.
    pub fn expert_rate(&self) -> &'static [Parameter] {
        if self.as_prefill {
            &[Parameter::PrefillCompute, Parameter::PrefillExpert]
        } else {
            &[Parameter::BatchCompute]
        }
    }
}

/// Experts of a layer that so many tokens touch: those of the first, and of the others each
/// with the probability that a further token draws it. How often tokens draw an expert is
/// gamma distributed over the experts, with the shape `popularity`: the smaller, the fewer
/// are favoured. Without end it is the coupon collector's `1 - exp(-n used / total)`.
/// The form is that of a mixed Poisson process (negative binomial; Greenwood and Yule, 1920).
pub(super) fn experts_touched(total: f64, used: f64, popularity: f64, tokens: f64) -> f64 {
    let draws = (tokens - 1.0).max(0.0) * used / total;
    used + (total - used) * (1.0 - (1.0 + draws / popularity).powf(-popularity))
}

#[cfg(test)]
mod tests {
    use super::{OwnExperts, experts_touched, row_kernels, row_kernels_on};
    use crate::machine::Backend;
    use crate::model::StorageClass;
    use crate::units::Date;

    #[test]
    fn one_token_touches_what_it_uses() {
        assert!((experts_touched(128.0, 4.0, 0.5, 1.0) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn draws_without_favourites_are_the_coupon_collector() {
        // 128 x (1 - (124/128)^8) = 28.71; those of one token differ, which Poisson leaves out.
        let touched = experts_touched(128.0, 4.0, 1e6, 8.0);
        assert!((touched / 28.7104 - 1.0).abs() < 0.015, "{touched}");
    }

    #[test]
    fn favourites_are_drawn_again() {
        // 4 + 124 x (1 - (1 + 7 x 4 / 128 / 0.5)^-0.5) = 24.5769
        assert!((experts_touched(128.0, 4.0, 0.5, 8.0) - 24.5769).abs() < 1e-3);
        // All of them are used by each token.
        assert!((experts_touched(8.0, 8.0, 0.5, 16.0) - 8.0).abs() < 1e-9);
    }

    #[test]
    fn small_steps_read_an_expert_for_each_token_that_drew_it() {
        let read = |engine, backend, tokens| {
            row_kernels(engine, backend, StorageClass::Q8).experts_read(8.0, 8.0, 1.0, tokens)
        };
        assert!((read("llama.cpp", Backend::Vulkan, 8.0) - 64.0).abs() < 1e-9);
        assert!((read("llama.cpp", Backend::Vulkan, 9.0) - 8.0).abs() < 1e-9);
        assert!((read("llama.cpp", Backend::Metal, 31.0) - 248.0).abs() < 1e-9);
        assert!((read("llama.cpp", Backend::Metal, 32.0) - 8.0).abs() < 1e-9);
        assert!((read("mlx", Backend::Mlx, 7.0) - 56.0).abs() < 1e-9);
        assert!((read("mlx", Backend::Mlx, 8.0) - 8.0).abs() < 1e-9);
        assert!((read("vllm", Backend::Cuda, 2.0) - 8.0).abs() < 1e-9);
    }

    #[test]
    fn cuda_reads_a_repeated_expert_from_its_cache() {
        let cuda = row_kernels("llama.cpp", Backend::Cuda, StorageClass::Q8);
        assert!(cuda.reads_own_experts(4.0, 8.0) && !cuda.reads_own_experts(5.0, 8.0));
        let read = cuda.experts_read(128.0, 8.0, 0.6, 4.0);
        assert!((read - experts_touched(128.0, 8.0, 0.6, 4.0)).abs() < 1e-9);
    }

    #[test]
    fn builds_of_2025_group_experts_from_two_tokens_on() {
        let on =
            |day| row_kernels_on("llama.cpp", Backend::Cuda, StorageClass::Q8, day).own_experts;
        assert_eq!(on(Date::new(2025, 11, 1)), OwnExperts::Tokens(1.0));
        assert_eq!(on(Date::new(2026, 2, 1)), OwnExperts::Tokens(4.0));
    }

    #[test]
    fn only_several_sequences_read_the_ring() {
        let beside = |backend, sequences| {
            row_kernels("llama.cpp", backend, StorageClass::Q8).ring_batch(sequences, 512.0)
        };
        assert_eq!(beside(Backend::Cuda, 1), 0);
        assert_eq!(beside(Backend::Cuda, 2), 512);
        assert_eq!(beside(Backend::Metal, 2), 0);
        assert_eq!(
            row_kernels("vllm", Backend::Cuda, StorageClass::Fp8).ring_batch(2, 512.0),
            0
        );
    }

    #[test]
    fn mlx_has_vector_kernels_of_several_rows_for_quants_alone() {
        let rows = |class| row_kernels("mlx", Backend::Mlx, class).vector_rows;
        assert!((rows(StorageClass::Mlx4) - 9.0).abs() < 1e-9);
        assert!((rows(StorageClass::Bf16) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn metal_pads_rows_to_a_tile() {
        let metal = row_kernels("llama.cpp", Backend::Metal, StorageClass::Q8);
        assert!(!metal.are_matrices(8.0) && metal.are_matrices(9.0));
        assert!((metal.padded(9.0) - 32.0).abs() < 1e-9);
        assert!((metal.padded(33.0) - 64.0).abs() < 1e-9);
        assert!(
            (row_kernels("llama.cpp", Backend::Cuda, StorageClass::Q8).padded(9.0) - 9.0).abs()
                < 1e-9
        );
    }
}

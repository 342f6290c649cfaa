//! The inputs of the graph besides the tokens.

use super::Builder;
use crate::model::{Architecture, Mixer};
use crate::predict::memory::cache_type::CacheType;
use crate::predict::memory::graph::{HOST, Id};
use crate::predict::memory::kv_cache::widest_value;

/// What attention over one of the caches takes as input.
#[derive(Debug, Clone, Copy)]
pub(super) struct CacheInputs {
    /// Cells of one stream.
    pub(super) cells: u64,
    /// Rows that keys are written to.
    pub(super) key_rows: Id,
    /// Rows (without flash attention: elements) that values are written to.
    pub(super) value_rows: Id,
    /// Which cell each token may see.
    pub(super) mask: Id,
    /// Hadamard matrix that keys and queries are turned by before they are quantised.
    pub(super) key_turn: Option<Id>,
    /// The same for values.
    pub(super) value_turn: Option<Id>,
}

/// All inputs; what a model does not use never enters its graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs {
    /// Positions of the tokens.
    pub(super) positions: Id,
    /// The cache of layers that see all tokens.
    pub(super) full: CacheInputs,
    /// The cache of sliding-window layers.
    pub(super) sliding: Option<CacheInputs>,
    /// Which tokens give logits.
    pub(super) outputs: Id,
    /// A factor for each token (Llama 4).
    pub(super) scale: Id,
    /// Which recurrent state belongs to which sequence.
    pub(super) states: Id,
}

impl Builder<'_> {
    pub(super) fn inputs(&mut self) -> Inputs {
        self.graph.layer = HOST;
        let window = self
            .architecture
            .layers
            .iter()
            .find_map(|layer| match layer.mixer {
                Mixer::Sliding { window, .. } => Some(window),
                _ => None,
            });
        let positions = self
            .graph
            .input([self.tokens * self.habits.positions, 1, 1, 1], 4);
        let full = self.cache_inputs(self.settings.cells(), false);
        let sliding =
            window.map(|window| self.cache_inputs(self.settings.sliding_cells(window), true));
        Inputs {
            positions,
            full,
            sliding,
            outputs: self.graph.input([self.outputs, 1, 1, 1], 4),
            scale: self.graph.input([1, 1, self.tokens, 1], 4),
            states: self.graph.input([self.sequences, 1, 1, 1], 4),
        }
    }

    fn cache_inputs(&mut self, cells: u64, sliding: bool) -> CacheInputs {
        let flash = self.settings.flash_attention;
        let widths = Widths::of(self.architecture, sliding);
        let values = if flash {
            1
        } else {
            widest_value(self.architecture).max(1)
        };
        let (key_type, value_type) = (self.settings.key_type, self.settings.value_type);
        CacheInputs {
            cells,
            key_rows: self.graph.input([self.tokens, 1, 1, 1], 8),
            value_rows: self
                .graph
                .input([self.tokens.saturating_mul(values), 1, 1, 1], 8),
            mask: self
                .graph
                .input([cells, self.tokens, 1, 1], if flash { 2 } else { 4 }),
            key_turn: self.turn(key_type, widths.key, true),
            value_turn: self.turn(value_type, widths.value, false),
        }
    }

    /// The Hadamard matrix for a quantised cache: 64 wide, for keys the widest power of
    /// two that divides the head; none where heads are no multiple of 64 or differ.
    fn turn(&mut self, kind: CacheType, head: Option<u64>, widen: bool) -> Option<Id> {
        let head = head.filter(|size| kind.is_quantized() && size.is_multiple_of(64))?;
        let width = if widen {
            1 << head.trailing_zeros().min(20)
        } else {
            64
        };
        Some(self.graph.input([width, width, 1, 1], 4))
    }
}

/// The size of the heads of a cache, if they all have the same.
struct Widths {
    key: Option<u64>,
    value: Option<u64>,
}

impl Widths {
    fn of(architecture: &Architecture, sliding: bool) -> Self {
        let mut all = architecture
            .layers
            .iter()
            .filter_map(|layer| match layer.mixer {
                Mixer::Full(heads) if !sliding => Some(heads),
                Mixer::Sliding { heads, .. } if sliding => Some(heads),
                _ => None,
            });
        let Some(first) = all.next() else {
            return Self {
                key: None,
                value: None,
            };
        };
        let (mut same_key, mut same_value) = (true, true);
        for heads in all {
            same_key &= heads.key_dim == first.key_dim;
            same_value &= heads.value_dim == first.value_dim;
        }
        Self {
            key: same_key.then_some(u64::from(first.key_dim)),
            value: same_value.then_some(u64::from(first.value_dim)),
        }
    }
}

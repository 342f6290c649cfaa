//! Recurrent layers: gated delta net, Mamba-2 and gated short convolution.

use super::Builder;
use super::inputs::Inputs;
use crate::model::{Recurrence, Recurrent};
use crate::predict::memory::graph::{Graph, Id};

impl Builder<'_> {
    pub(super) fn recurrence(&mut self, normed: Id, layer: Recurrent, inputs: &Inputs) -> Id {
        match layer.kind {
            Recurrence::GatedDeltaNet => self.delta_net(normed, layer, inputs),
            Recurrence::Mamba2 => self.mamba2(normed, layer, inputs),
            Recurrence::ShortConvolution => self.short_convolution(normed, layer, inputs),
        }
    }

    /// The fused gated delta net of `delta-net-base.cpp`.
    fn delta_net(&mut self, normed: Id, layer: Recurrent, inputs: &Inputs) -> Id {
        let (sequences, each) = (self.sequences, self.tokens / self.sequences);
        let (k_heads, k_dim) = (u64::from(layer.groups), u64::from(layer.state));
        let (v_heads, values) = (u64::from(layer.heads).max(1), u64::from(layer.inner));
        let v_dim = values / v_heads;
        let channels = 2 * k_heads * k_dim + values;
        let mixed = self.linear(channels, normed);
        let gate_out = self.linear(values, normed);
        let beta = self.linear(v_heads, normed);
        let beta = self.graph.view(beta, [1, v_heads, each, sequences]);
        let beta = self.graph.element_wise(&[beta]);
        let alpha = self.linear(v_heads, normed);
        let alpha = self.graph.view(alpha, [v_heads, each, sequences, 1]);
        let alpha = self.graph.element_wise(&[alpha]);
        let alpha = self.graph.element_wise(&[alpha]);
        let alpha = self.graph.element_wise(&[alpha]);
        let gate = self.graph.view(alpha, [1, v_heads, each, sequences]);
        self.graph.expand(beta);
        self.graph.expand(gate);
        let convolved = self.convolution(mixed, layer.conv, channels, inputs);
        let state = self.graph.compute(
            [v_dim * v_dim * v_heads, sequences, 1, 1],
            &[Graph::EXTERNAL, inputs.states],
        );
        self.graph.expand(state);
        let state = self.graph.view(state, [v_dim, v_dim, v_heads, sequences]);
        let convolved = self
            .graph
            .compute([channels, each, sequences, 1], &[convolved]);
        let convolved = self.graph.element_wise(&[convolved]);
        let query = self
            .graph
            .view(convolved, [k_dim, k_heads, each, sequences]);
        let key = self
            .graph
            .view(convolved, [k_dim, k_heads, each, sequences]);
        let value = self
            .graph
            .view(convolved, [v_dim, v_heads, each, sequences]);
        let query = self
            .graph
            .compute([k_dim, k_heads, each, sequences], &[query]);
        let key = self
            .graph
            .compute([k_dim, k_heads, each, sequences], &[key]);
        let both = self.graph.compute(
            [values, self.tokens + v_dim * sequences, 1, 1],
            &[query, key, value, gate, beta, state],
        );
        let out = self.graph.view(both, [v_dim, v_heads, each, sequences]);
        let new_state = self.graph.view(both, [v_dim, v_dim, v_heads, sequences]);
        self.graph.store(&[new_state, Graph::EXTERNAL]);
        let gate_out = self.graph.view(gate_out, [v_dim, v_heads, each, sequences]);
        let out = self.norm(out);
        let gate_out = self.graph.element_wise(&[gate_out]);
        let out = self.graph.element_wise(&[out, gate_out]);
        let out = self.graph.view(out, [values, each, sequences, 1]);
        let out = self.linear(self.hidden, out);
        self.graph.view(out, [self.hidden, self.tokens, 1, 1])
    }

    /// `build_mamba2_layer`.
    fn mamba2(&mut self, normed: Id, layer: Recurrent, inputs: &Inputs) -> Id {
        let (sequences, each) = (self.sequences, self.tokens / self.sequences);
        let (inner, groups) = (u64::from(layer.inner), u64::from(layer.groups));
        let (state, heads) = (u64::from(layer.state), u64::from(layer.heads).max(1));
        let dim = inner / heads;
        let channels = inner + 2 * groups * state;
        let kept = self.convolution_state(layer.conv, channels, inputs);
        let source = self.graph.view(normed, [self.hidden, each, sequences, 1]);
        let all = self.linear(inner + channels + heads, source);
        let gate = self.graph.view(all, [dim, heads, each, sequences]);
        let mixed = self.graph.view(all, [channels, each, sequences, 1]);
        let step = self.graph.view(all, [heads, each, sequences, 1]);
        let joined = self.join(kept, mixed, layer.conv, channels);
        let convolved = self
            .graph
            .compute([channels, each, sequences, 1], &[joined]);
        let convolved = self.graph.element_wise(&[convolved]);
        let convolved = self.graph.element_wise(&[convolved]);
        let x = self.graph.view(convolved, [dim, heads, each, sequences]);
        let write = self.graph.view(convolved, [state, groups, each, sequences]);
        let read = self.graph.view(convolved, [state, groups, each, sequences]);
        let step = self.graph.compute([heads, each, sequences, 1], &[step]);
        let step = self.graph.element_wise(&[step]);
        let both = self.graph.compute(
            [inner * self.tokens + state * inner * sequences, 1, 1, 1],
            &[x, step, write, read, inputs.states],
        );
        self.graph.expand(both);
        let new_state = self.graph.view(both, [state * inner * sequences, 1, 1, 1]);
        self.graph.store(&[new_state, Graph::EXTERNAL]);
        let y = self.graph.view(both, [dim, heads, each, sequences]);
        let skip = self.graph.compute([dim, heads, each, sequences], &[x]);
        let y = self.graph.element_wise(&[y, skip]);
        let gate = self.graph.compute([dim, heads, each, sequences], &[gate]);
        let y = self
            .graph
            .compute([dim, heads, each, sequences], &[gate, y]);
        let y = self
            .graph
            .view(y, [inner / groups.max(1), groups, each, sequences]);
        let y = self.norm(y);
        let y = self.graph.view(y, [inner, self.tokens, 1, 1]);
        self.linear(self.hidden, y)
    }

    /// LFM2's gated convolution over three token vectors.
    fn short_convolution(&mut self, normed: Id, layer: Recurrent, inputs: &Inputs) -> Id {
        let (sequences, each) = (self.sequences, self.tokens / self.sequences);
        let width = u64::from(layer.inner);
        let shape = [width, each, sequences, 1];
        let source = self.graph.view(normed, [self.hidden, each, sequences, 1]);
        let all = self.linear(3 * width, source);
        let before = self.graph.view(all, shape);
        let after = self.graph.view(all, shape);
        let x = self.graph.view(all, shape);
        let product = self.graph.element_wise(&[before, x]);
        let kept = self.convolution_state(layer.conv, width, inputs);
        let joined = self.join(kept, product, layer.conv, width);
        let convolved = self.graph.compute(shape, &[joined]);
        let gated = self.graph.element_wise(&[after, convolved]);
        let out = self.linear(self.hidden, gated);
        self.graph.view(out, [self.hidden, self.tokens, 1, 1])
    }

    /// The kept inputs of a convolution and the new ones, side by side.
    fn convolution(&mut self, mixed: Id, conv: u32, channels: u64, inputs: &Inputs) -> Id {
        let kept = self.convolution_state(conv, channels, inputs);
        self.join(kept, mixed, conv, channels)
    }

    fn convolution_state(&mut self, conv: u32, channels: u64, inputs: &Inputs) -> Id {
        let before = u64::from(conv.saturating_sub(1));
        let kept = self.graph.compute(
            [before * channels, self.sequences, 1, 1],
            &[Graph::EXTERNAL, inputs.states],
        );
        self.graph.expand(kept);
        self.graph.view(kept, [before, channels, self.sequences, 1])
    }

    fn join(&mut self, kept: Id, new: Id, conv: u32, channels: u64) -> Id {
        let (sequences, each) = (self.sequences, self.tokens / self.sequences);
        let before = u64::from(conv.saturating_sub(1));
        let turned = self.graph.view(new, [each, channels, sequences, 1]);
        let joined = self
            .graph
            .compute([before + each, channels, sequences, 1], &[kept, turned]);
        let last = self.graph.view(joined, [before, channels, sequences, 1]);
        self.graph.store(&[last, Graph::EXTERNAL]);
        joined
    }
}

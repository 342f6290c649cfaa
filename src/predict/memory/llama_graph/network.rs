//! The feed-forward part: dense (`build_ffn`) and with experts (`build_moe_ffn`).

use super::Builder;
use super::habits::Routing;
use crate::model::family::Gate;
use crate::model::{Experts, FeedForward};
use crate::predict::memory::graph::Id;

/// More experts than any model uses for a token (llama.cpp's own limit is 512).
const MOST_EXPERTS: u32 = 512;

impl Builder<'_> {
    /// `normed` is what the network reads, `stream` the same before its norm (routed
    /// experts beside a dense network have a norm of their own).
    pub(super) fn feed_forward(&mut self, normed: Id, stream: Id, network: FeedForward) -> Id {
        match network {
            FeedForward::None => normed,
            FeedForward::Dense { width } => self.dense(normed, u64::from(width)),
            FeedForward::Experts(experts) if experts.dense_width > 0 => {
                let dense = self.dense(normed, u64::from(experts.dense_width));
                let dense = self.norm(dense);
                let own = self.norm(stream);
                let routed = self.experts(own, experts);
                let routed = self.norm(routed);
                self.graph.element_wise(&[dense, routed])
            }
            FeedForward::Experts(experts) => self.experts(normed, experts),
        }
    }

    fn dense(&mut self, normed: Id, width: u64) -> Id {
        let biased = self.spec.network.bias;
        let activated = match self.spec.network.gate {
            Gate::Own => {
                let up = self.linear(width, normed);
                let gate = self.linear(width, normed);
                let shape = self.graph.shape(up);
                self.graph.compute(shape, &[gate, up])
            }
            Gate::WithUp => {
                let both = self.linear(2 * width, normed);
                let [_, a, b, c] = self.graph.shape(both);
                self.graph.compute([width, a, b, c], &[both])
            }
            Gate::None => {
                let up = self.linear(width, normed);
                let activated = self.graph.element_wise(&[up]);
                self.graph.element_wise(&[activated])
            }
        };
        let down = self.linear(self.hidden, activated);
        if biased {
            self.graph.element_wise(&[down])
        } else {
            down
        }
    }

    fn experts(&mut self, normed: Id, experts: Experts) -> Id {
        let tokens = self.graph.shape(normed)[1];
        let (used, width) = (
            u64::from(experts.used.min(MOST_EXPERTS)),
            u64::from(experts.width),
        );
        let biased = self.spec.network.expert_bias;
        let latent = self.architecture.extras.expert_latent.map(u64::from);
        let hidden = latent.unwrap_or(self.hidden);
        let (chosen, weights) = self.route(normed, experts, tokens);

        let narrow = if latent.is_some() {
            self.linear(hidden, normed)
        } else {
            normed
        };
        let mut input = self.graph.view(narrow, [hidden, 1, tokens, 1]);
        let before = self.habits.routing == Routing::SigmoidBefore;
        if before {
            let repeated = self.graph.compute([hidden, used, tokens, 1], &[input]);
            input = self.graph.element_wise(&[repeated, weights]);
        }
        let shape = [width, used, tokens, 1];
        let up = self.graph.compute(shape, &[input, chosen]);
        let up = if biased {
            self.graph.element_wise(&[up, chosen])
        } else {
            up
        };
        let activated = if self.spec.network.gate == Gate::None {
            let activated = self.graph.element_wise(&[up]);
            self.graph.element_wise(&[activated])
        } else {
            let gate = self.graph.compute(shape, &[input, chosen]);
            let gate = if biased {
                self.graph.element_wise(&[gate, chosen])
            } else {
                gate
            };
            self.graph.compute(shape, &[gate, up])
        };
        let mut down = self
            .graph
            .compute([hidden, used, tokens, 1], &[activated, chosen]);
        if biased {
            down = self.graph.element_wise(&[down, chosen]);
        }
        if !before {
            down = self.graph.element_wise(&[down, weights]);
        }
        self.graph.expand(down);
        let mut sum = self.sum_of_experts(down, [hidden, tokens, 1, 1], used);
        if latent.is_some() {
            sum = self.linear(self.hidden, sum);
        }
        if experts.shared_width == 0 {
            return sum;
        }
        let mut shared = self.dense(normed, u64::from(experts.shared_width));
        if self.spec.network.shared_gate {
            let gate = self.linear(1, normed);
            let gate = self.graph.element_wise(&[gate]);
            shared = self.graph.element_wise(&[shared, gate]);
        }
        self.graph.element_wise(&[sum, shared])
    }

    /// Which experts each token goes to, and with which weights.
    fn route(&mut self, normed: Id, experts: Experts, tokens: u64) -> (Id, Id) {
        let (total, used) = (
            u64::from(experts.total),
            u64::from(experts.used.min(MOST_EXPERTS)),
        );
        let routing = self.habits.routing;
        let mut logits = self.linear(total, normed);
        if self.spec.network.expert_bias {
            logits = self.graph.element_wise(&[logits]);
        }
        let shares = match routing {
            Routing::SoftmaxOfChosen => logits,
            _ => self.graph.element_wise(&[logits]),
        };
        let ranked = match routing {
            Routing::SigmoidWithBias => self.graph.element_wise(&[shares]),
            Routing::SigmoidBefore => logits,
            _ => shares,
        };
        let sorted = self.graph.compute([total, tokens, 1, 1], &[ranked]);
        let chosen = self.graph.view(sorted, [used, tokens, 1, 1]);
        let shares = self.graph.view(shares, [1, total, tokens, 1]);
        let mut weights = self.graph.compute([1, used, tokens, 1], &[shares, chosen]);
        if routing == Routing::SoftmaxOfChosen {
            let flat = self.graph.view(weights, [used, tokens, 1, 1]);
            let soft = self.graph.element_wise(&[flat]);
            weights = self.graph.view(soft, [1, used, tokens, 1]);
        }
        if matches!(routing, Routing::Softmax | Routing::SigmoidWithBias) {
            let flat = self.graph.view(weights, [used, tokens, 1, 1]);
            let sum = self.graph.compute([1, tokens, 1, 1], &[flat]);
            let sum = self.graph.element_wise(&[sum]);
            let normalised = self.graph.element_wise(&[flat, sum]);
            weights = self.graph.view(normalised, [1, used, tokens, 1]);
        }
        if routing == Routing::SigmoidWithBias {
            weights = self.graph.element_wise(&[weights]);
        }
        self.graph.expand(weights);
        (chosen, weights)
    }

    /// Adds the chosen experts' results up, one after another.
    fn sum_of_experts(&mut self, results: Id, shape: [u64; 4], used: u64) -> Id {
        let parts: Vec<Id> = (0..used.max(1))
            .map(|_| self.graph.view(results, shape))
            .collect();
        for &part in &parts {
            self.graph.expand(part);
        }
        let mut sum = parts.first().copied().unwrap_or(results);
        for &part in parts.iter().skip(1) {
            sum = self.graph.element_wise(&[sum, part]);
            self.graph.expand(sum);
        }
        if used <= 1 {
            self.graph.compute(shape, &[sum])
        } else {
            sum
        }
    }
}

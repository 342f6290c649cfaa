//! The rules role by role: which files raise which tensors, and where.

use super::super::file_type::FileType as F;
use super::super::types::TensorType as T;
use super::{Recipe, is_value, more_bits};
use crate::model::tensors::{Role, Tensor};

impl Recipe {
    pub(super) fn head(&self, tensor: &Tensor) -> T {
        let base = self.file.default_type();
        let (block, _) = base.block();
        if self.file == F::Mxfp4Moe || self.falcon || !tensor.shape[0].is_multiple_of(block) {
            return T::Q8_0;
        }
        match self.file {
            F::Iq2Xxs | F::Iq2Xs | F::Iq3Xxs | F::Iq1S | F::Iq2S | F::Iq2M | F::Iq1M => T::Q5K,
            F::Q8_0 => T::Q8_0,
            _ => T::Q6K,
        }
    }

    pub(super) fn embedding(&self) -> T {
        match self.file {
            F::Iq2Xxs | F::Iq2Xs | F::Iq1S | F::Iq1M => T::Q2K,
            F::Iq2S | F::Iq2M | F::Iq3Xxs => T::Iq3S,
            F::Tq1_0 | F::Tq2_0 => T::Q4K,
            _ => self.file.default_type(),
        }
    }

    /// The files of about two bits and below have rules of their own.
    pub(super) fn two_bits(&mut self, role: Role) -> T {
        let better = matches!(self.file, F::Iq2S | F::Iq2M);
        let raised = if better { T::Iq3S } else { T::Q2K };
        match role {
            role if is_value(role) => {
                self.value += 1;
                if self.grouping >= 4 || self.experts >= 4 {
                    T::Q4K
                } else {
                    raised
                }
            }
            Role::AttentionK | Role::UnusedK if self.experts == 8 => T::Q4K,
            Role::FfnDown => {
                let first = self.downs < self.layers / 8;
                self.downs += 1;
                if first {
                    raised
                } else {
                    self.file.default_type()
                }
            }
            Role::AttentionOutput if self.experts == 8 => T::Q5K,
            Role::AttentionOutput if better => T::Iq3S,
            Role::AttentionOutput if matches!(self.file, F::Iq1S | F::Iq1M) => T::Iq2Xxs,
            _ => self.file.default_type(),
        }
    }

    pub(super) fn value(&self) -> T {
        let grouped = self.grouping >= 4;
        let base = self.file.default_type();
        let mut chosen = match self.file {
            F::Q2K => {
                if grouped {
                    T::Q4K
                } else {
                    T::Q3K
                }
            }
            F::Q2KS | F::Iq3Xxs | F::Iq3Xs | F::Iq3S if grouped => T::Q4K,
            F::Iq3Xxs if !self.importance => T::Iq3S,
            F::Iq3M => T::Q4K,
            F::Q3KM => {
                if self.value < 2 {
                    T::Q5K
                } else {
                    T::Q4K
                }
            }
            F::Q3KL => T::Q5K,
            F::Iq4Nl | F::Iq4Xs if grouped => T::Q5K,
            F::Q4KM | F::Q5KM if more_bits(self.value, self.values) => T::Q6K,
            F::Q4KS if self.value < 4 => T::Q5K,
            _ => base,
        };
        if self.large && matches!(chosen, T::Q3K | T::Q4K) {
            chosen = T::Q5K;
        }
        if self.experts == 8 { T::Q8_0 } else { chosen }
    }

    pub(super) fn query_or_key(&self) -> T {
        match self.file {
            F::Iq3Xs => T::Iq3Xxs,
            F::Iq3Xxs => T::Iq2S,
            _ => self.file.default_type(),
        }
    }

    pub(super) fn attention_output(&self) -> T {
        let base = self.file.default_type();
        if self.falcon {
            return if self.file == F::Q3KL { T::Q4K } else { base };
        }
        if self.experts == 8 {
            return match self.file {
                F::Q2K
                | F::Iq3Xs
                | F::Iq3Xxs
                | F::Q3KS
                | F::Q3KM
                | F::Iq4Nl
                | F::Q4KS
                | F::Q4KM
                | F::Iq3S
                | F::Iq3M
                | F::Iq4Xs => T::Q5K,
                _ => base,
            };
        }
        match self.file {
            F::Q2K => T::Q3K,
            F::Iq3Xxs => T::Iq3S,
            F::Q3KM | F::Iq3M => T::Q4K,
            F::Q3KL => T::Q5K,
            _ => base,
        }
    }

    pub(super) fn down(&self, layer: usize) -> T {
        let layers = self.layers;
        let early = layer < layers / 8;
        let more = more_bits(layer, layers);
        match self.file {
            F::Q2K => T::Q3K,
            F::Q2KS if early => T::Q4K,
            F::Iq3Xxs if !self.importance => {
                if early {
                    T::Q4K
                } else {
                    T::Q3K
                }
            }
            F::Q3KM if layer < layers / 16 => T::Q5K,
            F::Q3KM if !self.falcon || more => T::Q4K,
            F::Iq3M if early || (self.experts == 8 && more) => T::Q4K,
            F::Q3KL => {
                if self.falcon {
                    T::Q4K
                } else {
                    T::Q5K
                }
            }
            F::Q4KM if self.falcon => match (layer < layers / 16, more) {
                (true, _) => T::Q6K,
                (false, true) => T::Q5K,
                (false, false) => T::Q4K,
            },
            F::Q4KM | F::Q5KM if more => T::Q6K,
            F::Iq4Nl | F::Iq4Xs if early && !self.importance => T::Q5K,
            F::Q4KS if early && !self.falcon => T::Q5K,
            // With an importance matrix Q4_0 and Q5_0 would raise the first eighth;
            // they are taken as made without one.
            _ => self.file.default_type(),
        }
    }

    pub(super) fn gate_or_up(&self, layer: usize) -> T {
        let middle = layer >= self.layers / 8 && layer < 7 * self.layers / 8;
        if self.file == F::Iq3Xs && middle {
            T::Iq3Xxs
        } else {
            self.file.default_type()
        }
    }
}

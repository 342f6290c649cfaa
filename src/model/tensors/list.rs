//! The list while it is being written: knows the layer it is in.

use super::tensor::{Part, Role, Tensor};

/// Tensors so far, and where the next one belongs.
#[derive(Debug)]
pub struct List {
    tensors: Vec<Tensor>,
    layer: Option<u32>,
    mtp: bool,
}

impl List {
    pub(super) fn new() -> Self {
        Self {
            tensors: Vec::new(),
            layer: None,
            mtp: false,
        }
    }

    /// The tensors that follow belong to this layer.
    pub(super) fn enter(&mut self, layer: u32, mtp: bool) {
        self.layer = Some(layer);
        self.mtp = mtp;
    }

    pub(super) fn into_tensors(self) -> Vec<Tensor> {
        self.tensors
    }

    fn push(&mut self, role: Role, stem: &'static str, part: Part, shape: [u64; 4], routed: bool) {
        let (layer, mtp) = (self.layer, self.mtp);
        self.tensors.push(Tensor {
            role,
            stem,
            part,
            layer,
            shape,
            routed,
            mtp,
        });
    }

    /// The layer that tensors are being added to.
    pub fn layer(&self) -> Option<u32> {
        self.layer
    }

    /// A weight matrix: `rows` rows of `row` elements (inputs).
    pub fn matrix(&mut self, role: Role, stem: &'static str, row: u64, rows: u64) {
        self.push(role, stem, Part::Weight, [row, rows, 1, 1], false);
    }

    /// A stack of weight matrices that are all read (per head or per group).
    pub fn stack(&mut self, role: Role, stem: &'static str, row: u64, rows: u64, count: u64) {
        self.push(role, stem, Part::Weight, [row, rows, count, 1], false);
    }

    /// One weight matrix for each routed expert.
    pub fn experts(&mut self, role: Role, stem: &'static str, row: u64, rows: u64, experts: u64) {
        self.push(role, stem, Part::Weight, [row, rows, experts, 1], true);
    }

    /// One bias vector for each routed expert.
    pub fn expert_bias(&mut self, stem: &'static str, length: u64, experts: u64) {
        self.push(Role::Small, stem, Part::Bias, [length, experts, 1, 1], true);
    }

    /// A small weight of one dimension, kept in 32 bits.
    pub fn vector(&mut self, stem: &'static str, length: u64) {
        self.table(stem, length, 1);
    }

    /// A small weight of two dimensions, kept in 32 bits.
    pub fn table(&mut self, stem: &'static str, row: u64, rows: u64) {
        self.push(Role::Small, stem, Part::Weight, [row, rows, 1, 1], false);
    }

    /// A table of 32-bit integers: token ids and what they are mapped to.
    pub fn ids(&mut self, stem: &'static str, row: u64, rows: u64) {
        self.table(stem, row, rows);
    }

    /// A bias.
    pub fn bias(&mut self, stem: &'static str, length: u64) {
        self.push(Role::Small, stem, Part::Bias, [length, 1, 1, 1], false);
    }

    /// A small tensor with another ending, or none, after its stem.
    pub fn small(&mut self, stem: &'static str, part: Part, row: u64, rows: u64) {
        self.push(Role::Small, stem, part, [row, rows, 1, 1], false);
    }
}

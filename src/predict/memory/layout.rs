//! Laying the tensors of a graph out in a buffer, in the order of computing.

use super::allocator::Allocator;
use super::graph::{Graph, Id, Kind, bytes};

/// One pass over a graph with a buffer.
pub(super) struct Run<'a> {
    graph: &'a Graph,
    pub(super) buffer: Allocator,
    address: Vec<u64>,
    /// Has room in the buffer.
    pub(super) owned: Vec<bool>,
    /// Keeps its room to the end.
    pub(super) pinned: Vec<bool>,
    /// Uses still to come.
    children: Vec<u32>,
    /// Views still to be used.
    views: Vec<u32>,
}

impl<'a> Run<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let count = graph.tensors.len();
        Self {
            graph,
            buffer: Allocator::new(),
            address: vec![0; count],
            owned: vec![false; count],
            pinned: vec![false; count],
            children: vec![0; count],
            views: vec![0; count],
        }
    }

    /// Gives a tensor room.
    pub(super) fn place(&mut self, id: Id) {
        self.address[id.index()] = self.buffer.take(bytes(self.graph.tensors[id.index()]));
        self.owned[id.index()] = true;
    }

    /// Computes tensors in order; the bytes that the buffer needs.
    pub(super) fn compute(&mut self, order: &[Id]) -> u64 {
        let graph = self.graph;
        for &node in order {
            let tensor = graph.tensors[node.index()];
            if tensor.kind == Kind::View {
                self.views[tensor.root.index()] += 1;
            }
            for source in graph.sources_of(node) {
                self.children[source.index()] += 1;
            }
        }
        for &node in order {
            let kind = graph.tensors[node.index()].kind;
            if kind != Kind::View && !(kind == Kind::ElementWise && self.take_over(node)) {
                self.place(node);
            }
            for &source in graph.sources_of(node) {
                self.used(source);
            }
        }
        self.buffer.highest()
    }

    /// Takes over the room of an operand that nobody else needs, if there is one.
    /// Never through a view: that is what the reported sizes show.
    fn take_over(&mut self, node: Id) -> bool {
        let tensor = self.graph.tensors[node.index()];
        for &operand in self.graph.sources_of(node) {
            let at = operand.index();
            let other = self.graph.tensors[at];
            if self.owned[at]
                && !other.output
                && !self.pinned[at]
                && other.shape == tensor.shape
                && other.element_bytes == tensor.element_bytes
                && self.children[at] == 1
                && self.views[at] == 0
            {
                self.address[node.index()] = self.address[at];
                self.owned[at] = false;
                self.owned[node.index()] = true;
                return true;
            }
        }
        false
    }

    /// Counts one use of a tensor off, and frees what has none left.
    fn used(&mut self, source: Id) {
        let at = source.index();
        self.children[at] = self.children[at].saturating_sub(1);
        if self.children[at] > 0 || self.views[at] > 0 {
            return;
        }
        let root = self.graph.tensors[at].root;
        if root != source {
            self.views[root.index()] = self.views[root.index()].saturating_sub(1);
            if self.views[root.index()] > 0 || self.children[root.index()] > 0 {
                return;
            }
        }
        let origin = self.graph.tensors[root.index()];
        if self.owned[root.index()] && !origin.output && !self.pinned[root.index()] {
            self.buffer
                .give_back(self.address[root.index()], bytes(origin));
            self.owned[root.index()] = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn a_part_copies_in_what_it_needs_from_elsewhere() {
        let mut graph = Graph::new();
        let input = graph.input([256, 1, 1, 1], 4);
        graph.layer = 0;
        let first = graph.compute([512, 1, 1, 1], &[input]);
        graph.layer = 1;
        let second = graph.compute([128, 1, 1, 1], &[first]);
        graph.expand(second);
        assert_eq!(graph.part(0..1, 1), 1024 + 2048);
        assert_eq!(graph.part(1..2, 1), 2048 + 512);
        assert_eq!(graph.part(1..2, 4), 4 * 2048 + 512);
        assert_eq!(graph.host(4), 4 * 1024);
    }
}

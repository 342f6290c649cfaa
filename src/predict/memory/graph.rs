//! A compute graph as far as memory sees it: tensors with sizes, what is computed
//! from what and in which order, and the buffer that this needs.
//!
//! The rules are ggml's (`ggml.c`, `ggml-alloc.c` of llama.cpp, read 2026-11): inputs lie in
//! the buffer from the start; a result gets room when it is computed and loses it
//! after its last use; element-wise operations take over their operand's room if
//! nobody else needs it; a view keeps its origin alive.

use super::layout::Run;

/// A tensor of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(u32);

impl Id {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Elements along the four dimensions.
pub(super) type Shape = [u64; 4];

/// Where a tensor's data come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Weights and caches: in a buffer of their own.
    External,
    /// Filled in before the graph runs.
    Input,
    /// Computed into fresh room.
    Computed,
    /// Computed element by element, into an operand's room if possible.
    ElementWise,
    /// Another tensor's data.
    View,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Tensor {
    pub(super) shape: Shape,
    pub(super) element_bytes: u64,
    pub(super) kind: Kind,
    /// For a view the tensor whose data it shows, else itself.
    pub(super) root: Id,
    /// First and one past the last index into `Graph::sources`.
    sources: (u32, u32),
    /// Kept to the end, as the caller reads it.
    pub(super) output: bool,
    layer: u32,
}

/// The layer number of what runs on the host in any case: looking up embeddings.
pub(super) const HOST: u32 = u32::MAX;

/// A graph under construction, and the order in which it will be computed.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) tensors: Vec<Tensor>,
    sources: Vec<Id>,
    order: Vec<Id>,
    inputs: Vec<Id>,
    visited: Vec<bool>,
    /// Layer that new tensors belong to.
    pub(super) layer: u32,
}

impl Graph {
    /// Weights and caches all stand for this one tensor.
    pub(super) const EXTERNAL: Id = Id(0);

    /// A graph that holds the external tensor only.
    pub(super) fn new() -> Self {
        let mut graph = Self {
            tensors: Vec::new(),
            sources: Vec::new(),
            order: Vec::new(),
            inputs: Vec::new(),
            visited: Vec::new(),
            layer: HOST,
        };
        graph.add(Kind::External, [1, 1, 1, 1], 4, None, &[]);
        graph
    }

    /// An input of the graph.
    pub(super) fn input(&mut self, shape: Shape, element_bytes: u64) -> Id {
        self.add(Kind::Input, shape, element_bytes, None, &[])
    }

    /// A result in room of its own, F32.
    pub(super) fn compute(&mut self, shape: Shape, sources: &[Id]) -> Id {
        self.add(Kind::Computed, shape, 4, None, sources)
    }

    /// A copy as F16, in room of its own.
    pub(super) fn cast_f16(&mut self, shape: Shape, source: Id) -> Id {
        self.add(Kind::Computed, shape, 2, None, &[source])
    }

    /// An element-wise result of the first source's shape.
    pub(super) fn element_wise(&mut self, sources: &[Id]) -> Id {
        let first = sources.first().copied().unwrap_or(Self::EXTERNAL);
        let tensor = self.tensors[first.index()];
        self.add(
            Kind::ElementWise,
            tensor.shape,
            tensor.element_bytes,
            None,
            sources,
        )
    }

    /// The same data in another shape, or a part of them.
    pub(super) fn view(&mut self, of: Id, shape: Shape) -> Id {
        let tensor = self.tensors[of.index()];
        self.add(
            Kind::View,
            shape,
            tensor.element_bytes,
            Some(tensor.root),
            &[of],
        )
    }

    /// Writing a value into a cache at given rows.
    pub(super) fn store(&mut self, sources: &[Id]) {
        let node = self.add(Kind::View, [1, 1, 1, 1], 4, Some(Self::EXTERNAL), sources);
        self.expand(node);
    }

    /// The caller reads this tensor at the end: its room is never given up.
    pub(super) fn keep(&mut self, id: Id) {
        self.tensors[id.index()].output = true;
    }

    /// A tensor's shape.
    pub(super) fn shape(&self, id: Id) -> Shape {
        self.tensors[id.index()].shape
    }

    /// Appends a tensor to the order, after all that it needs.
    pub(super) fn expand(&mut self, id: Id) {
        if self.visited[id.index()] {
            return;
        }
        self.visited[id.index()] = true;
        let mut stack = vec![(id, self.tensors[id.index()].sources.0)];
        while let Some((node, next)) = stack.pop() {
            let tensor = self.tensors[node.index()];
            if next < tensor.sources.1 {
                stack.push((node, next + 1));
                let source = self.sources[next as usize];
                if !self.visited[source.index()] {
                    self.visited[source.index()] = true;
                    stack.push((source, self.tensors[source.index()].sources.0));
                }
            } else {
                match tensor.kind {
                    Kind::External => {}
                    Kind::Input => self.inputs.push(node),
                    _ => self.order.push(node),
                }
            }
        }
    }

    /// Bytes of the buffer if everything is computed in one place.
    pub(super) fn whole(&self) -> u64 {
        let mut run = Run::new(self);
        for &input in &self.inputs {
            run.place(input);
        }
        run.compute(&self.order)
    }

    /// Bytes of a device's buffer if it computes the tensors of some layers. What comes
    /// from elsewhere is copied in first; with several copies (pipelined devices) these
    /// stay for good.
    pub(super) fn part(&self, layers: std::ops::Range<u32>, copies: u32) -> u64 {
        let here = |id: &Id| layers.contains(&self.tensors[id.index()].layer);
        let order: Vec<Id> = self.order.iter().copied().filter(here).collect();
        let mut run = Run::new(self);
        for &node in &order {
            for source in self.sources_of(node) {
                let root = self.tensors[source.index()].root;
                let tensor = self.tensors[root.index()];
                let foreign = tensor.kind == Kind::Input || !here(&root);
                if tensor.kind != Kind::External && foreign && !run.owned[root.index()] {
                    run.place(root);
                    for _ in 1..copies {
                        run.buffer.take(bytes(tensor));
                    }
                    run.pinned[root.index()] = copies > 1;
                }
            }
        }
        run.compute(&order)
    }

    /// Bytes of the host's buffer if devices compute all layers: inputs (one of each for
    /// each copy) and looked-up embeddings.
    pub(super) fn host(&self, copies: u32) -> u64 {
        let mut run = Run::new(self);
        for &input in &self.inputs {
            run.place(input);
            for _ in 1..copies {
                run.buffer.take(bytes(self.tensors[input.index()]));
            }
        }
        for &node in &self.order {
            let tensor = self.tensors[node.index()];
            if tensor.layer == HOST && tensor.kind != Kind::View {
                run.place(node);
            }
        }
        run.buffer.highest()
    }

    /// What a tensor is computed from.
    pub(super) fn sources_of(&self, id: Id) -> &[Id] {
        let (first, end) = self.tensors[id.index()].sources;
        &self.sources[first as usize..end as usize]
    }

    fn add(
        &mut self,
        kind: Kind,
        shape: Shape,
        element_bytes: u64,
        root: Option<Id>,
        sources: &[Id],
    ) -> Id {
        let id = Id(self.tensors.len() as u32);
        let first = self.sources.len() as u32;
        self.sources.extend_from_slice(sources);
        self.tensors.push(Tensor {
            shape,
            element_bytes,
            kind,
            root: root.unwrap_or(id),
            sources: (first, self.sources.len() as u32),
            output: false,
            layer: self.layer,
        });
        self.visited.push(false);
        id
    }
}

/// The size of a tensor.
pub(super) fn bytes(tensor: Tensor) -> u64 {
    tensor
        .shape
        .iter()
        .fold(tensor.element_bytes, |product, &n| {
            product.saturating_mul(n)
        })
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn an_element_wise_result_takes_its_operand_over() {
        let mut graph = Graph::new();
        let input = graph.input([256, 1, 1, 1], 4);
        let product = graph.compute([512, 1, 1, 1], &[input]);
        let sum = graph.element_wise(&[product]);
        graph.expand(sum);
        // 1,024 bytes of input and 2,048 of the product, which the sum takes over.
        assert_eq!(graph.whole(), 3072);
    }

    #[test]
    fn a_view_keeps_its_origin() {
        let mut graph = Graph::new();
        let input = graph.input([8, 1, 1, 1], 4);
        let first = graph.compute([256, 1, 1, 1], &[input]);
        let half = graph.view(first, [128, 1, 1, 1]);
        let second = graph.compute([256, 1, 1, 1], &[input]);
        graph.expand(half);
        graph.expand(second);
        let last = graph.compute([8, 1, 1, 1], &[half, second]);
        graph.expand(last);
        // 32 + 1,024 + 1,024; the last lies where the input was.
        assert_eq!(graph.whole(), 2080);
    }
}

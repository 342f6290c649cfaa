//! Whether an engine can divide a model's layers over so many devices.
//!
//! Heads are what divides. vLLM: query heads must divide by the devices ("Total number of
//! attention heads (64) must be divisible by tensor parallel size (3)",
//! `ModelConfig.verify_with_parallel_config` in vllm-project/vllm
//! `vllm/config/model.py`@0052a5b8), and KV heads must divide by the devices or the
//! devices by them, each head then being kept on several (`QKVParallelLinear` in
//! `vllm/model_executor/layers/linear.py`). `SGLang` has taken both over. MLX divides
//! heads evenly too (`Model.shard` in mlx-lm; uneven shares are proposed in
//! ml-explore/mlx-lm pull request 1863, 2026-09). `ExLlamaV3` and llama.cpp give devices
//! uneven shares (`MiniMax` M2 on five RTX A5000: turboderp-org/exllamav3 pull request 141).
//!
//! Quantised matrices add limits that neither architecture nor quant tells: a file pads
//! its widths to whole groups, leaves layers out or has kernels for part groups, and
//! experts whose width does not divide go whole to one device each
//! (`--enable-expert-parallel`), which is as many bytes. They rule nothing out here.

use crate::machine::MOST_DEVICES;
use crate::model::{Architecture, Heads, Latent, Mixer, Recurrence, Recurrent};

use super::super::engine::Division;
use super::super::scenario::{Scenario, Split, SplitChoice};

/// Why a model cannot be divided over so many devices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{engine} divides {heads} {kind} evenly only: over {}, not over {devices}", numbers(.possible))]
pub struct Indivisible {
    /// Name of the engine.
    pub engine: String,
    /// How many devices.
    pub devices: u32,
    /// How many of what does not divide.
    pub heads: u32,
    /// What does not divide: `attention heads`.
    pub kind: &'static str,
    /// Numbers of devices that the whole model divides over, from 1.
    pub possible: Vec<u32>,
}

/// Why a scenario's devices cannot each take a share of every layer; none where they can.
pub fn indivisible(scenario: &Scenario<'_>) -> Option<Indivisible> {
    let devices = scenario.machine.count;
    let (architecture, engine) = (scenario.architecture, scenario.engine);
    if engine.division != Some(Division::EvenHeads) {
        return None;
    }
    let (heads, kind) = uneven(architecture, devices)?;
    Some(Indivisible {
        engine: engine.name.clone(),
        devices,
        heads,
        kind,
        possible: (1..=MOST_DEVICES)
            .filter(|devices| uneven(architecture, *devices).is_none())
            .collect(),
    })
}

/// The splits that a scenario leaves open: the one asked for, or those of the engine that
/// the model can be divided by. All of them where none is possible.
pub fn open_splits(scenario: &Scenario<'_>) -> Vec<Split> {
    let mut splits = match scenario.split {
        SplitChoice::Only(split) => return vec![split],
        SplitChoice::Auto if scenario.machine.count == 1 => return vec![Split::None],
        SplitChoice::Auto => scenario.engine.splits.clone(),
    };
    if splits.len() > 1 && splits.contains(&Split::Tensor) && indivisible(scenario).is_some() {
        splits.retain(|split| *split != Split::Tensor);
    }
    splits
}

/// The first number of heads that does not divide over so many devices, and what it counts.
fn uneven(architecture: &Architecture, devices: u32) -> Option<(u32, &'static str)> {
    architecture
        .layers
        .iter()
        .find_map(|layer| match layer.mixer {
            Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
                uneven_heads(heads, devices)
            }
            Mixer::Latent(Latent { heads, .. }) => {
                (!heads.is_multiple_of(devices)).then_some((heads, "attention heads"))
            }
            Mixer::Recurrent(recurrent) => uneven_recurrence(recurrent, devices),
            Mixer::None => None,
        })
}

fn uneven_heads(heads: Heads, devices: u32) -> Option<(u32, &'static str)> {
    let Heads { query, kv, .. } = heads;
    if !query.is_multiple_of(devices) {
        Some((query, "attention heads"))
    } else if !kv.is_multiple_of(devices) && !devices.is_multiple_of(kv) {
        Some((kv, "KV heads"))
    } else {
        None
    }
}

/// Key heads of a delta net divide as its value heads do; the groups of Mamba are kept on
/// several devices where they do not (vllm-project/vllm
/// `vllm/model_executor/layers/mamba/mamba_mixer2.py`).
fn uneven_recurrence(recurrent: Recurrent, devices: u32) -> Option<(u32, &'static str)> {
    let Recurrent {
        kind,
        groups,
        heads,
        inner,
        ..
    } = recurrent;
    let counts = match kind {
        Recurrence::GatedDeltaNet => [heads, groups],
        Recurrence::Mamba2 => [heads, heads],
        Recurrence::ShortConvolution => [inner, inner],
    };
    let uneven = counts
        .into_iter()
        .find(|count| !count.is_multiple_of(devices))?;
    Some((uneven, "recurrent heads"))
}

/// `1, 2 or 4 devices`.
fn numbers(possible: &[u32]) -> String {
    let words: Vec<String> = possible.iter().map(u32::to_string).collect();
    match words.split_last() {
        Some((last, [])) => format!("{last} device"),
        Some((last, rest)) => format!("{} or {last} devices", rest.join(", ")),
        None => "no number of devices".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{numbers, uneven};
    use crate::model::{Architecture, ModelTable};

    fn model(heads: u32, kv_heads: u32) -> Architecture {
        let table = ModelTable {
            family: "llama".to_owned(),
            layers: 2,
            hidden: 4096,
            vocab: 32_000,
            heads: Some(heads),
            kv_heads: Some(kv_heads),
            head_dim: Some(128),
            ffn: Some(8192),
            max_context: 8192,
            ..ModelTable::default()
        };
        table.architecture().expect("an architecture")
    }

    fn possible(heads: u32, kv_heads: u32) -> Vec<u32> {
        let model = model(heads, kv_heads);
        (1..=16)
            .filter(|devices| uneven(&model, *devices).is_none())
            .collect()
    }

    #[test]
    fn heads_divide_evenly() {
        assert_eq!(possible(64, 8), [1, 2, 4, 8, 16]);
        assert_eq!(possible(40, 8), [1, 2, 4, 8]);
        // Qwen2.5 7B: 7 and 14 divide its 28 heads, but neither divides with 4 KV heads.
        assert_eq!(possible(28, 4), [1, 2, 4]);
        assert_eq!(possible(96, 8), [1, 2, 4, 8, 16]);
        // Phi 4: 4 devices take 10 heads each, but its 10 KV heads do not divide by 4.
        assert_eq!(possible(40, 10), [1, 2, 5, 10]);
        assert_eq!(uneven(&model(40, 10), 4), Some((10, "KV heads")));
        assert_eq!(uneven(&model(64, 8), 3), Some((64, "attention heads")));
        assert_eq!(possible(12, 1), [1, 2, 3, 4, 6, 12]);
    }

    #[test]
    fn possible_numbers_in_words() {
        assert_eq!(numbers(&[1, 2, 4]), "1, 2 or 4 devices");
        assert_eq!(numbers(&[1]), "1 device");
    }
}

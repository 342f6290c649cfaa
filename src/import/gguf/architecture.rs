//! From a header to an architecture: what each layer is follows from the
//! tensors it has, the numbers from their shapes and the metadata.

use super::error::{GgufError, Problem};
use super::facts::Facts;
use super::header::Header;
use super::{extras, feed_forward, mixer};
use crate::model::{Architecture, Family, FeedForward, Layer, Mixer};

/// An architecture as a file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// The architecture.
    pub architecture: Architecture,
    /// What was assumed because the file does not say it, each one sentence.
    pub assumptions: Vec<String>,
}

/// Beginnings of the names of tensors that a plain transformer layer has.
const KNOWN_PARTS: [&str; 16] = [
    "attn_norm",
    "attn_q.",
    "attn_k.",
    "attn_v.",
    "attn_qkv.",
    "attn_output.",
    "attn_q_norm",
    "attn_k_norm",
    "attn_post_norm",
    "post_attention_norm",
    "ffn_",
    "post_ffw_norm",
    "attn_sinks",
    "exp_probs_b",
    "layer_out",
    "attn_rot",
];

impl Header {
    /// The architecture that the header describes.
    ///
    /// A family that is not known by name is accepted where its layers consist
    /// of attention or a known recurrence and a feed-forward part; that is then
    /// among the assumptions.
    ///
    /// # Errors
    /// If the file holds something else than a language model, lacks a key or
    /// a tensor, or has layers of an unknown kind.
    pub fn architecture(&self) -> Result<Described, GgufError> {
        let facts = Facts::new(self)?;
        let mut assumptions = Vec::new();
        let family = family(&facts, &mut assumptions)?;
        let hidden = facts.required("embedding_length")?;
        let (vocab, tied_embeddings) = vocabulary(&facts, hidden)?;
        let sliding = mixer::Sliding::new(&facts, &mut assumptions)?;
        let mut layers = Vec::new();
        for index in 0..facts.layers {
            let layer = Layer {
                mixer: mixer::of_layer(&facts, index, hidden, &sliding)?,
                feed_forward: feed_forward::of_layer(&facts, index)?,
            };
            check(&facts, index, &layer)?;
            layers.push(layer);
        }
        let architecture = Architecture {
            family,
            hidden,
            vocab,
            tied_embeddings,
            layers,
            mtp_layers: facts.mtp_layers,
            max_context: facts.required("context_length")?,
            extras: extras::of(&facts, hidden)?,
        };
        Ok(Described {
            architecture,
            assumptions,
        })
    }
}

/// The family by name, or Llama's where it is not known.
fn family(facts: &Facts<'_>, assumptions: &mut Vec<String>) -> Result<Family, GgufError> {
    if let Some(family) = Family::from_name(facts.name) {
        return Ok(family);
    }
    if facts.header.metadata.count(&facts.key("attention.causal")) == Some(0) {
        return Err(facts.at(
            "attention.causal",
            Problem::Unsupported(
                "this is an encoder, which generates no text; give a language model".to_owned(),
            ),
        ));
    }
    let llama = Family::from_name("llama").ok_or_else(|| {
        GgufError::new(Problem::Unsupported(format!(
            "the architecture `{}` is not known",
            facts.name
        )))
    })?;
    let mut sentence = format!(
        "the architecture `{}` is not known by name: it is read like Llama's, from its tensors and keys",
        facts.name
    );
    let unknown = facts.unknown_parts(&KNOWN_PARTS);
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.iter().take(6).copied().collect();
        sentence = format!(
            "{sentence} (of unknown use, but counted: {})",
            names.join(", ")
        );
    }
    assumptions.push(sentence);
    Ok(llama)
}

/// Entries of the vocabulary, and whether the head shares the embedding.
fn vocabulary(facts: &Facts<'_>, hidden: u32) -> Result<(u32, bool), GgufError> {
    let header = facts.header;
    let Some(embedding) = header.tensor("token_embd.weight") else {
        return Err(GgufError::new(Problem::Incomplete(
            "the file has no token embedding; give a language model's file, or its first part"
                .to_owned(),
        ))
        .within("tensor", "token_embd.weight"));
    };
    let entries = embedding
        .shape
        .get(1)
        .and_then(|entries| u32::try_from(*entries).ok())
        .unwrap_or(0);
    if embedding.shape.first() != Some(&u64::from(hidden)) || entries == 0 {
        return Err(GgufError::new(Problem::Incomplete(format!(
            "the shape is {:?}, where {hidden} x vocabulary is needed; the file is damaged",
            embedding.shape
        )))
        .within("tensor", "token_embd.weight"));
    }
    Ok((entries, header.tensor("output.weight").is_none()))
}

/// A layer must be something, except in families that leave out layers.
fn check(facts: &Facts<'_>, index: u32, layer: &Layer) -> Result<(), GgufError> {
    let empty = layer.mixer == Mixer::None && layer.feed_forward == FeedForward::None;
    if !empty || facts.name == "deci" {
        return Ok(());
    }
    let parts: Vec<&str> = facts.parts(index).take(8).collect();
    let problem = if parts.is_empty() {
        Problem::Incomplete("the layer has no tensors; parts of the file are missing".to_owned())
    } else {
        Problem::Unsupported(format!(
            "neither attention (attn_q, attn_qkv, attn_kv_a_mqa), a recurrent part (ssm_in, ssm_conv1d, shortconv) \
             nor a feed-forward part (ffn_down) is among its tensors ({}); the architecture `{}` is not supported",
            parts.join(", "),
            facts.name
        ))
    };
    Err(GgufError::new(problem).within("layer", &format!("blk.{index}")))
}

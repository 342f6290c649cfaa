//! An architecture of a stated size, for models that the catalogue lacks.

use std::rc::Rc;

use crate::evidence::Series;
use crate::model::{
    Architecture, Experts, Extras, Family, FeedForward, Heads, Layer, Mixer, Quant, Weights,
};

use super::subject::Subject;

/// Total and active parameters in 1e9.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Size {
    total: f64,
    active: f64,
}

/// A subject of the stated size.
///
/// # Errors
/// Neither the series nor the model's name states a size.
pub(super) fn subject(
    series: &Series,
    quant: &Quant,
    mut assumed: Vec<String>,
) -> Result<Subject, String> {
    let size = size(series, quant).ok_or_else(|| {
        format!(
            "the model `{}` is not in the catalogue and states no size",
            series.model
        )
    })?;
    let architecture = architecture(size).ok_or("no family to stand in")?;
    let mut weights = Weights::of(&architecture, quant).map_err(|error| error.to_string())?;
    if let Some(stated) = series.weights {
        weights = weights.scaled_to(&architecture, stated);
    }
    assumed.push(format!(
        "`{}` is not in the catalogue: taken as {:.1}B parameters, {:.1}B active, of a usual shape",
        series.model, size.total, size.active
    ));
    Ok(Subject {
        model: series.model.clone(),
        architecture: Rc::new(architecture),
        weights: Rc::new(weights),
        assumed,
        synthetic: true,
    })
}

/// The size as stated, as the name says, or as the file's bytes imply.
fn size(series: &Series, quant: &Quant) -> Option<Size> {
    let both = [Some(series.model.as_str()), series.model_named.as_deref()];
    let named = both.into_iter().flatten().find_map(from_name);
    let weighed = series
        .weights
        .map(|bytes| bytes.as_f64() * 8.0 / quant.bits_per_weight() / 1e9);
    let total = series
        .total_params_b
        .or(named.map(|size| size.total))
        .or(weighed)?;
    let active = series
        .active_params_b
        .or(named.map(|size| size.active))
        .unwrap_or(total)
        .min(total);
    (total > 0.01 && active > 0.01).then_some(Size { total, active })
}

/// `granite-4.1-8b`, `foo-30b-a3b`, `bar-8x7b`.
fn from_name(name: &str) -> Option<Size> {
    let lower = name.to_ascii_lowercase();
    let mut whole = None;
    let mut active = None;
    for part in lower.split(['-', '_', ':', '/', ' ']) {
        let Some(number) = part.strip_suffix('b') else {
            if let Some(millions) = part
                .strip_suffix('m')
                .and_then(|number| number.parse::<f64>().ok())
            {
                whole = whole.or(Some(millions / 1e3));
            }
            continue;
        };
        if let Some(value) = number
            .strip_prefix('a')
            .and_then(|number| number.parse().ok())
        {
            active = active.or(Some(value));
        } else if let Some((count, each)) = number.split_once('x') {
            let (experts, each): (f64, f64) = (count.parse().ok()?, each.parse().ok()?);
            // Experts share the attention: 8x7B is 46.7B with 12.9B active.
            whole = Some(experts * each * 0.83);
            active = Some(each * 1.8);
        } else if let Ok(value) = number.trim_start_matches('e').parse::<f64>() {
            whole = whole.or(Some(value));
        }
    }
    let total: f64 = whole?;
    Some(Size {
        total,
        active: active.unwrap_or(total),
    })
}

/// Experts of a layer in the usual large mixtures.
const EXPERTS: u32 = 128;
/// Experts used for one token.
const USED: u32 = 8;
/// Vocabulary.
const VOCABULARY: u32 = 128_000;

/// A transformer of the size. Layers follow what dense models have
/// (1B 16, 8B 32, 32B 64, 70B 80: `32 (P/8)^0.42`) and mixtures
/// (20B 24, 30B 48, 106B 46, 235B 94, 671B 61: `32 (P/20)^0.25`).
fn architecture(size: Size) -> Option<Architecture> {
    let sparse = size.active < 0.6 * size.total;
    let layers = if sparse {
        32.0 * (size.total / 20.0).powf(0.25)
    } else {
        32.0 * (size.total / 8.0).powf(0.42)
    };
    let layers = layers.round().clamp(8.0, 126.0);
    // A dense layer of width h has about 12.5 h^2 parameters.
    let dense_part = if sparse { size.active } else { size.total };
    let hidden = ((dense_part * 1e9 / (12.5 * layers)).sqrt() / 128.0)
        .round()
        .max(4.0)
        * 128.0;
    let vocabulary = f64::from(VOCABULARY) * hidden;
    let tied = size.total < 5.0;
    let attention = 2.5 * hidden * hidden * layers;
    let heads = Heads {
        query: (hidden / 128.0) as u32,
        kv: ((hidden / 128.0) as u32).min(8),
        key_dim: 128,
        value_dim: 128,
        shared_projection: false,
    };
    let vocabularies = if tied { 1.0 } else { 2.0 };
    let feed_forward = if sparse {
        // total = rest + E x e, active = rest + k x e.
        let each = (size.total - size.active) * 1e9 / f64::from(EXPERTS - USED);
        let width = each / (3.0 * hidden * layers);
        let rest = (size.active * 1e9 - f64::from(USED) * each - attention - vocabulary).max(0.0);
        let shared = rest / (3.0 * hidden * layers);
        FeedForward::Experts(Experts {
            total: EXPERTS,
            used: USED,
            width: aligned(width),
            shared_width: if shared < 64.0 { 0 } else { aligned(shared) },
            dense_width: 0,
        })
    } else {
        let rest = (size.total * 1e9 - attention - vocabularies * vocabulary).max(hidden * hidden);
        FeedForward::Dense {
            width: aligned(rest / (3.0 * hidden * layers)),
        }
    };
    let family = Family::from_name(if sparse { "qwen3moe" } else { "llama" })?;
    let layer = Layer {
        mixer: Mixer::Full(heads),
        feed_forward,
    };
    Some(Architecture {
        family,
        hidden: hidden as u32,
        vocab: VOCABULARY,
        tied_embeddings: tied,
        layers: vec![layer; layers as usize],
        mtp_layers: 0,
        max_context: 131_072,
        extras: Extras::default(),
    })
}

/// A width in whole blocks of every format.
fn aligned(width: f64) -> u32 {
    ((width / 256.0).round().max(1.0) * 256.0) as u32
}

#[cfg(test)]
mod tests {
    use super::{Size, from_name};

    #[test]
    fn names_state_sizes() {
        assert_eq!(
            from_name("granite-4.1-8b"),
            Some(Size {
                total: 8.0,
                active: 8.0
            })
        );
        assert_eq!(
            from_name("foo-30b-a3b"),
            Some(Size {
                total: 30.0,
                active: 3.0
            })
        );
        assert_eq!(
            from_name("qwen2.5-0.5b-instruct"),
            Some(Size {
                total: 0.5,
                active: 0.5
            })
        );
        assert_eq!(from_name("model-hf"), None);
    }
}

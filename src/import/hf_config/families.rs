//! llama.cpp's name of a family for Hugging Face's `model_type`
//! (llama.cpp conversion/*.py, 2026-09).

use super::keys::Keys;
use crate::model::Family;

/// `model_type` and family, where the two differ by more than `_` and `-`.
const FAMILIES: [(&str, &str); 60] = [
    ("mistral", "llama"),
    ("mixtral", "llama"),
    ("internlm3", "llama"),
    ("yi", "llama"),
    ("solar", "llama"),
    ("ministral", "llama"),
    ("ministral3", "mistral3"),
    ("ministral3_text", "mistral3"),
    ("mistral3", "mistral3"),
    ("mistral4", "mistral4"),
    ("llama4_text", "llama4"),
    ("nemotron-nas", "deci"),
    ("qwen2_vl", "qwen2vl"),
    ("qwen2_vl_text", "qwen2vl"),
    ("qwen2_5_vl", "qwen2vl"),
    ("qwen2_5_vl_text", "qwen2vl"),
    ("qwen2_moe", "qwen2moe"),
    ("qwen3_moe", "qwen3moe"),
    ("qwen3_vl", "qwen3vl"),
    ("qwen3_vl_text", "qwen3vl"),
    ("qwen3_vl_moe", "qwen3vlmoe"),
    ("qwen3_vl_moe_text", "qwen3vlmoe"),
    ("qwen3_omni_moe_text", "qwen3vlmoe"),
    ("qwen3_next", "qwen3next"),
    ("qwen3_5", "qwen35"),
    ("qwen3_5_text", "qwen35"),
    ("qwen3_5_moe", "qwen35moe"),
    ("qwen3_5_moe_text", "qwen35moe"),
    ("gemma3_text", "gemma3"),
    ("gemma3n_text", "gemma3n"),
    ("gemma4_text", "gemma4"),
    ("gemma4_unified", "gemma4"),
    ("gemma4_unified_text", "gemma4"),
    ("phi", "phi2"),
    ("phi4", "phi3"),
    ("phi4mm", "phi3"),
    ("cohere", "command-r"),
    ("cohere2_moe", "cohere2moe"),
    ("glm4_moe", "glm4moe"),
    ("glm4v_moe", "glm4moe"),
    ("glm4v_moe_text", "glm4moe"),
    ("glm4_moe_lite", "deepseek2"),
    ("glm_moe_dsa", "glm-dsa"),
    ("deepseek_v2", "deepseek2"),
    ("deepseek_v3", "deepseek2"),
    ("deepseek_v32", "deepseek32"),
    ("deepseek_v4", "deepseek4"),
    ("kimi_k2", "deepseek2"),
    ("kimi_k25", "deepseek2"),
    ("olmo3", "olmo2"),
    ("granitemoeshared", "granitemoe"),
    ("granitemoehybrid", "granitehybrid"),
    ("hunyuan_v1_moe", "hunyuan-moe"),
    ("hunyuan", "hunyuan-moe"),
    ("hunyuan_v1_dense", "hunyuan-dense"),
    ("lfm2_moe", "lfm2moe"),
    ("bailing_moe", "bailingmoe"),
    ("bailing_moe_v2", "bailingmoe2"),
    ("step3p5", "step35"),
    ("mimo_v2_flash", "mimo2"),
];

/// The family of a config, by the text part's `model_type` before the whole's;
/// Llama's where neither is known.
pub(super) fn of(keys: &mut Keys<'_>) -> String {
    let stated = [keys.inner_text("model_type"), keys.outer_text("model_type")];
    let Some(first) = stated.into_iter().flatten().next() else {
        keys.assume("no `model_type`: the model is taken to be built like Llama");
        return "llama".to_owned();
    };
    if stated
        .iter()
        .flatten()
        .any(|name| ["bert", "roberta", "t5", "whisper", "clip", "siglip"].contains(name))
    {
        keys.problem(
            "model_type",
            &format!("is `{first}`, which is no model that generates text from text"),
        );
    }
    let found = stated.into_iter().flatten().find_map(family);
    // The hybrid comes with and without experts.
    match found {
        Some("nemotron_h") if keys.positive(&["n_routed_experts"]).is_some() => {
            "nemotron_h_moe".to_owned()
        }
        Some(family) => family.to_owned(),
        None => {
            keys.assume(format!(
                "the type `{first}` is not known by name: it is taken to be built like Llama"
            ));
            "llama".to_owned()
        }
    }
}

/// The family of one `model_type`.
fn family(model_type: &str) -> Option<&'static str> {
    let listed = FAMILIES
        .iter()
        .find(|(name, _)| *name == model_type)
        .map(|(_, family)| *family);
    let alike = || {
        let dashed = model_type.replace('_', "-");
        let last_dash = model_type
            .rsplit_once('_')
            .map(|(start, end)| format!("{start}-{end}"));
        Family::from_name(model_type)
            .or_else(|| Family::from_name(&dashed))
            .or_else(|| Family::from_name(&last_dash?))
            .map(Family::name)
    };
    listed.or_else(alike)
}

/// Whether the head shares the embedding where the config does not say so: the
/// default of the family's class in transformers.
pub(super) fn ties_by_default(family: &str) -> bool {
    [
        "gemma",
        "cohere",
        "command-r",
        "falcon",
        "lfm2",
        "starcoder2",
    ]
    .iter()
    .any(|start| family.starts_with(start))
}

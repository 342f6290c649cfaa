//! In which quant a checkpoint is stored, by its `quantization_config`
//! (transformers, `AutoAWQ`, GPTQ, compressed-tensors, `ModelOpt`) or MLX's `quantization`.

use serde_json::Value;

use super::keys::Keys;
use crate::model::Quant;

/// The quant's id: as the config says, as `ModelOpt`'s file beside it says, or
/// the plain 16 bits of the checkpoint. None for one that is not known.
pub(super) fn quant(keys: &Keys<'_>, beside: Option<&Value>) -> Option<String> {
    let id = if let Some(config) = keys.get(&["quantization_config", "compression_config"]) {
        // MLX writes the same table under both names.
        method(config).or_else(|| mlx(config))
    } else if let Some(config) = keys.get(&["quantization"]) {
        mlx(config)
    } else if let Some(config) = beside.and_then(|file| file.get("quantization")) {
        algorithm(word(config, "quant_algo")?, config)
    } else {
        Some(match keys.text(&["dtype", "torch_dtype"]).as_deref() {
            Some("float16") => "f16".to_owned(),
            Some("float32") => "f32".to_owned(),
            _ => "bf16".to_owned(),
        })
    };
    id.and_then(|id| Quant::from_id(&id)).map(|quant| quant.id)
}

fn word<'a>(config: &'a Value, key: &str) -> Option<&'a str> {
    config.get(key)?.as_str()
}

fn bits(config: &Value) -> Option<u64> {
    ["bits", "num_bits", "w_bit"]
        .iter()
        .find_map(|key| config.get(key)?.as_u64())
}

fn method(config: &Value) -> Option<String> {
    let four_bits = bits(config).unwrap_or(4) == 4;
    let id = match word(config, "quant_method")? {
        "fp8" | "fbgemm_fp8" => "fp8",
        "mxfp4" => "mxfp4",
        "awq" if four_bits => "awq-int4",
        "gptq" if four_bits => "gptq-int4",
        "auto-round" | "autoround" | "intel/auto-round" if four_bits => "autoround-int4",
        "modelopt" | "modelopt_fp4" | "nvfp4" => {
            return algorithm(word(config, "quant_algo").unwrap_or("NVFP4"), config);
        }
        "compressed-tensors" => return compressed(config),
        "exl3" => {
            let rate = config.get("bits")?.as_f64()?;
            return Some(format!("exl3-{rate:?}bpw"));
        }
        _ => return None,
    };
    Some(id.to_owned())
}

/// `ModelOpt`'s names.
fn algorithm(name: &str, config: &Value) -> Option<String> {
    let id = match name {
        "MIXED_PRECISION" => return mixed(config),
        "FP8" | "FP8_PER_CHANNEL_PER_TOKEN" | "FP8_PB_WO" => "fp8",
        name if name.contains("NVFP4") => nvfp4(config),
        name if name.contains("MXFP4") => "mxfp4",
        "W4A16_AWQ" | "INT4_AWQ" => "awq-int4",
        "W8A8_SQ_PER_CHANNEL" | "INT8_SQ" => "int8-w8a8",
        _ => return None,
    };
    Some(id.to_owned())
}

/// A part of this many layers is left alone in all of them, not in the first and last only.
const MANY_LAYERS: usize = 8;

/// Which NVFP4, by the modules that are left in 16 bits.
fn nvfp4(config: &Value) -> &'static str {
    let left = ["ignore", "exclude_modules"]
        .iter()
        .find_map(|key| config.get(key)?.as_array());
    let names = || {
        let all = left.into_iter().flatten().filter_map(Value::as_str);
        all.filter(|name| !name.contains("mtp"))
    };
    // One pattern for all layers names no layer.
    let leaves = |is_part: fn(&str) -> bool| {
        let numbered = |name: &str| name.contains(|letter: char| letter.is_ascii_digit());
        names().filter(|name| is_part(name)).count() >= MANY_LAYERS
            || names().any(|name| is_part(name) && !numbered(name))
    };
    let attention = leaves(|name| name.contains("self_attn"));
    let feed_forward = leaves(|name| {
        let router = name.contains("gate") && !name.contains("gate_proj");
        name.contains(".mlp") && !name.contains(".experts") && !router
    });
    match (attention, feed_forward) {
        (true, true) => "nvfp4-experts",
        (true, false) => "nvfp4-mlp",
        (false, _) => "nvfp4",
    }
}

/// `ModelOpt`'s files that state an algorithm for each layer: NVFP4 beside FP8.
fn mixed(config: &Value) -> Option<String> {
    let layers = config.get("quantized_layers")?.as_object()?;
    let is = |part: &str, algorithm: &str| {
        layers.iter().any(|(name, layer)| {
            let named = word(layer, "quant_algo").is_some_and(|word| word.contains(algorithm));
            named && name.contains(part)
        })
    };
    let id = match () {
        () if !is("", "NVFP4") => return None,
        () if is("_attn.", "NVFP4") => return None,
        () if is("_attn.", "FP8") && is("lm_head", "NVFP4") => "nvfp4-fp8",
        () if is("_attn.", "FP8") => "nvfp4-fast",
        () if is("shared_expert", "FP8") && is("mixer.in_proj", "FP8") => "nvfp4-super",
        () if is("mixer.in_proj", "FP8") => "nvfp4-lightning",
        () => return None,
    };
    Some(id.to_owned())
}

/// compressed-tensors: a format, and the weights' scheme in the first group.
fn compressed(config: &Value) -> Option<String> {
    let groups = config.get("config_groups").and_then(Value::as_object);
    let group = groups.and_then(|groups| groups.values().next());
    let weights = group.and_then(|group| group.get("weights"));
    // A mix states the format in each group.
    let format = group
        .and_then(|group| word(group, "format"))
        .or_else(|| word(config, "format"))?;
    let float = weights.and_then(|weights| word(weights, "type")) == Some("float");
    let bits = weights.and_then(bits);
    let size = weights
        .and_then(|weights| weights.get("group_size"))
        .and_then(Value::as_u64);
    let id = match (format, bits, size) {
        ("nvfp4-pack-quantized", ..) => nvfp4(config),
        ("mxfp4-pack-quantized", ..) => "mxfp4",
        ("float-quantized", ..) => "fp8",
        ("naive-quantized", Some(8), _) if float => "fp8",
        ("int-quantized" | "naive-quantized", Some(8), _) => "int8-w8a8",
        ("pack-quantized", Some(4), Some(32)) => "int4-g32",
        ("pack-quantized", Some(4), _) => "gptq-int4",
        _ => return None,
    };
    Some(id.to_owned())
}

fn mlx(config: &Value) -> Option<String> {
    if word(config, "mode").is_some_and(|mode| mode == "mxfp4") {
        return Some("mxfp4".to_owned());
    }
    bits(config).map(|bits| format!("mlx-{bits}bit"))
}

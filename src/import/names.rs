//! How other tools write the names of quants, models and devices.

use crate::model::Quant;

/// The id of a quant from the spellings of llama-bench (`Q4_K - Medium`),
/// measurements (`FP16`, `AWQ`, `MLX-Q4`) and file names (`UD-Q4_K_XL`). None
/// for a blank or one that says too little (`Q4`).
pub fn quant_id(text: &str) -> Option<String> {
    let lower = text.trim().trim_start_matches("(guessed) ").to_lowercase();
    // A bare "q4" names a width, not a format.
    let bare = lower
        .strip_prefix('q')
        .is_some_and(|width| width.chars().all(|digit| digit.is_ascii_digit()));
    if lower.is_empty() || bare {
        return None;
    }
    if let Some((base, size)) = lower.split_once(" - ") {
        // "Q4_K - Medium", but "IQ2_M - 2.7 bpw" and "Q2_K - Medium", which is Q2_K.
        let letter = match (base, size) {
            ("q2_k", "medium") => "",
            (_, "small") => "_s",
            (_, "medium") => "_m",
            (_, "large") => "_l",
            _ => "",
        };
        return quant_id(&format!("{base}{letter}"));
    }
    if let Some(quant) = Quant::from_id(&lower) {
        return Some(quant.id);
    }
    let first_word = lower.split([' ', '(']).next().unwrap_or_default();
    let known = match lower.as_str() {
        "all f32" => Some("f32"),
        "iq3_s mix" => Some("iq3_m"),
        _ if lower.contains("g32") => Some("int4-g32"),
        _ if lower.starts_with("fp8") => Some("fp8"),
        _ if lower.starts_with("nvfp4") => Some("nvfp4"),
        _ if lower.starts_with("mxfp4") => Some("mxfp4"),
        _ if lower.starts_with("awq") => Some("awq-int4"),
        _ if lower.starts_with("gptq") => Some("gptq-int4"),
        _ if lower.starts_with("exl3-") => None,
        _ => Quant::from_id(first_word).map(|_| first_word),
    };
    // "exl3-4.0bpw-mul1": the codebook does not change the size.
    let exl3 = lower.split("bpw").next().map(|rate| format!("{rate}bpw"));
    known
        .map(str::to_owned)
        .or(exl3)
        .and_then(|id| Quant::from_id(&id))
        .map_or(Some(lower), |quant| Some(quant.id))
}

/// Splits a file's or model's name into the model and the quant at its end:
/// `Qwen3-30B-A3B-Q4_K_M.gguf` into `qwen3-30b-a3b` and `q4_k_m`. Folders, the
/// ending and a part's number are dropped.
pub fn split_quant(name: &str) -> (String, Option<String>) {
    let file = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(name)
        .to_lowercase();
    let stem = file.strip_suffix(".gguf").unwrap_or(&file);
    let stem = without_part(stem);
    for (at, separator) in stem
        .char_indices()
        .filter(|(_, char)| matches!(char, '-' | '.' | '_'))
    {
        let (model, rest) = stem.split_at(at);
        let end = rest.strip_prefix(separator).unwrap_or(rest);
        let quant = Quant::from_id(end).or_else(|| Quant::from_id(&end.replace("_xl-", "_xl")));
        if let (false, Some(quant)) = (model.is_empty(), quant) {
            return (model.to_owned(), Some(quant.id));
        }
    }
    (stem.to_owned(), None)
}

/// A stem without the number of a part (`-00001-of-00003`).
fn without_part(stem: &str) -> &str {
    let part = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut words = stem.rsplitn(4, '-');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(count), Some("of"), Some(number), Some(rest)) if part(count) && part(number) => rest,
        _ => stem,
    }
}

/// Words of a driver's device name that are no part of the product's.
const NOISE: [&str; 10] = [
    "nvidia",
    "geforce",
    "amd",
    "radeon",
    "apple",
    "intel(r)",
    "intel",
    "graphics",
    "generation",
    "edition",
];

/// A device id from the name a driver gives: `NVIDIA GeForce RTX 3090` becomes
/// `rtx-3090`. The catalogue has the last word: memory variants (`rtx-3060-12`)
/// and Apple's core counts (`m2-ultra-76`) are not in the driver's name.
pub fn device_id(description: &str) -> String {
    let lower = description.to_lowercase();
    // What is in brackets is the driver's own: "(RADV GFX1151)".
    if lower.contains("gfx1151") || lower.contains("8060s") {
        return "ryzen-ai-max-395".to_owned();
    }
    let plain = lower.split(" (").next().unwrap_or_default();
    let has_rx = plain.contains("rx ");
    let words = plain.split_whitespace().filter(|word| {
        // "Radeon PRO W7700" keeps its maker's word, "Radeon RX 7900" does not.
        !NOISE.contains(word) || (*word == "radeon" && !has_rx)
    });
    words
        .filter(|word| *word != "workstation")
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::{device_id, quant_id, split_quant};

    #[test]
    fn quants_as_others_write_them() {
        for (text, id) in [
            ("Q4_K - Medium", "q4_k_m"),
            ("Q2_K - Medium", "q2_k"),
            ("Q3_K - Large", "q3_k_l"),
            ("IQ2_M - 2.7 bpw", "iq2_m"),
            ("IQ3_S mix - 3.66 bpw", "iq3_m"),
            ("MXFP4 MoE", "mxfp4"),
            ("FP16", "f16"),
            ("AWQ-INT4", "awq-int4"),
            ("GPTQ-Int4", "gptq-int4"),
            ("W4A16", "gptq-int4"),
            ("W8A8", "int8-w8a8"),
            ("NVFP4 (unsloth)", "nvfp4"),
            ("FP8-dynamic", "fp8"),
            ("UD-Q4_K_XL", "ud-q4_k_xl"),
            ("Q4_K_XL", "ud-q4_k_xl"),
            ("Q4_K_M (MXFP4 experts)", "q4_k_m"),
            ("MLX-Q4", "mlx-4bit"),
            ("exl3-6.0bpw-mul1", "exl3-6.0bpw"),
            ("compressed-tensors-int4-g32-symmetric", "int4-g32"),
            ("dflash-quant", "dflash-quant"),
        ] {
            assert_eq!(quant_id(text).as_deref(), Some(id), "{text}");
        }
        assert_eq!(quant_id(""), None);
        assert_eq!(quant_id("Q4"), None);
    }

    #[test]
    fn names_of_files() {
        for (name, model, quant) in [
            (
                "models/Qwen3-30B-A3B-Q4_K_M.gguf",
                "qwen3-30b-a3b",
                Some("q4_k_m"),
            ),
            ("rand-0.5b.Q4_K_M.gguf", "rand-0.5b", Some("q4_k_m")),
            (
                "C:\\m\\gpt-oss-120b-mxfp4-00001-of-00003.gguf",
                "gpt-oss-120b",
                Some("mxfp4"),
            ),
            (
                "Qwen3.6-27B-UD-Q4_K_XL.gguf",
                "qwen3.6-27b",
                Some("ud-q4_k_xl"),
            ),
            ("llama-2-7b.Q8_0.gguf", "llama-2-7b", Some("q8_0")),
            ("some-model.gguf", "some-model", None),
            ("", "", None),
        ] {
            let (found, id) = split_quant(name);
            assert_eq!((found.as_str(), id.as_deref()), (model, quant), "{name}");
        }
    }

    #[test]
    fn devices_as_drivers_write_them() {
        for (name, id) in [
            ("NVIDIA GeForce RTX 3090", "rtx-3090"),
            ("NVIDIA GB10", "gb10"),
            ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada"),
            (
                "NVIDIA RTX PRO 6000 Blackwell Workstation Edition",
                "rtx-pro-6000-blackwell",
            ),
            ("AMD Radeon RX 7900 XTX", "rx-7900-xtx"),
            ("AMD Radeon PRO W7700", "radeon-pro-w7700"),
            ("AMD Radeon RX 7900 XTX (RADV NAVI31)", "rx-7900-xtx"),
            ("Radeon 8060S Graphics (RADV GFX1151)", "ryzen-ai-max-395"),
            ("Apple M2 Ultra", "m2-ultra"),
        ] {
            assert_eq!(device_id(name), id, "{name}");
        }
    }
}

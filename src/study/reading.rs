//! What a series leaves unsaid or says in its own words.

use crate::evidence::Series;
use crate::machine::{Backend, Device};
use crate::predict::memory::CacheType;

/// A name in small letters and digits alone.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Types of keys and values; 16 bits unless stated, or stated in unknown words.
pub(super) fn cache_types(
    stated: Option<&str>,
    assumed: &mut Vec<String>,
) -> (CacheType, CacheType) {
    let Some(stated) = stated else {
        return (CacheType::F16, CacheType::F16);
    };
    let (key, value) = stated.split_once('/').unwrap_or((stated, stated));
    let mut find = |name: &str| {
        let name = match name {
            "q8" | "int8" => "q8_0",
            "q4" => "q4_0",
            name if name.starts_with("fp8") => "fp8",
            name => name,
        };
        CacheType::from_name(name).unwrap_or_else(|| {
            assumed.push(format!(
                "the KV type `{name}` is not known: 16 bits assumed"
            ));
            CacheType::F16
        })
    };
    (find(key), find(value))
}

/// `-b 256` in a note caps the micro-batch.
pub(super) fn noted_batch(series: &Series) -> Option<f64> {
    let note = series.citation.note.as_deref()?;
    let (_, rest) = note.split_once("-b ")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// The link stated, or the usual one between such devices.
pub(super) fn link_of<'a>(series: &'a Series, device: &Device) -> &'a str {
    series
        .link
        .as_deref()
        .unwrap_or(match device.vendor.as_str() {
            "apple" => "thunderbolt-5",
            _ if device.id == "gb10" => "connectx-7",
            _ if device.family == "blackwell" => "pcie-5-x16",
            _ => "pcie-4-x16",
        })
}

/// What of one engine several are told apart of: the kernels it was told to use, or
/// the build or driver that a note names.
pub(super) fn build(series: &Series) -> Option<&str> {
    if let Some(kernels) = &series.linear_backend {
        return Some(kernels);
    }
    let note = series.citation.note.as_deref()?;
    let note = ["build ", "env ", "toolbox "]
        .into_iter()
        .find_map(|word| note.strip_prefix(word))?;
    Some(
        note.split(" -b ")
            .next()
            .unwrap_or(note)
            .trim_start_matches("llama.cpp-"),
    )
}

/// The backend stated, or the usual one of the device for the engine.
pub(super) fn backend(series: &Series, device: &Device) -> Backend {
    if let Some(backend) = Backend::from_name(&series.backend) {
        return backend;
    }
    match (device.vendor.as_str(), series.engine.as_str()) {
        ("apple", "mlx") => Backend::Mlx,
        ("apple", _) => Backend::Metal,
        ("amd", _) => Backend::Rocm,
        ("intel", _) => Backend::Sycl,
        _ => Backend::Cuda,
    }
}

/// The die of a device id: without the count of cores or the form of the card.
pub(super) fn die(id: &str) -> &str {
    let plain = id
        .strip_suffix("-80")
        .or_else(|| id.strip_suffix("-maxq"))
        .unwrap_or(id);
    if let Some(short) = plain
        .strip_suffix("-pcie")
        .or_else(|| plain.strip_suffix("-sxm"))
    {
        return short;
    }
    match id.rsplit_once('-') {
        Some((short, digits))
            if digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            short
        }
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::die;

    #[test]
    fn dies_of_device_ids() {
        for (id, expected) in [
            ("m4-pro-16", "m4-pro"),
            ("m3-ultra-80", "m3-ultra"),
            ("a100-pcie-80", "a100"),
            ("a100-sxm-80", "a100"),
            ("rtx-4090", "rtx-4090"),
            ("rtx-3060-12", "rtx-3060"),
            ("ryzen-ai-max-395", "ryzen-ai-max-395"),
        ] {
            assert_eq!(die(id), expected);
        }
    }
}

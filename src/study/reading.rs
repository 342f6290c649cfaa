//! What a series leaves unsaid or says in its own words.

use std::collections::BTreeMap;

use crate::evidence::Series;
use crate::machine::{Backend, Device, Link};
use crate::predict::Engine;
use crate::predict::memory::CacheType;
use crate::units::Bytes;

/// The micro-batch where the engine's own is unknown: llama.cpp's.
const USUAL_UBATCH: f64 = 512.0;

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
fn noted_batch(series: &Series) -> Option<f64> {
    let note = series.citation.note.as_deref()?;
    let (_, rest) = note.split_once("-b ")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// The micro-batch of a series: stated, noted, or its engine's own.
pub(super) fn micro_batch(series: &Series, engine: Option<&Engine>, device: &Device) -> f64 {
    let memory = device
        .memory
        .as_ref()
        .map_or(Bytes(0), |memory| memory.total);
    let stated = series.ubatch.map(f64::from);
    stated
        .or_else(|| noted_batch(series))
        .or_else(|| engine.map(|engine| f64::from(engine.micro_batch(memory))))
        .unwrap_or(USUAL_UBATCH)
}

/// The link stated, or the usual one between such devices, also where the stated one is
/// not in the catalogue.
pub(super) fn link_of<'a>(
    series: &Series,
    device: &Device,
    links: &'a BTreeMap<String, Link>,
    assumed: &mut Vec<String>,
) -> Option<&'a Link> {
    let usual = match device.vendor.as_str() {
        "apple" => "thunderbolt-5",
        _ if device.id == "gb10" => "connectx-7",
        _ if device.family == "blackwell" => "pcie-5-x16",
        _ => "pcie-4-x16",
    };
    let stated = series.link.as_deref().unwrap_or(usual);
    links.get(stated).or_else(|| {
        assumed.push(format!("the link `{stated}` is not known: {usual} assumed"));
        links.get(usual)
    })
}

/// What sets the build or driver of a series apart from the usual one of its engine: the
/// kernels that it was told to use, and what its note names. Mesa's RADV and `ROCm` 6 with
/// hipBLASLt are the usual ones of llama.cpp on AMD.
pub(super) fn builds(series: &Series) -> Vec<&str> {
    if let Some(kernels) = &series.linear_backend {
        return vec![kernels];
    }
    let Some(note) = series.citation.note.as_deref() else {
        return Vec::new();
    };
    match series.backend.as_str() {
        "vulkan" | "rocm" => amd_builds(&series.backend, note),
        _ => named_build(note).into_iter().collect(),
    }
}

/// The same of llama.cpp on an AMD device.
fn amd_builds(backend: &str, note: &str) -> Vec<&'static str> {
    let name = named_build(note).unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let found = if backend == "vulkan" {
        vec![
            ("amdvlk", says(&["amdvlk"])),
            ("driver unnamed", name.split(' ').next() == Some("vulkan")),
        ]
    } else {
        // One source says when the faster library is on, another when it is off.
        let stated = name.starts_with("hip") || name.starts_with("rocwmma");
        let off = says(&["hblt0"]) || stated && !says(&["hipblaslt"]);
        vec![
            ("hipblaslt off", off),
            ("rocwmma", says(&["rocwmma"])),
            ("rocm 7", says(&["rocm7", "rocm-7"])),
        ]
    };
    let named = found.into_iter().filter(|(_, says)| *says);
    named.map(|(name, _)| name).collect()
}

/// The build that a note names, as in `build llama.cpp-hip` or `env=vulkan_radv`.
fn named_build(note: &str) -> Option<&str> {
    let name = note.split("; ").find_map(|part| {
        let (word, name) = part.split_once([' ', '='])?;
        ["build", "env", "toolbox"].contains(&word).then_some(name)
    })?;
    Some(
        name.trim_start_matches("llama.cpp-")
            .trim_start_matches("llama-"),
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
    use super::{amd_builds, die};

    #[test]
    fn builds_of_amd_notes() {
        for (backend, note, expected) in [
            ("rocm", "build llama.cpp-hip", &["hipblaslt off"][..]),
            ("rocm", "build=llama.cpp-hip fa hipblaslt; bytes", &[]),
            (
                "rocm",
                "build llama.cpp-rocwmma",
                &["hipblaslt off", "rocwmma"],
            ),
            ("rocm", "env rocm6_4_3-hblt0", &["hipblaslt off"]),
            (
                "rocm",
                "file labelled F16; env=rocm7-nightlies",
                &["rocm 7"],
            ),
            ("rocm", "toolbox llama-rocm-7.2.4; default", &["rocm 7"]),
            ("vulkan", "env vulkan_amdvlk", &["amdvlk"]),
            ("vulkan", "toolbox vulkan-radv", &[]),
            ("vulkan", "RADV Mesa 26.0.2; AMDVLK is slower", &[]),
            (
                "vulkan",
                "build llama.cpp-vulkan -b 256",
                &["driver unnamed"],
            ),
        ] {
            assert_eq!(amd_builds(backend, note), expected, "{note}");
        }
    }

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

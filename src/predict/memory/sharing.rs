//! Sharing layers out over devices: whole, one device after another, or each divided.

use std::ops::Range;

use crate::model::{Layer, Mixer};
use crate::units::Bytes;

use super::placement::DeviceShare;

/// The bytes that a layer brings with it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LayerBytes {
    pub weights: Bytes,
    pub kv: Bytes,
    pub recurrent: Bytes,
}

impl LayerBytes {
    /// All of them.
    fn all(&self) -> Bytes {
        self.weights + self.kv + self.recurrent
    }
}

/// A whole copy on one device.
pub(super) fn whole(layers: &[LayerBytes]) -> DeviceShare {
    let mut share = DeviceShare {
        layers: layers.len() as u32,
        ..DeviceShare::default()
    };
    for layer in layers {
        add_layer(&mut share, layer);
    }
    share
}

fn add_layer(share: &mut DeviceShare, layer: &LayerBytes) {
    share.weights += layer.weights;
    share.kv += layer.kv;
    share.recurrent += layer.recurrent;
}

/// Contiguous runs of layers, the fullest device as empty as possible; the
/// head lies on the last.
pub(super) fn by_layers(layers: &[LayerBytes], head: Bytes, count: u32) -> Vec<DeviceShare> {
    let total = layers.iter().map(LayerBytes::all).sum::<Bytes>() + head;
    let (mut low, mut high) = (total.0 / u64::from(count), total.0);
    while low < high {
        let middle = low + (high - low) / 2;
        if pack(layers, head, count, Bytes(middle)).is_some() {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    pack(layers, head, count, Bytes(high)).unwrap_or_default()
}

/// Fills device after device up to a limit; none if the layers do not go in.
fn pack(layers: &[LayerBytes], head: Bytes, count: u32, limit: Bytes) -> Option<Vec<DeviceShare>> {
    let mut devices = vec![DeviceShare::default(); count as usize];
    let filled = |share: &DeviceShare| share.weights + share.kv + share.recurrent;
    let mut current = 0;
    for layer in layers {
        while filled(devices.get(current)?) + layer.all() > limit {
            current += 1;
            devices.get(current)?;
        }
        let device = devices.get_mut(current)?;
        add_layer(device, layer);
        device.layers += 1;
    }
    let last = devices.last_mut()?;
    if filled(last) + head > limit {
        return None;
    }
    last.weights += head;
    Some(devices)
}

/// The share of one device in a tensor split: weights divided, the cache of each layer by
/// its KV heads as far as there are any left to divide (a latent cache is whole on each).
pub(super) fn tensor_share(
    layers: &[LayerBytes],
    mixers: &[Layer],
    head: Bytes,
    count: u32,
) -> DeviceShare {
    let mut share = whole(layers);
    share.weights += head;
    let n = u64::from(count);
    share.weights = Bytes(share.weights.0.div_ceil(n));
    share.recurrent = Bytes(share.recurrent.0.div_ceil(n));
    share.kv = layers
        .iter()
        .zip(mixers)
        .map(|(bytes, layer)| Bytes(bytes.kv.0.div_ceil(u64::from(cache_parts(layer, count)))))
        .sum();
    share
}

/// Into how many parts a layer's cache divides over so many devices: each KV head lies on
/// one device, or on several where there are fewer heads than devices.
pub(super) fn cache_parts(layer: &Layer, count: u32) -> u32 {
    match layer.mixer {
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
            count.min(heads.kv).max(1)
        }
        Mixer::Latent(_) | Mixer::Recurrent(_) | Mixer::None => 1,
    }
}

/// The layers that each device holds, as ranges from the first that any does.
pub(super) fn runs_of(devices: &[DeviceShare], first: usize) -> Vec<Range<usize>> {
    let mut start = first;
    devices
        .iter()
        .map(|device| {
            let end = start + device.layers as usize;
            let run = start..end;
            start = end;
            run
        })
        .collect()
}
